"""Whether somebody is told of a finding: taken on, put off, muted, in a window, flapping, part of something wider."""

from datetime import date, datetime, time, timedelta

import pytest

from rounds.clients.models import Agreement, Client, Machine, Site
from rounds.core.money import Refused
from rounds.core.quiet import Hold
from rounds.core.windows import Repeats, Window
from rounds.findings import attending, maintaining
from rounds.findings.holding import quiet_at, words
from rounds.findings.limits import Scope, limits_in, limits_of, set_limit
from rounds.findings.maintaining import Of
from rounds.findings.models import Finding
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.people.models import User
from rounds.work.models import Order
from rounds.work.timing import as_timed, start, stop
from tests.findings.conftest import MINUTE, NOON, Report
from tests.findings.test_finding import pull

HOUR = timedelta(hours=1)


@pytest.fixture
def full(srv01: Machine) -> Finding:
    return found(srv01)


def found(machine: Machine, at: datetime = NOON) -> Finding:
    cause = Cause(machine.site.client_id, machine.pk, "disk-full", "/var")
    return open_once(cause, Seen("/var is 94 % full", "trouble", at))[0]


def why(finding: Finding, at: datetime) -> Hold | None:
    held = quiet_at([finding], at).held(finding)
    return held.why if held else None


def test_of_a_full_disk_somebody_is_told_at_once(full: Finding) -> None:
    assert why(full, NOON) is None


def test_who_takes_a_finding_on_silences_it_until_he_gives_it_back(full: Finding, theo: User) -> None:
    attending.acknowledge(full, by=theo, at=NOON, note="cleaning up")
    assert why(full, NOON + 9 * HOUR) is Hold.ACKNOWLEDGED

    attending.resume(full, by=theo, at=NOON + 10 * HOUR)

    assert why(full, NOON + 10 * HOUR) is None
    with pytest.raises(Refused, match="nobody has taken this on"):
        attending.resume(full, by=theo, at=NOON + 11 * HOUR)


def test_what_is_put_off_comes_back_at_its_moment(full: Finding, theo: User) -> None:
    attending.snooze(full, NOON + 4 * HOUR, by=theo, at=NOON)

    assert why(full, NOON + 4 * HOUR - MINUTE) is Hold.SNOOZED
    assert why(full, NOON + 4 * HOUR) is None
    with pytest.raises(Refused, match="mute it with a reason"):
        attending.snooze(full, NOON + timedelta(days=60), by=theo, at=NOON)


def test_a_closed_finding_is_not_taken_on(full: Finding, theo: User) -> None:
    close(full, {}, at=NOON + HOUR)

    with pytest.raises(Refused, match="closed meanwhile"):
        attending.acknowledge(full, by=theo, at=NOON + HOUR)


def test_a_mute_holds_also_when_it_closes_and_opens_again(full: Finding, srv01: Machine, theo: User) -> None:
    with pytest.raises(Refused, match="say why"):
        attending.mute(full, "  ", until=None, by=theo, at=NOON)
    mute = attending.mute(full, "the client knows", until=None, by=theo, at=NOON)
    close(full, {}, at=NOON + HOUR)

    again = found(srv01, NOON + 2 * HOUR)

    assert why(again, NOON + 2 * HOUR) is Hold.MUTED
    quiet = quiet_at([again], NOON + 2 * HOUR)
    held = quiet.held(again)
    assert held is not None
    assert words(held, quiet, again) == "muted: the client knows"
    attending.lift(mute, by=theo, at=NOON + 3 * HOUR)
    attending.lift(mute, by=theo, at=NOON + 3 * HOUR)
    assert why(again, NOON + 3 * HOUR) is None


def test_a_mute_until_a_moment_ends_by_itself(full: Finding, theo: User) -> None:
    attending.mute(full, "until the new disk is in", until=NOON + 24 * HOUR, by=theo, at=NOON)

    assert why(full, NOON + 23 * HOUR) is Hold.MUTED
    assert why(full, NOON + 24 * HOUR) is None
    attending.mute(full, "it takes longer", until=None, by=theo, at=NOON + 25 * HOUR)


def test_what_began_inside_a_window_and_still_holds_is_told_at_its_end(full: Finding, olga: User) -> None:
    """Noon in UTC is 8 in the morning in New York."""
    window = Window(date(2026, 4, 14), time(7), 180)
    maintaining.plan(Of(client=full.client), window, "new switches", by=olga, at=NOON - 3 * HOUR)

    assert why(full, NOON + HOUR) is Hold.WINDOW
    assert why(full, NOON + 2 * HOUR) is None


@pytest.mark.parametrize("scope", ["shop", "client", "site", "machine"])
def test_a_window_is_for_whom_it_is_for(full: Finding, srv01: Machine, elm: Client, olga: User, scope: str) -> None:
    other = Machine.objects.create(site=Site.objects.get(client=elm), name="ELM-SRV", kind="server")
    site = srv01.site
    of = {"shop": Of(), "client": Of(client=site.client), "site": Of(site=site), "machine": Of(machine=srv01)}
    window = maintaining.plan(
        of[scope], Window(date(2026, 4, 14), time(7), 180, Repeats.WEEKLY), "patches", by=olga, at=NOON
    )

    assert why(full, NOON) is Hold.WINDOW
    assert why(found(other), NOON) is (Hold.WINDOW if scope == "shop" else None)
    maintaining.call_off(window, by=olga, at=NOON)
    assert why(full, NOON) is None


