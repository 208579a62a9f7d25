"""What is unusual for an hour of the week: worked examples as a technician would write them, and the rest."""

import json
import re
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client as Browser

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn, Chunk
from rounds.agents.reading import milliseconds
from rounds.agents.storing import storage
from rounds.clients.models import Client, Machine
from rounds.core.packing import table_of
from rounds.findings import telling, unusual
from rounds.findings.limits import Scope, set_limit
from rounds.findings.models import Finding, UsualHours
from rounds.findings.telling_models import Channel, Message, Way
from rounds.people.models import Shop, User
from rounds.portal.seeing import machines_of
from tests.findings.conftest import enrol

EXAMPLES = sorted((Path(__file__).parent / "examples" / "unusual").glob("*.toml"))
MONDAY = datetime(2026, 4, 13, tzinfo=UTC)
HOUR, EVERY = timedelta(hours=1), timedelta(minutes=15)
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LINE = re.compile(r"(?P<day>\w+)(?:-(?P<last>\w+))? (?P<from>\d\d)-(?P<to>\d\d)\s+(?P<percent>[\d.]+) %")

type SignIn = Callable[[User], Browser]
type Hours = dict[int, float]  # hour of the week, the processor's percentage in it


def hours_of(text: str) -> Hours:
    """The hours that lines speak of; a later line wins over an earlier one."""
    found: Hours = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        said = LINE.fullmatch(line)
        assert said, f"cannot read “{line}”"
        first = WEEK.index(said["day"])
        for day in range(first, WEEK.index(said["last"] or said["day"]) + 1):
            hours = range(int(said["from"]), int(said["to"]))
            found |= {day * 24 + hour: float(said["percent"]) for hour in hours}
    return found


