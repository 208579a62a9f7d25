"""Sealing: figures go into chunks, rows go, numbers stay known; twice, late or by two at once it changes no more."""

import json
import random
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from rounds.agents import chunks, history, reading, sealing
from rounds.agents.figures import ALL, Names
from rounds.agents.models import Agent, CheckIn, Chunk, Cursor, OpenDay, Retention, SealedNumbers
from rounds.agents.numbering import highest_of, note_numbers
from rounds.agents.reading import milliseconds
from rounds.agents.storage import DAY, HOUR, STEPS, Asked, Overtaken
from rounds.clients.models import Machine
from rounds.core.packing import Table
from tests.agents.front import Running, check_in, enrolled

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
TWO_IN_THE_NIGHT = MIDNIGHT + timedelta(days=1, hours=2)


@pytest.fixture
def agent(srv01: Machine) -> Agent:
    return enrolled(srv01)[0]


def _body(load: float, **more: object) -> bytes:
    disks = {"/srv": {"used_percent": 50.0, "free_bytes": 1e9}}
    return zlib.compress(json.dumps({"v": 1, "samples": {"load.1": load}, "disks": disks, **more}).encode())


def _keep(agent: Agent, minutes: Iterable[int], *, epoch: int = 1) -> None:
    """Check-ins taken so many minutes after midnight; a minute is a number, and the load."""
    CheckIn.objects.bulk_create(
        CheckIn(
            agent=agent,
            epoch=epoch,
            number=minute + 1,
            taken_at=MIDNIGHT + timedelta(minutes=minute),
            received_at=MIDNIGHT + timedelta(minutes=minute),
            body=_body(float(minute), epoch=epoch, number=minute + 1, taken_at=MIDNIGHT.isoformat()),
        )
        for minute in minutes
    )
    reading.pull()


def _asked(*, days: int = 1, step: int = 0, names: Names = ALL) -> Asked:
    since = milliseconds(MIDNIGHT)
    return Asked(since, since + days * DAY, step, names)


def _seal(at: datetime = TWO_IN_THE_NIGHT) -> int:
    return sealing.pull(at, seconds=60)


def test_a_day_is_sealed_two_hours_after_its_end(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(1440))
    before = history.read(srv01.pk, _asked())

    too_soon = _seal(TWO_IN_THE_NIGHT - timedelta(minutes=1))
    sealed, again = _seal(), _seal()

    assert (too_soon, sealed, again) == (0, 1, 0)
    assert not CheckIn.objects.exists()
    assert Chunk.objects.count() == 1 + len(STEPS)
    assert history.read(srv01.pk, _asked()) == before
    assert before.series("load.1")[-1] == (milliseconds(MIDNIGHT) / 1000 + 1439 * 60, 1439.0)
    assert set(before.columns) == {"load.1", "disk.used_percent@/srv", "disk.free_bytes@/srv"}


def test_what_a_reader_has_not_read_is_not_sealed(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(10))
    third = CheckIn.objects.order_by("pk")[2].pk
    Cursor.objects.create(reader="findings", last_id=third)

    _seal()

    assert CheckIn.objects.count() == 7
    assert len(history.read(srv01.pk, _asked()).times) == 10


def test_rows_and_chunks_are_read_as_one(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(2000))

    _seal()

    assert CheckIn.objects.count() == 560
    told = history.read(srv01.pk, _asked(days=2, names=Names(exact=("load.1",))))
    assert told.columns == {"load.1": [float(minute) for minute in range(2000)]}