def test_while_somebody_works_on_a_machine_nobody_is_told_of_it(full: Finding, srv01: Machine, theo: User) -> None:
    order = Order.objects.create(client=srv01.site.client, machine=srv01, title="New disk", opened_at=NOON)
    timer = start(order, who=theo, at=NOON)

    assert why(full, NOON + HOUR) is Hold.WINDOW
    assert why(full, NOON + 13 * HOUR) is None  # a forgotten timer does not keep it quiet
    stop(timer, as_timed(timer, NOON + HOUR), at=NOON + HOUR)

    assert why(full, NOON + HOUR) is None


def test_what_flaps_is_held_and_stays_open(srv01: Machine) -> None:
    for turn in range(3):
        flapping = found(srv01, NOON + turn * 40 * MINUTE)
        if turn < 2:
            close(flapping, {}, at=NOON + (turn * 40 + 20) * MINUTE)
    close(flapping, {}, at=NOON + 90 * MINUTE)
    again = found(srv01, NOON + 95 * MINUTE)

    assert why(again, NOON + 96 * MINUTE) is Hold.FLAPPING
    assert again.closed_at is None
    assert why(again, NOON + 6 * HOUR) is None


def test_machines_that_fall_silent_together_are_one_finding_of_their_site(report: Report, srv01: Machine) -> None:
    second = Machine.objects.create(site=srv01.site, name="SRV02", kind="server")
    pc = Machine.objects.create(site=srv01.site, name="PC-07", kind="workstation")
    for machine in (srv01, second, pc):
        report(machine, 0)
    pull(NOON + MINUTE)
    pull(NOON + 6 * MINUTE)

    site = Finding.objects.get()
    assert (site.rule, site.machine, site.severity) == ("site-offline", None, "trouble")
    assert site.title == "Main office is offline: 3 machines fell silent together"
    assert why(site, NOON + 6 * MINUTE) is None

    pull(NOON + 14 * MINUTE)
    pull(NOON + 20 * MINUTE)
    silent = list(Finding.objects.filter(rule="silent").order_by("machine__name"))
    assert [one.machine for one in silent] == [srv01, second]
    assert {why(one, NOON + 20 * MINUTE) for one in silent} == {Hold.COMMON_CAUSE}

    report(srv01, 21)
    pull(NOON + 22 * MINUTE)

    still_open = Finding.objects.still_open()
    assert [one.machine for one in still_open] == [second]  # the site is back, and this one is not
    assert why(still_open[0], NOON + 22 * MINUTE) is None


def test_workstations_that_are_switched_off_in_the_evening_are_no_outage(report: Report, srv01: Machine) -> None:
    site = Site.objects.create(client=srv01.site.client, name="Branch")
    for number in range(4):
        report(Machine.objects.create(site=site, name=f"PC-{number}", kind="workstation"), number)
    report(srv01, 30)
    pull(NOON + 31 * MINUTE)

    assert not Finding.objects.exists()


def test_a_finding_carries_the_plan_and_whether_it_pays_for_watching(srv01: Machine, elm: Client) -> None:
    Agreement.objects.create(
        client=srv01.site.client, plan="call-first", starts=date(2026, 4, 1), monitoring="75.00", recorded_at=NOON
    )
    other = Machine.objects.create(site=Site.objects.get(client=elm), name="ELM-SRV", kind="server")

    watched, unwatched = found(srv01), found(other)

    assert (watched.plan, watched.is_entitled) == ("call-first", True)
    assert (unwatched.plan, unwatched.is_entitled) == ("reactive", False)


def test_the_narrowest_limit_wins_and_says_over_whom(srv01: Machine) -> None:
    site = srv01.site
    for scope, percent in (
        (Scope(), 80), (Scope(client=site.client), 82), (Scope(site=site), 84), (Scope(kind="server"), 86),
    ):  # fmt: skip
        set_limit("disk-full", {"open_at": percent, "clear_at": 70}, scope=scope, is_off=False, by=None, at=NOON)

    of_kind = limits_of([srv01.pk])[srv01.pk]["disk-full"]
    assert (of_kind.limit.open_at, of_kind.scope) == (86, "kind")  # type: ignore[union-attr]
    assert of_kind.over == ("shop", "client", "site")

    set_limit("disk-full", {}, scope=Scope(machine=srv01), is_off=True, by=None, at=NOON)
    of_machine = limits_in(Scope(machine=srv01))["disk-full"]
    assert (of_machine.limit, of_machine.scope) == (None, "machine")
    assert limits_in(Scope(site=site))["disk-full"].limit.open_at == 84  # type: ignore[union-attr]
    assert limits_in(Scope(kind="workstation"))["disk-full"].limit.open_at == 80  # type: ignore[union-attr]


def test_a_rule_turned_off_for_a_client_can_be_watched_on_one_machine(srv01: Machine) -> None:
    set_limit("load-high", {}, scope=Scope(client=srv01.site.client), is_off=True, by=None, at=NOON)
    set_limit("load-high", {"open_at": 3.0}, scope=Scope(machine=srv01), is_off=False, by=None, at=NOON)

    limit = limits_of([srv01.pk])[srv01.pk]["load-high"].limit

    assert limit is not None
    assert limit.open_at == 3.0  # type: ignore[union-attr]
