"""Daily reports are made once, at each client's hour, late where the server was off, and stay as they were made."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rounds.agents.models import FactVersion, LogEvent
from rounds.clients.models import Client, Machine, Site
from rounds.findings.models import Finding, Listening, MachineMemory
from rounds.mail import receiving
from rounds.people.models import Shop, User
from rounds.reports import choosing, making
from rounds.reports.models import ClientChoice, Report, ShopChoice, Wanted
from rounds.watches.keeping import Wanted as WatchWanted
from rounds.watches.keeping import add_watch
from rounds.watches.models import Sighting
from rounds.work.ordering import Call, take_order
from rounds.work.timing import Worked, enter
from tests.reports.conftest import DAY, HOUR, MINUTE, MORNING, SIX, TODAY, mail, watch
from tests.trade import agreed


def told(report: Report, name: str) -> list[str]:
    """The rows of a section as text."""
    (part,) = [one for one in report.sections if one.name == name]
    return [f"{row.state} {row.what}: {row.words}" for row in part.rows]


def test_a_report_is_made_at_six_once_however_often_it_is_asked_for(watched: Client) -> None:
    assert making.pull(SIX - MINUTE) == 1  # yesterday's, which nobody has made
    assert [making.pull(MORNING), making.pull(MORNING), making.pull(MORNING + 5 * HOUR)] == [1, 0, 0]

    kept = Report.objects.get(day=TODAY)
    assert (kept.state, kept.words) == ("well", "Everything that is watched is well")
    assert (kept.due_at, kept.made_at, kept.since) == (SIX, MORNING, SIX - MINUTE)


def test_it_says_what_is_known_of_every_part(watched: Client, srv01: Machine, theo: User) -> None:
    Machine.objects.create(site=srv01.site, name="PC-01", kind="workstation")
    Finding.objects.create(
        client=watched, machine=srv01, rule="disk-full", subject="/srv", severity="trouble", title="/srv is 93 % full",
        opened_at=SIX - 2 * HOUR,
    )  # fmt: skip
    Finding.objects.create(
        client=watched, machine=srv01, rule="memory-short", severity="soon", title="Memory is short",
        opened_at=SIX - 9 * HOUR, closed_at=SIX - 8 * HOUR,
    )  # fmt: skip
    watch(srv01, disks={"/srv": {"used_percent": 93.0}})
    for at, names in ((SIX - 30 * DAY, ["root"]), (SIX - 3 * HOUR, ["root", "eve"])):
        FactVersion.objects.create(
            machine=srv01, name="administrators", from_at=at, digest=str(at), value={"names": names}
        )
    LogEvent.objects.create(machine=srv01, event_sha256="1", at=SIX - HOUR, level="error", text="sda: read error")
    source = receiving.add_source("UPS", watched, at=SIX - 30 * DAY)
    receiving.keep_mail(source, mail("Power failure: on battery"), at=SIX - HOUR)
    order = take_order(Call(watched, "Mail does not arrive"), by=theo, at=SIX - 20 * HOUR)
    enter(order, Worked(SIX - 20 * HOUR, 45), who=theo, at=SIX - 19 * HOUR)
    agreed(watched, "service-agreement", date(2026, 4, 1), included_seconds=8 * 3600)

    making.pull(MORNING)

    kept = Report.objects.get()
    assert (kept.state, kept.words) == ("trouble", "2 in trouble, 1 missing")
    assert told(kept, "disks") == [
        "trouble SRV01: /srv 93 % full",
        "unmeasured PC-01: missing: it has no agent",
    ]
    assert told(kept, "findings") == [
        "trouble SRV01: new: /srv is 93 % full, since 04:00",
        " SRV01: over: Memory is short",
    ]
    assert told(kept, "changes") == [
        " SRV01: 03:00 Administrators: eve may administer it now",
        " SRV01: 1 important event in its log: sda: read error",
    ]
    assert told(kept, "mail") == ["trouble UPS: reports a failure, 05:00: Power failure: on battery"]
    assert told(kept, "done") == [" Mail does not arrive: 45 min, Theo"]
    assert told(kept, "left") == [" Hours of this month: 8 of 8 h left"]
    assert [one.name for one in kept.sections] == [
        "backups", "antivirus", "updates", "disks", "uptime", "usage", "mail", "changes", "findings", "done", "left",
    ]  # fmt: skip


def test_what_happens_later_changes_nothing_in_it(watched: Client, srv01: Machine) -> None:
    making.pull(MORNING)
    before = bytes(Report.objects.get().body)

    watch(srv01, disks={"/srv": {"used_percent": 99.0}}, seen_at=SIX + HOUR)
    Client.objects.filter(pk=watched.pk).update(name="Another name")
    making.pull(MORNING + 2 * HOUR)

    kept = Report.objects.get()
    assert bytes(kept.body) == before
    assert kept.content["client"] == "Northside Dental"


def test_a_machine_that_sent_nothing_is_missing_and_not_well(watched: Client, srv01: Machine) -> None:
    watch(srv01, seen_at=SIX - 2 * DAY)

    making.pull(MORNING)

    kept = Report.objects.get()
    assert (kept.state, kept.missing) == ("unmeasured", 1)
    assert "last heard Sun 06:00, 2 days ago" in told(kept, "uptime")[0]


def test_a_site_that_is_offline_and_our_own_deafness_are_missing_too(watched: Client, srv01: Machine) -> None:
    Finding.objects.create(
        client=watched, rule="site-offline", subject=f"site {srv01.site_id}", severity="trouble",
        title="Main office is offline", opened_at=SIX - HOUR,
    )  # fmt: skip
    making.pull(MORNING)
    assert told(Report.objects.get(), "disks")[0].startswith("unmeasured SRV01: missing")

    Finding.objects.all().delete()
    Listening.objects.create(looked_at=SIX, since=SIX - 9 * DAY, deaf_since=SIX - HOUR)
    making.pull(MORNING + DAY)
    kept = Report.objects.get(day=TODAY + DAY)
    assert kept.content["is_deaf"]
    assert kept.state == "unmeasured"


def test_after_days_off_it_is_made_late_once_and_says_so(watched: Client, srv01: Machine) -> None:
    making.pull(MORNING)
    back = SIX + 3 * DAY + 4 * HOUR
    watch(srv01, seen_at=back)

    assert [making.pull(back), making.pull(back + MINUTE)] == [1, 0]

    late = Report.objects.get(day=TODAY + 3 * DAY)
    assert late.made_at - late.due_at == 4 * HOUR
    assert late.since == MORNING
    assert late.days_without == [TODAY + DAY, TODAY + 2 * DAY]


def test_after_a_pause_of_ours_it_waits_until_machines_have_sent_what_they_kept(watched: Client) -> None:
    Listening.objects.create(looked_at=MORNING, since=MORNING)

    assert [making.pull(MORNING), making.pull(MORNING + 14 * MINUTE), making.pull(MORNING + 15 * MINUTE)] == [0, 0, 1]


def test_a_clock_that_is_set_back_makes_nothing_twice(watched: Client) -> None:
    making.pull(MORNING)

    assert making.pull(MORNING - 2 * HOUR) == 1  # by that clock, yesterday's
    assert [making.pull(MORNING - 2 * HOUR), making.pull(MORNING)] == [0, 0]
    assert set(Report.objects.values_list("day", flat=True)) == {TODAY, TODAY - DAY}


def test_a_client_has_an_hour_and_a_clock_of_his_own(watched: Client) -> None:
    choice = ClientChoice(client=watched, clock=time(7), zone="Europe/Berlin")
    choosing.choose_for_client(choice, by=None, at=SIX - 10 * DAY)
    seven = datetime(2026, 4, 14, 5, tzinfo=UTC)

    making.pull(seven - 23 * HOUR)
    assert [making.pull(seven - MINUTE), making.pull(seven)] == [0, 1]
    assert Report.objects.get(day=TODAY).zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (date(2026, 3, 8), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # 02:30 is skipped: 03:30
        (date(2026, 11, 1), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_on_the_days_on_which_clocks_are_changed_there_is_one_report(
    watched: Client, day: date, hour: datetime
) -> None:
    choosing.choose_for_shop(ShopChoice(clock=time(2, 30)), by=None, at=SIX - 90 * DAY)
    Client.objects.update(since=SIX - 90 * DAY)

    made = sum(making.pull(hour + number * 10 * MINUTE) for number in range(-12, 13))

    assert Report.objects.filter(day=day).count() == 1
    assert Report.objects.get(day=day).due_at == hour
    assert made == Report.objects.count() == 2  # and the day before, which had none


def test_a_new_hour_counts_from_its_next_coming(watched: Client) -> None:
    making.pull(MORNING)
    choosing.choose_for_shop(ShopChoice(clock=time(5)), by=None, at=MORNING + HOUR)
    assert making.pull(MORNING + 2 * HOUR) == 0
    assert making.pull(SIX + DAY - HOUR) == 1

    choosing.choose_for_shop(ShopChoice(clock=time(5), has_pdf=True), by=None, at=SIX + DAY + HOUR)
    assert making.pull(SIX + 2 * DAY - HOUR) == 1


def test_a_new_client_has_his_first_report_on_the_day_after(watched: Client) -> None:
    Client.objects.filter(pk=watched.pk).update(since=SIX + MINUTE)

    assert [making.pull(SIX + HOUR), making.pull(MORNING + DAY)] == [0, 1]


def test_whom_nothing_watches_has_none_unless_his_plan_pays_for_it_or_he_wants_it(
    watched: Client, elm: Client, shop: Shop
) -> None:
    Client.objects.update(since=SIX - 30 * DAY)
    assert making.pull(MORNING) == 1

    agreed(elm, "service-agreement", date(2026, 4, 15), included_seconds=3600)
    making.pull(MORNING + DAY)
    paid = Report.objects.get(client=elm)
    assert (paid.state, paid.words) == ("unmeasured", "Nothing is watched")

    choosing.choose_for_client(ClientChoice(client=elm, wanted=Wanted.NEVER), by=None, at=MORNING + DAY)
    choosing.choose_for_client(ClientChoice(client=watched, wanted=Wanted.ALWAYS), by=None, at=MORNING + DAY)
    making.pull(MORNING + 2 * DAY)
    assert set(Report.objects.filter(day=TODAY + 2 * DAY).values_list("client__name", flat=True)) == {
        "Northside Dental"
    }


def test_who_has_left_has_none(watched: Client) -> None:
    Client.objects.update(left_at=SIX - DAY)

    assert making.pull(MORNING) == 0


def test_how_much_of_the_time_a_server_was_heard_is_reckoned_from_the_report_before(
    watched: Client, srv01: Machine
) -> None:
    making.pull(MORNING)
    watch(srv01, check_ins=60_000 + 720, seen_at=SIX + DAY)

    making.pull(MORNING + DAY)

    assert "heard 50 % of the time" in told(Report.objects.get(day=TODAY + DAY), "uptime")[0]


def test_what_is_damaged_at_one_client_keeps_no_other_report_back(watched: Client, srv01: Machine, elm: Client) -> None:
    Client.objects.update(since=SIX - 30 * DAY)
    server = Machine.objects.create(site=Site.objects.get(client=elm), name="ELM-SRV", kind="server")
    watch(server)
    damaged = MachineMemory.objects.create(machine=server, chart={"maxima": {"/": {"no day": 1.0}}})

    assert making.pull(MORNING) == 1
    assert [client for client, _, _ in making.due(MORNING)] == [elm]

    damaged.delete()
    assert making.pull(MORNING) == 1


def test_many_clients_are_gathered_by_as_many_questions_as_one(watched: Client, srv01: Machine) -> None:
    making.pull(MORNING)

    def questions(day: datetime) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            making.pull(day)
        return len(asked)

    one = questions(MORNING + DAY)
    for number in range(9):
        client = Client.objects.create(name=f"Client {number}", since=SIX - 30 * DAY)
        site = Site.objects.create(client=client, name="Office")
        for name in ("A", "B", "C"):
            machine = Machine.objects.create(site=site, name=name, kind="server")
            watch(machine)
            Finding.objects.create(client=client, machine=machine, rule="x", severity="soon", title="x", opened_at=SIX)

    assert questions(MORNING + 2 * DAY) == one
    assert Report.objects.filter(day=TODAY + 2 * DAY).count() == 10


def test_the_report_looks_back_a_week_at_most(watched: Client) -> None:
    making.pull(MORNING)

    making.pull(MORNING + 30 * DAY)

    late = Report.objects.latest("day")
    assert late.since == MORNING + 23 * DAY
    assert len(late.days_without) == 29
    assert timedelta(0) < late.made_at - late.since


def test_what_is_watched_from_outside_is_told_and_what_was_not_measured_is_missing(
    watched: Client, srv01: Machine
) -> None:
    seen: dict[str, Any] = {"machine": srv01, "at": MORNING - MINUTE, "measured_at": MORNING - MINUTE, "is_ok": True}
    for name, figures in (("NAS", {"volume.used_percent@Volume 1": 71.0}), ("Printer", {"supply.percent@Black": 7.0})):
        made = add_watch(srv01.site, "ping", WatchWanted(name=name, target="192.168.1.9"), by=None, at=SIX)
        Sighting.objects.create(watch=made, figures=figures, **seen)
    add_watch(srv01.site, "ping", WatchWanted(name="Door", target="192.168.1.8"), by=None, at=SIX)
    Finding.objects.create(
        client=watched, rule="supply-low", subject=f"watch {made.pk}: Black", severity="soon",
        title="Printer: Black is at 7 %", opened_at=SIX - HOUR,
    )  # fmt: skip

    making.pull(MORNING)

    assert told(Report.objects.get(), "watches") == [
        "soon Printer: Black is at 7 %",
        "unmeasured Door: missing: nothing has come yet",
        "well NAS: Volume 1 71 % used",
    ]