def test_rows_and_chunks_are_asked_for_in_one_question(
    agent: Agent, srv01: Machine, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _keep(agent, range(2000))
    _seal()
    history.read(srv01.pk, _asked(days=2))

    with django_assert_num_queries(1):
        told = history.read(srv01.pk, _asked(days=2))

    assert len(told.times) == 2000


@pytest.mark.parametrize("step", [0, *STEPS])
def test_a_span_without_length_has_nothing_in_it(agent: Agent, srv01: Machine, step: int) -> None:
    _keep(agent, range(2000))
    _seal()
    noon = milliseconds(MIDNIGHT) + DAY // 2 + 90_000

    assert not history.read(srv01.pk, Asked(noon, noon, step)).times
    assert not history.read(srv01.pk, Asked(noon, noon - 60_000, step)).times


def test_what_comes_late_is_sealed_beside_what_is_there(agent: Agent, srv01: Machine) -> None:
    late = random.Random(1).sample(range(1440), 400)  # noqa: S311
    _keep(agent, [minute for minute in range(1440) if minute not in late])
    _seal()
    _keep(agent, late[:200])
    _seal()
    _keep(agent, late[200:])
    while_waiting = history.read(srv01.pk, _asked())

    _seal()

    assert history.read(srv01.pk, _asked()) == while_waiting
    assert while_waiting.columns["load.1"] == [float(minute) for minute in range(1440)]
    day = history.read(srv01.pk, _asked(step=DAY))
    assert (day.columns["load.1|min"], day.columns["load.1|max"]) == ([0.0], [1439.0])
    assert list(SealedNumbers.objects.values_list("first", "last")) == [(1, 1440)]


def test_a_day_is_open_again_when_something_of_it_comes_late(agent: Agent) -> None:
    _keep(agent, range(3))
    _seal()
    assert not OpenDay.objects.exists()

    _keep(agent, [7])

    assert list(OpenDay.objects.values_list("agent", "day")) == [(agent.pk, milliseconds(MIDNIGHT) // DAY)]
    assert (_seal(), _seal()) == (1, 0)
    assert not OpenDay.objects.exists()


def test_a_day_of_which_something_came_while_it_was_sealed_stays_open(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(agent, range(3))
    seal_day = sealing.seal_day

    def come_meanwhile(machine_id: int, day: int, rows: Sequence[sealing.Row]) -> None:
        seal_day(machine_id, day, rows)
        _keep(agent, [5])  # read at once; its day is noted already, so nothing is noted anew

    monkeypatch.setattr(sealing, "seal_day", come_meanwhile)
    _seal()
    monkeypatch.undo()

    assert OpenDay.objects.count() == 1
    assert (_seal(), CheckIn.objects.count(), OpenDay.objects.count()) == (1, 0, 0)


def test_days_of_check_ins_from_before_days_were_noted_are_noted_by_the_migration(agent: Agent) -> None:
    _keep(agent, [0, 1, 1440, 4000])
    noted = set(OpenDay.objects.values_list("agent", "day"))
    OpenDay.objects.all().delete()

    import_module("rounds.agents.migrations.0007_glances_and_open_days").note_open_days(apps, None)

    assert set(OpenDay.objects.values_list("agent", "day")) == noted
    assert len(noted) == 3


@pytest.mark.parametrize("step", STEPS)
def test_rolled_up_figures_are_the_same_before_and_after_sealing(agent: Agent, srv01: Machine, step: int) -> None:
    _keep(agent, [*range(1440), *range(1500, 3000)])
    before = history.read(srv01.pk, _asked(days=3, step=step))

    _seal(TWO_IN_THE_NIGHT + timedelta(days=1))

    assert history.read(srv01.pk, _asked(days=3, step=step)) == before
    assert len(before.times) == {300_000: 588, HOUR: 49, DAY: 3}[step]


def test_days_of_two_months_lie_in_one_line(agent: Agent, srv01: Machine) -> None:
    _keep(agent, [1440 * day for day in range(70)])

    _seal(MIDNIGHT + timedelta(days=71))

    days = history.read(srv01.pk, _asked(days=70, step=DAY))
    assert days.columns["load.1|last"] == [1440.0 * day for day in range(70)]


def test_a_number_that_was_sealed_away_is_acknowledged_and_not_kept_again(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    day = datetime.now(UTC) - timedelta(days=2)
    for number in (1, 2, 4):
        assert front.send(secret, check_in(number, taken_at=day))[0] == 200
    reading.pull()
    assert sealing.pull(datetime.now(UTC), seconds=60) == 1

    answers = [front.send(secret, check_in(number, taken_at=day)) for number in (4, 3, 2, 1, 5)]
    anew, _ = front.send(secret, check_in(4, taken_at=day, epoch=2))

    assert [status for status, _ in answers] == [200] * 5
    assert anew == 200
    assert sorted(CheckIn.objects.values_list("epoch", "number")) == [(1, 3), (1, 5), (2, 4)]
    assert highest_of(agent.pk) == (2, 4)


def test_the_highest_number_is_known_when_all_rows_are_sealed_away(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    with transaction.atomic():
        note_numbers([(agent.pk, 1, number) for number in range(1, 501)])

    _, answer = front.send(secret, check_in(7))

    assert (answer["received"], answer["highest"]) == (7, 500)
    assert not CheckIn.objects.exists()


def test_two_who_seal_the_same_day_keep_it_once(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(60))
    columns = ("pk", "agent_id", "epoch", "number", "taken_at", "body")
    rows = list(CheckIn.objects.order_by("taken_at").values_list(*columns))
    day = (MIDNIGHT - reading.EPOCH).days
    sealing.seal_day(srv01.pk, day, rows)

    with pytest.raises(Overtaken):
        sealing.seal_day(srv01.pk, day, rows)

    assert history.read(srv01.pk, _asked()).columns["load.1"] == [float(minute) for minute in range(60)]
    assert set(Chunk.objects.values_list("version", flat=True)) == {1}


def test_who_was_overtaken_while_packing_keeps_nothing(agent: Agent, srv01: Machine) -> None:
    day, at = (MIDNIGHT - reading.EPOCH).days, milliseconds(MIDNIGHT)
    one, other = (
        chunks.Chunks().append(srv01.pk, day, Table([at + minute], {"load.1": [1.0]})) for minute in (0, 60_000)
    )
    with transaction.atomic():
        one()

    with pytest.raises(Overtaken), transaction.atomic():
        other()

    assert list(history.read(srv01.pk, _asked()).times) == [at]


def test_a_machine_that_another_process_seals_is_left_to_it(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(60))
    sealing._claim(srv01.pk, TWO_IN_THE_NIGHT)

    meanwhile, after_its_turn = _seal(TWO_IN_THE_NIGHT), _seal(TWO_IN_THE_NIGHT + sealing.TURN)

    assert (meanwhile, after_its_turn) == (0, 1)


def test_what_is_older_than_it_is_kept_goes_and_days_stay(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(60))
    _seal()

    kept_until = [chunks.age(MIDNIGHT + timedelta(days=days)) for days in (90, 91, 395, 397, 9000)]

    assert kept_until == [0, 1, 0, 2, 0]
    assert history.read(srv01.pk, _asked(step=DAY)).columns["load.1|max"] == [59.0]


def test_the_shop_says_how_long(agent: Agent, srv01: Machine) -> None:
    _keep(agent, range(60))
    _seal()
    Retention.objects.create(pk=1, raw_days=10, rolled_months=1, day_years=1)

    assert chunks.age(MIDNIGHT + timedelta(days=11)) == 1
    assert chunks.age(MIDNIGHT + timedelta(days=500)) == 3