def seal_past(machine: Machine, hours: Hours, weeks: int) -> None:
    """The weeks before, as they were sealed: a little more or less from hour to hour."""
    for number in range(-7 * weeks, 0):
        day = MONDAY + timedelta(days=number)
        said = {hour: hours[day.weekday() * 24 + hour] for hour in range(24) if day.weekday() * 24 + hour in hours}
        rows = [
            (milliseconds(day + hour * HOUR + part * EVERY), {"processor.percent": percent + (hour + number) % 3 - 1})
            for hour, percent in said.items()
            for part in range(4)
        ]
        if rows:
            storage().append(machine.pk, milliseconds(day) // 86_400_000, table_of(rows))()


def say(agent: Agent, hour: datetime, percent: float, parts: Iterable[int] = range(4)) -> None:
    """An hour's check-ins."""
    last = CheckIn.objects.filter(agent=agent).count()
    for number, part in enumerate(parts, last + 1):
        at = hour + part * EVERY
        body = {
            "v": 1,
            "epoch": 1,
            "number": number,
            "taken_at": at.isoformat(),
            "samples": {"processor.percent": percent},
        }
        kept = zlib.compress(json.dumps(body).encode())
        CheckIn.objects.create(agent=agent, epoch=1, number=number, taken_at=at, received_at=at, body=kept)


def look(at: datetime) -> None:
    """As the ticker does it a quarter of an hour after the hour, twice: the second time there is nothing left to do."""
    reading.pull()
    unusual.pull(at + EVERY, seconds=60)
    kept = list(Finding.objects.values())
    assert unusual.pull(at + EVERY, seconds=60) == 0
    assert list(Finding.objects.values()) == kept


@pytest.fixture
def utc(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(time_zone="UTC")


def live_through(agent: Agent, hours: Hours) -> None:
    for hour, percent in sorted(hours.items()):
        say(agent, MONDAY + hour * HOUR, percent)
        look(MONDAY + (hour + 1) * HOUR)


def what_happened() -> Iterator[str]:
    lines = []
    for row in Finding.objects.all():
        lines.append((row.opened_at, f"opens   {row.title}"))
        if row.closed_at:
            lines.append((row.closed_at, f"closes  {row.title}"))
    for at, text in sorted(lines):
        yield f"{f'{at:%A %H:%M}':16} {text}"


QUIET = "Monday-Sunday 00-24 5 %"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_hours_come_to_what_is_written_down(path: Path, utc: None, srv01: Machine) -> None:
    told = tomllib.loads(path.read_text())
    seal_past(srv01, hours_of(told["usually"]), told["weeks"])

    live_through(enrol(srv01), hours_of(told["then"]))

    assert list(what_happened()) == [line.strip() for line in told["happens"].splitlines() if line.strip()]


def test_there_are_worked_examples() -> None:
    assert len(EXAMPLES) >= 3


def test_it_wakes_nobody_and_stands_in_the_digest_alone(utc: None, srv01: Machine, northside: Client) -> None:
    Client.objects.update(is_own=True)  # whose plan pays for watching
    kept = {"way": Way.MAIL, "address": "oncall@shop.example", "made_at": MONDAY}
    Channel.objects.create(name="Everything", at_once="all", digest_at="09:00", **kept)
    seal_past(srv01, hours_of(QUIET), 8)
    live_through(enrol(srv01), {1: 80.0})

    telling.pull(MONDAY + 3 * HOUR)
    in_the_night = Message.objects.count()
    telling.pull(MONDAY + 10 * HOUR)

    assert in_the_night == 0
    digest = Message.objects.get()
    assert "Processor unusual for Mondays at 01:00: 80 %" in digest.body
    assert not machines_of(northside, MONDAY + 3 * HOUR).wrong  # what may well be work does not worry the client


def test_it_can_be_switched_off_for_a_kind_of_machine_and_then_closes(utc: None, srv01: Machine) -> None:
    seal_past(srv01, hours_of(QUIET), 8)
    agent = enrol(srv01)
    live_through(agent, {1: 80.0})
    assert Finding.objects.still_open().count() == 1

    set_limit("unusual", {}, scope=Scope(kind=srv01.kind), is_off=True, by=None, at=MONDAY)
    live_through(agent, {2: 90.0})

    assert Finding.objects.get().evidence["closed"] == {"why": "this is no longer watched"}

    set_limit("unusual", {"hours": 2}, scope=Scope(machine=srv01), is_off=False, by=None, at=MONDAY)
    live_through(agent, {3: 95.0, 4: 95.0})

    again = Finding.objects.still_open().get()
    assert again.opened_at == MONDAY + 5 * HOUR


def test_a_narrower_range_holds_from_the_next_hour_on(utc: None, srv01: Machine) -> None:
    seal_past(srv01, hours_of(QUIET), 8)
    agent = enrol(srv01)
    live_through(agent, {1: 5.0})
    before = UsualHours.objects.get()

    set_limit("unusual", {"width": 60}, is_off=False, by=None, at=MONDAY)
    live_through(agent, {2: 5.0})

    after = UsualHours.objects.get()
    assert (before.width, after.width) == (6, 60)
    assert after.judged_until == MONDAY + 3 * HOUR


@pytest.mark.parametrize("parts", [[0], [0, 1, 2], []])
def test_an_hour_of_which_too_little_was_measured_is_not_judged(utc: None, srv01: Machine, parts: list[int]) -> None:
    seal_past(srv01, hours_of(QUIET), 8)
    agent = enrol(srv01)

    say(agent, MONDAY, 95.0, parts)
    look(MONDAY + HOUR)

    assert not Finding.objects.exists()


def test_a_machine_of_two_days_has_nothing_unusual(utc: None, srv01: Machine) -> None:
    agent = enrol(srv01)

    live_through(agent, {hour: 95.0 if hour % 7 == 0 else 4.0 for hour in range(40)})

    assert not Finding.objects.exists()


def test_a_damaged_chunk_does_not_hold_up_the_other_machines(utc: None, srv01: Machine, other_site: Machine) -> None:
    seal_past(srv01, hours_of(QUIET), 2)
    Chunk.objects.update(body=b"damaged")
    seal_past(other_site, hours_of(QUIET), 8)
    say(enrol(srv01), MONDAY, 95.0)
    say(enrol(other_site), MONDAY, 95.0)

    look(MONDAY + HOUR)

    assert [one.machine for one in Finding.objects.all()] == [other_site]


def test_the_page_shows_the_range_and_whose_limit_it_is(
    utc: None, as_person: SignIn, olga: User, srv01: Machine
) -> None:
    seal_past(srv01, hours_of(QUIET), 8)
    live_through(enrol(srv01), {1: 80.0})
    finding = Finding.objects.get()
    browser = as_person(olga)

    page = browser.get(f"/findings/{finding.pk}").content.decode()
    limit = browser.get("/findings/limits/unusual").content.decode()
    listed = browser.get("/findings/limits?kind=workstation").content.decode()

    assert "0–14 % on Mondays at 01:00" in page
    assert "80 %, the mean of an hour" in page
    assert "give or take 6 times its spread" in page
    assert "grey area" in page
    assert "Times the usual spread" in limit
    assert "Unusual" in listed


def test_the_page_does_not_exist_for_a_stranger(as_person: SignIn, stranger: User, srv01: Machine, utc: None) -> None:
    seal_past(srv01, hours_of(QUIET), 8)
    live_through(enrol(srv01), {1: 80.0})
    browser = as_person(stranger)

    assert browser.get(f"/findings/{Finding.objects.get().pk}").status_code == 404
