"""Duties fall due for the right clients and machines, once each, and never stack."""

from datetime import date

import pytest

from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.upkeep import planning
from rounds.upkeep.models import Duty, Routine
from rounds.upkeep.proving import Outcome, Told, leave_evidence
from rounds.upkeep.routines import DEFAULTS, add_default_routines, begin, change, stop
from tests.upkeep.conftest import AT, DAY, MONDAY, Begin


def plan(day: date = MONDAY) -> list[tuple[str, str, date]]:
    """Plan a day, twice; the duties that are open: of whom, of what, due when."""
    planning.pull(day)
    assert planning.pull(day) == 0
    rows = Duty.objects.still_open().order_by("pk")
    return [(duty.client.name, duty.machine.name if duty.machine else "", duty.due_on) for duty in rows]


def test_a_duty_is_made_for_a_client_and_not_twice(agreed: Client, routine: Begin) -> None:
    routine()

    assert plan() == [("Northside Dental", "", MONDAY)]


@pytest.mark.parametrize(
    ("per", "machines"), [("server", ["SRV01"]), ("workstation", ["PC-07"]), ("machine", ["PC-07", "SRV01"])]
)
def test_a_duty_is_made_on_each_machine_of_its_kind(
    agreed: Client, routine: Begin, per: str, machines: list[str]
) -> None:
    site = Site.objects.get(client=agreed)
    Machine.objects.create(site=site, name="PC-07", kind="workstation", added_at=AT - DAY)
    Machine.objects.create(site=site, name="SWITCH", kind="device", added_at=AT - DAY)
    Machine.objects.create(site=site, name="OLD", kind="server", added_at=AT - DAY, retired_at=AT)
    routine(per=per)

    assert sorted(machine for _, machine, _ in plan()) == machines


def test_a_routine_is_for_the_plans_it_names(agreed: Client, elm: Client, routine: Begin) -> None:
    Client.objects.filter(pk=elm.pk).update(since=AT - DAY)
    routine(plans=["service-agreement", "call-first"])

    assert [client for client, _, _ in plan()] == ["Northside Dental"]


def test_the_shop_looks_after_its_own_machines_without_an_agreement(elm: Client, routine: Begin) -> None:
    Client.objects.filter(pk=elm.pk).update(since=AT - DAY, is_own=True)
    routine(plans=["service-agreement"])

    assert [client for client, _, _ in plan()] == ["Elm St Law"]


def test_a_client_who_left_has_no_duties(agreed: Client, routine: Begin) -> None:
    routine()
    plan()
    Client.objects.filter(pk=agreed.pk).update(left_at=AT)

    assert plan(MONDAY + 7 * DAY) == []


def test_an_open_duty_becomes_late_and_is_not_joined_by_another(agreed: Client, routine: Begin, theo: User) -> None:
    routine("daily")
    plan()
    assert plan(MONDAY + 3 * DAY) == [("Northside Dental", "", MONDAY)]

    leave_evidence(Duty.objects.get(), Told(Outcome.DONE), by=theo, at=AT + 3 * DAY)
    assert plan(MONDAY + 3 * DAY) == [("Northside Dental", "", MONDAY + 3 * DAY)]
    assert Duty.objects.still_open().get().missed == 2


def test_dust_makes_cleaning_due_sooner(agreed: Client, routine: Begin, srv01: Machine, theo: User) -> None:
    Site.objects.filter(client=agreed).update(environment="dusty")
    routine("by environment", per="machine", is_floating=True)
    plan()
    leave_evidence(Duty.objects.get(), Told(Outcome.DONE), by=theo, at=AT)

    assert plan(date(2026, 7, 12)) == []
    assert plan(date(2026, 7, 13)) == [("Northside Dental", "SRV01", date(2026, 7, 13))]


def test_a_changed_routine_goes_on_where_the_old_one_was(agreed: Client, routine: Begin, theo: User) -> None:
    old = routine("weekly")
    plan()

    new = change(old, Routine(name="Look at it", cadence="monthly", starts=MONDAY + DAY), at=AT)
    assert plan(MONDAY + DAY) == [("Northside Dental", "", MONDAY)]  # the open one counts

    leave_evidence(Duty.objects.get(), Told(Outcome.DONE), by=theo, at=AT + DAY)
    assert plan(MONDAY + DAY) == [("Northside Dental", "", MONDAY + DAY)]
    assert Duty.objects.still_open().get().routine == new
    with pytest.raises(Refused, match="changed or stopped meanwhile"):
        change(old, Routine(name="Look at it", cadence="daily", starts=MONDAY), at=AT)


def test_a_stopped_routine_leaves_nothing_to_do(agreed: Client, routine: Begin) -> None:
    old = routine("weekly")
    plan()
    new = change(old, Routine(name="Look at it", cadence="daily", starts=MONDAY + DAY), at=AT)
    stop(new, at=AT)

    assert plan(MONDAY + 30 * DAY) == []


def test_two_running_routines_have_two_names(agreed: Client, routine: Begin) -> None:
    routine()

    with pytest.raises(Refused, match="there is a running routine"):
        begin(Routine(name="Look at it", cadence="daily", starts=MONDAY))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"cadence": "often"}, "is not a cadence"),
        ({"job": "format-disk", "per": "server"}, "agents know no job"),
        ({"job": "restore-files"}, "done by a machine's agent"),
        ({"job": "restore-files", "per": "server", "job_params": {"count": 0}}, "from 1 to 100 files"),
    ],
)
def test_a_routine_that_makes_no_sense_is_refused(shop: object, told: dict[str, object], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        begin(Routine(**{"name": "It", "cadence": "daily", "starts": MONDAY, **told}))

    assert not Routine.objects.exists()


def test_a_new_shop_begins_with_what_the_trade_does_and_only_once(agreed: Client) -> None:
    assert add_default_routines(MONDAY) == len(DEFAULTS)
    assert add_default_routines(MONDAY) == 0

    due_today = {duty.routine.name for duty in Duty.objects.all()} if plan() else set()
    assert due_today == {"Backup logs", "Daily report", "Restore random files"}
    plan(date(2026, 5, 1))
    assert "Updates" in {duty.routine.name for duty in Duty.objects.still_open()}
