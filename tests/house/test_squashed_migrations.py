"""Migrations that replace others lead to the same models, and on from wherever a database of before stands."""

from collections import Counter

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.faults.migrated import as_before

type Key = tuple[str, str]


def _left() -> list[Key]:
    """What a database still needs, each by the names of before."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    return [key for step in plan for key in (step.replaces or [(step.app_label, step.name)])]


@pytest.mark.django_db
def test_what_replaces_others_makes_the_same_models() -> None:
    loader = MigrationLoader(connection)
    before, now = as_before().project_state(), loader.project_state()

    assert MigrationAutodetector(before, now).changes(loader.graph) == {}
    assert len(now.models) > 100


@pytest.mark.django_db
def test_a_database_that_stands_anywhere_before_gets_what_it_lacks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = MigrationExecutor(connection)
    executor.loader = as_before()
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    every = [(step.app_label, step.name) for step, _ in steps]

    for count in range(len(every) + 1):
        had: dict[Key, Migration] = dict.fromkeys(every[:count], steps[0][0])
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _, had=had: dict(had))

        assert Counter(_left()) == Counter(every[count:]), every[:count][-1:]


@pytest.mark.django_db
def test_a_database_that_had_all_of_before_needs_nothing() -> None:
    replacing = MigrationLoader(connection).replacements
    for app, name in replacing:
        MigrationRecorder.Migration.objects.filter(app=app, name=name).delete()

    assert replacing
    assert _left() == []
