"""Statements that are written once: the database reads each once, and what it refuses is refused as Django says it."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from rounds.agents.models import Chunk
from rounds.clients.models import Client
from rounds.rows import prepared
from rounds.rows.inserting import insert_values
from rounds.rows.updating import update_row

AT = datetime(2005, 4, 4, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_what_is_refused_is_refused_in_djangos_words(northside: Client) -> None:
    with pytest.raises(IntegrityError):
        insert_values(Client, ("id", "name", "since"), [(northside.pk, "Again", AT)])


@pytest.mark.django_db
def test_a_statement_is_read_once_by_a_database_that_can_keep_it(northside: Client) -> None:
    for name in ("North", "Northside", "Northside Dental", "Northside"):
        assert update_row(Client, {"id": northside.pk}, name=name)

    northside.refresh_from_db()
    assert northside.name == "Northside"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE %%clients_client%%'"
            )
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_its_statements_are_counted_with_all_others(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(1), prepared.cursor() as cursor:  # type: ignore[operator]
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_bytes_come_as_they_are_kept() -> None:
    body = bytes(range(256))
    Chunk.objects.create(pk=7, body=body)

    with prepared.cursor(is_binary=True) as cursor:
        cursor.execute("SELECT id, body FROM agents_chunk WHERE id BETWEEN %s AND %s", (1, 7))
        ((key, came),) = cursor.fetchall()

    assert (key, bytes(came)) == (7, body)
