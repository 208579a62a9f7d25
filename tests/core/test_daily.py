"""The daily report: its hour on every clock, its rows from what is known of machines; what is missing is not well."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core import daily_machines
from rounds.core.daily import (
    MISSING,
    MOST_ROWS,
    PLAIN,
    SOON,
    TROUBLE,
    WELL,
    WORST_FIRST,
    Row,
    Section,
    days_between,
    due_at,
    last_due,
    section,
    verdict,
    worst,
)
from rounds.core.daily_doings import Changed, Found, about, changes, done, findings
from rounds.core.daily_machines import Look, Seen, Told, Wrong, disks, is_heard

MORNINGS = sorted((Path(__file__).parent / "mornings").glob("*.toml"))
SHAPES = {TROUBLE: "●", SOON: "▲", MISSING: "–", WELL: "○", PLAIN: "·"}
NEW_YORK = ZoneInfo("America/New_York")
UNTIL = datetime(2026, 4, 14, 10, tzinfo=UTC)
LOOK = Look(UNTIL - timedelta(days=1), UNTIL, NEW_YORK, date(2026, 4, 13))


def _sections(told: dict[str, Any], look: Look) -> dict[str, Section]:
    machines = [
        Seen(**{**one, "wrong": tuple(Wrong(**row) for row in one.get("wrong", ()))}) for one in told["machine"]
    ]
    mails = [Told(**one) for one in told.get("mail", ())]
    made = [
        daily_machines.backups(machines, mails, look),
        daily_machines.antivirus(machines, [], look),
        daily_machines.updates(machines, look),
        daily_machines.disks(machines, look),
        daily_machines.heard(machines, look),
        daily_machines.usage(machines, look),
    ]
    return {one.name: one for one in made}


def _lines(one: Section) -> list[str]:
    return [one.words, *(f"{SHAPES[row.state]} {row.what}: {row.words}" for row in one.rows)]


def test_there_are_worked_mornings() -> None:
    assert len(MORNINGS) >= 4


@pytest.mark.parametrize("path", MORNINGS, ids=lambda path: path.stem)
def test_a_morning_is_told_as_written_down(path: Path) -> None:
    told = tomllib.loads(path.read_text())
    look = Look(told["since"], told["until"], ZoneInfo(told["zone"]), (told["until"] - timedelta(days=1)).date())

    made = _sections(told, look)

    assert {name: _lines(made[name]) for name in told["section"]} == told["section"]
    if "verdict" in told:
        summed = verdict(list(made.values()))
        assert f"{summed.state}: {summed.words}" == told["verdict"]


def test_a_disk_that_fills_says_in_how_many_days() -> None:
    days = {date(2026, 4, 14) - timedelta(days=number): 80.0 - number for number in range(30)}
    wrong = (Wrong("disk-filling", "soon", "/srv is full in 19–21 days"),)
    srv = Seen(name="SRV01", seen_at=UNTIL, disks={"/srv": {"used_percent": 80.0}}, maxima={"/srv": days}, wrong=wrong)

    (row,) = disks([srv], LOOK).rows

    assert row == Row(SOON, "SRV01", "/srv 80 % full; /srv is full in 20 days")


@given(
    st.integers(0, 366 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.times(),
    st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Asia/Kolkata"]
    ),
)
def test_each_clock_has_a_last_hour_that_is_a_day_old_at_most(now: datetime, clock: time, name: str) -> None:
    zone = ZoneInfo(name)

    day, at = last_due(now, clock, zone)

    assert at <= now < due_at(day + timedelta(days=1), clock, zone)
    assert timedelta(0) <= now - at <= timedelta(hours=25)


@given(st.times(), st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]))
def test_over_a_year_each_day_has_its_hour_once(clock: time, name: str) -> None:
    zone, first = ZoneInfo(name), date(2026, 1, 1)

    moments = [due_at(first + timedelta(days=number), clock, zone) for number in range(370)]

    assert moments == sorted(set(moments))
    assert {last_due(at, clock, zone) for at in moments} == {
        (first + timedelta(days=number), at) for number, at in enumerate(moments)
    }


def test_an_hour_that_the_clock_skips_comes_when_it_would_have_and_one_that_comes_twice_counts_once() -> None:
    skipped = due_at(date(2026, 3, 8), time(2, 30), NEW_YORK)
    twice = due_at(date(2026, 11, 1), time(1, 30), NEW_YORK)

    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert f"{skipped.astimezone(NEW_YORK):%H:%M}" == "03:30"
    assert twice == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert last_due(twice + timedelta(hours=1), time(1, 30), NEW_YORK) == (date(2026, 11, 1), twice)


def test_days_without_a_report_lie_between_two_reports() -> None:
    assert days_between(None, date(2026, 4, 14)) == []
    assert days_between(date(2026, 4, 13), date(2026, 4, 14)) == []
    assert days_between(date(2026, 4, 11), date(2026, 4, 14)) == [date(2026, 4, 12), date(2026, 4, 13)]


rows = st.builds(Row, st.sampled_from(WORST_FIRST), st.text(max_size=5), st.text(max_size=5))


@given(st.lists(rows))
def test_a_report_is_well_only_if_something_is_and_nothing_is_otherwise(listed: list[Row]) -> None:
    made = section("any", "Any", listed)
    summed = verdict([made])

    states = {row.state for row in listed}
    assert (summed.state == WELL) == (WELL in states and states <= {WELL, PLAIN})
    by_name: dict[object, set[str]] = {}
    for row in listed:
        by_name.setdefault(row.what or id(row), set()).add(row.state)
    assert (summed.trouble, summed.soon, summed.missing) == tuple(
        sum(worst(states) == state for states in by_name.values()) for state in (TROUBLE, SOON, MISSING)
    )
    assert Section.from_json(made.as_json()) == made
    assert sorted(map(repr, [*made.shown, *made.folded])) == sorted(map(repr, made.rows))


def test_of_very_many_rows_the_worst_are_shown_and_the_rest_is_counted_as_bad_as_it_is() -> None:
    made = section("any", "Any", [Row(WELL, str(n), "well") for n in range(300)] + [Row(SOON, "x", "late")])

    assert len(made.rows) == MOST_ROWS + 1
    assert (made.rows[0].what, made.rows[-1]) == ("x", Row(WELL, "", "and 101 more"))
    assert made.words == "1 to look at, 300 well"
    assert worst([]) == PLAIN


def test_nothing_watched_is_not_well() -> None:
    assert verdict([done([])]).state == MISSING
    assert verdict([done([("Mail does not arrive", "30 min")])]).words == "Nothing is watched"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["runs", "products", "last_at", "error", "bytes", "is_active", "signatures_at", "pending",
                         "security", "needed", "lists_at", "booted_at", "product", "family"]), inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["os", "boot", "updates", "reboot", "antivirus", "backups"]), ANY))
def test_whatever_an_agent_tells_gives_a_report(facts: dict[str, Any]) -> None:
    machine = Seen(name="SRV01", seen_at=UNTIL, facts=facts)

    made = [
        daily_machines.backups([machine], [], LOOK), daily_machines.antivirus([machine], [], LOOK),
        daily_machines.updates([machine], LOOK), daily_machines.heard([machine], LOOK),
    ]  # fmt: skip

    assert all(row.what == "SRV01" for one in made for row in one.rows)


@given(
    st.sampled_from(["server", "workstation", "device"]),
    st.booleans(),
    st.booleans(),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_a_machine_that_is_not_heard_is_well_in_no_section(
    kind: str,
    has_agent: bool,  # noqa: FBT001
    is_silent: bool,  # noqa: FBT001
    ago: timedelta | None,
) -> None:
    machine = Seen(
        name="M", kind=kind, has_agent=has_agent, is_silent=is_silent, seen_at=UNTIL - ago if ago is not None else None,
        disks={"/": {"used_percent": 10.0}}, samples={"processor.percent": 1.0},
        facts={"updates": {"pending": 0, "security": 0}, "backups": {"runs": [{"last_at": UNTIL.isoformat()}]},
               "antivirus": {"products": [{"is_active": True, "signatures_at": UNTIL.isoformat()}]}},
    )  # fmt: skip

    made = _sections({"machine": []}, LOOK).keys()
    sections = [
        daily_machines.backups([machine], [], LOOK), daily_machines.antivirus([machine], [], LOOK),
        daily_machines.updates([machine], LOOK), daily_machines.disks([machine], LOOK),
        daily_machines.heard([machine], LOOK), daily_machines.usage([machine], LOOK),
    ]  # fmt: skip

    assert {one.name for one in sections} == set(made)
    if not is_heard(machine, LOOK):
        assert WELL not in {row.state for one in sections for row in one.rows}
        assert kind == "device" or any(row.state == MISSING for one in sections for row in one.rows)


def test_what_is_wrong_in_several_ways_counts_once() -> None:
    disk = section("disks", "Disks", [Row(TROUBLE, "SRV01", "full"), Row(MISSING, "PC-01", "missing")])
    found = section(
        "findings", "Open findings", [Row(TROUBLE, "SRV01", "full"), Row(SOON, "", "late"), Row(SOON, "", "so")]
    )

    assert verdict([disk, found]).words == "1 in trouble, 2 to look at, 1 missing"


def test_programs_that_mail_are_counted_to_what_their_name_says() -> None:
    assert about("Backup of SRV01") == about("Veeam at the office") == "backups"
    assert about("Trend Micro console") == about("Anti-virus") == "antivirus"
    assert about("UPS in the rack") == "mail"


def test_findings_say_what_is_new_and_what_is_over() -> None:
    old = Found("SRV01", "/var is 93 % full", TROUBLE, UNTIL - timedelta(days=3))
    new = Found("", "Main office is offline", TROUBLE, UNTIL - timedelta(hours=2))
    over = Found("PC-01", "Memory is short", SOON, UNTIL - timedelta(days=2), UNTIL - timedelta(hours=1))

    made = findings([old, new], [over], LOOK)

    assert [(row.state, row.what, row.words) for row in made.rows] == [
        (TROUBLE, "SRV01", "/var is 93 % full, since Sat 06:00"),
        (TROUBLE, "", "new: Main office is offline, since 04:00"),
        (PLAIN, "PC-01", "over: Memory is short"),
    ]
    assert findings([], [], LOOK).words == "nothing is wrong that is measured"


def test_changes_are_told_machine_by_machine_and_not_without_end() -> None:
    many = Changed("SRV01", UNTIL - timedelta(hours=3), "Software", [f"package {n} installed" for n in range(9)])
    admin = Changed("PC-01", UNTIL - timedelta(hours=4), "Administrators", ["eve may administer it now"])

    made = changes([many, admin], [("SRV01", 2, "disk sda: read error")], LOOK)

    assert [f"{row.what}: {row.words}" for row in made.rows] == [
        "PC-01: 02:00 Administrators: eve may administer it now",
        "SRV01: 03:00 Software: package 0 installed; package 1 installed; package 2 installed; package 3 installed; "
        "and 5 more",
        "SRV01: 2 important events in its log, the last: disk sda: read error",
    ]
    assert changes([], [], LOOK).words == "none"
