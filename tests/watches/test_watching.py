"""What has no agent is looked at by another: who looks, what he is told, what becomes of what he says."""

import json
import zlib
from datetime import timedelta

import pytest

from rounds.agents import history, reading, sealing
from rounds.agents.charting import SPANS
from rounds.agents.figures import Names, figures_in
from rounds.agents.reading import milliseconds
from rounds.agents.storage import Asked
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.findings import finding
from rounds.findings.limits import Scope, set_limit
from rounds.findings.models import Finding, Listening, WatchMemory
from rounds.watches import charting, choosing, listing
from rounds.watches.choosing import Eye, choose
from rounds.watches.keeping import Wanted, add_watch, change_watch, end_watch
from rounds.watches.models import Sighting, Turn, Watch
from tests.watches.conftest import MINUTE, NOON, Report, another, gave, heard

SECRET = "a community that nobody may see"


def test_the_chosen_machine_looks_and_another_takes_over_while_it_is_silent() -> None:
    server, other = Eye(1, True, True, True), Eye(2, True, True, False)
    silent = Eye(1, False, True, True)

    assert choose(1, None, [server, other]) == 1
    assert choose(1, 1, [silent, other]) == 2
    assert choose(1, 2, [silent, other]) == 2
    assert choose(1, 2, [server, other]) == 1


def test_without_a_choice_a_server_looks_and_whoever_looks_goes_on() -> None:
    eyes = [Eye(1, True, True, False), Eye(2, True, True, True)]

    assert choose(None, None, eyes) == 2
    assert choose(None, 1, eyes) == 1
    assert choose(None, None, [Eye(1, True, False, True)]) is None


def test_while_nobody_is_heard_all_stays_as_it_is() -> None:
    eyes = [Eye(1, False, True, True), Eye(2, False, True, True)]

    assert choose(1, 2, eyes) == 2
    assert choose(1, None, eyes) == 1


def test_turns_change_once_and_running_it_twice_changes_nothing(printer: Watch, srv01: Machine) -> None:
    pc = another(srv01.site, "PC-1")
    heard(pc, NOON + 20 * MINUTE)

    first, second = choosing.pull(NOON + 20 * MINUTE), choosing.pull(NOON + 20 * MINUTE)

    assert (first, second) == (1, 0)
    assert Turn.objects.in_force() == {printer.pk: pc.pk}
    assert [turn.machine for turn in Turn.objects.all()] == [pc, srv01]


def test_the_list_goes_to_who_looks_alone_with_its_secrets(printer: Watch, srv01: Machine) -> None:
    wanted = Wanted(name="Switch", target="192.168.1.2", device="SW-1", secrets={"community": SECRET})
    switch = add_watch(srv01.site, "snmp", wanted, by=None, at=NOON)
    choosing.pull(NOON)

    lists = listing.in_force()

    assert set(lists) == {srv01.pk}
    assert [one["id"] for one in lists[srv01.pk]["watches"]] == [printer.pk, switch.pk]
    assert lists[srv01.pk]["watches"][1]["settings"] == {"community": SECRET}
    assert lists[srv01.pk]["watches"][0]["every"] == 60


def test_the_lists_name_changes_with_what_is_in_it_and_with_nothing_else(printer: Watch, srv01: Machine) -> None:
    before = listing.in_force()[srv01.pk]["version"]

    same = listing.in_force()[srv01.pk]["version"]
    change_watch(printer, Wanted(name="Printer", target="192.168.1.41", machine=printer.machine), at=NOON)

    assert same == before
    assert listing.in_force()[srv01.pk]["version"] != before


def test_an_ended_watch_is_listed_no_more_and_its_secrets_go(printer: Watch) -> None:
    Watch.objects.filter(pk=printer.pk).update(secrets={"community": SECRET})

    assert end_watch(printer, at=NOON)
    assert not end_watch(printer, at=NOON)

    assert listing.in_force() == {}
    assert Watch.objects.get().secrets == {}


def test_secrets_that_are_not_given_again_stay(printer: Watch) -> None:
    wanted = Wanted(name="Printer", target="192.168.1.40", machine=printer.machine, secrets={"community": SECRET})
    change_watch(printer, wanted, at=NOON)

    empty = Wanted(name="P", target="192.168.1.40", machine=printer.machine, secrets={"community": ""})
    change_watch(printer, empty, at=NOON)

    assert Watch.objects.get().secrets == {"community": SECRET}


def test_what_makes_no_sense_is_refused(printer: Watch, srv01: Machine, elm: Client) -> None:
    foreign = Machine.objects.create(site=elm.sites.get(), name="ELM", kind="device")
    cases = [
        ("ping", Wanted(name="Printer", target="x"), "another watch"),
        ("ping", Wanted(name="New", target="x", machine=foreign), "another site"),
        ("ping", Wanted(name="New", target="x", runner=foreign), "another site"),
        ("snmp", Wanted(name="New", target="x"), "which device"),
        ("telepathy", Wanted(name="New", target="x"), "no kind"),
    ]
    for kind, wanted, why in cases:
        with pytest.raises(Refused, match=why):
            add_watch(srv01.site, kind, wanted, by=None, at=NOON)
    assert Watch.objects.count() == 1


def test_three_of_five_looks_without_an_answer_open_a_finding_of_the_device_and_three_with_one_close_it(
    printer: Watch, srv01: Machine, report: Report
) -> None:
    for minute in range(3):
        report(srv01, minute, watches=[gave(printer, minute, ok=False, why="192.168.1.40 does not answer to 3 pings")])
    finding.pull(NOON + 3 * MINUTE)
    found = Finding.objects.get()
    for minute in range(3, 6):
        report(srv01, minute, watches=[gave(printer, minute, milliseconds=2.0)])
    finding.pull(NOON + 6 * MINUTE)

    assert found.machine == printer.machine
    assert found.rule == "unanswered"
    assert found.title == "Printer: 192.168.1.40 does not answer to 3 pings"
    assert found.opened_at == NOON + 2 * MINUTE
    assert Finding.objects.get().closed_at == NOON + 5 * MINUTE


def test_the_same_results_again_and_the_stage_twice_change_nothing(
    printer: Watch, srv01: Machine, report: Report
) -> None:
    told = [gave(printer, 0, ok=False, why="down")]
    for minute in range(3):
        report(srv01, minute, watches=told)  # told by three check-ins, but looked at once
    finding.pull(NOON + 3 * MINUTE)
    finding.pull(NOON + 3 * MINUTE)

    assert not Finding.objects.exists()
    assert Sighting.objects.get().at == NOON


def test_what_could_not_be_asked_is_not_down(printer: Watch, srv01: Machine, report: Report) -> None:
    for minute in range(6):
        report(srv01, minute, watches=[gave(printer, minute, ok=None, why="this machine's policy allows no watches")])
    finding.pull(NOON + 6 * MINUTE)

    assert not Finding.objects.filter(rule="unanswered").exists()
    seen = Sighting.objects.get()
    assert (seen.is_ok, seen.measured_at) == (None, None)


def test_a_watch_that_gives_nothing_for_an_hour_is_a_finding_and_not_well(
    printer: Watch, srv01: Machine, report: Report
) -> None:
    Listening.objects.create(pk=1, looked_at=NOON + 60 * MINUTE, since=NOON - timedelta(days=1))
    for minute in range(62):
        told = gave(printer, minute, ok=None, why="this machine's policy allows no watches")
        report(srv01, minute, watches=[told])
    heard(srv01, NOON + 61 * MINUTE)
    Watch.objects.update(made_at=NOON)

    finding.pull(NOON + 61 * MINUTE)
    finding.pull(NOON + 61 * MINUTE)
    opened = Finding.objects.get(rule="unmeasured")
    report(srv01, 62, watches=[gave(printer, 62, milliseconds=1.0)])
    finding.pull(NOON + 62 * MINUTE)

    assert opened.evidence["why"] == "SRV01 looks: this machine's policy allows no watches"
    assert Finding.objects.get(rule="unmeasured").closed_at == NOON + 62 * MINUTE


def test_a_machine_is_believed_about_its_own_site_alone(printer: Watch, other_site: Machine, report: Report) -> None:
    for minute in range(4):
        report(other_site, minute, watches=[gave(printer, minute, ok=False, why="a lie")])
    finding.pull(NOON + 4 * MINUTE)

    assert not Finding.objects.exists()
    assert not Sighting.objects.exists()


def test_a_clock_that_is_far_off_does_not_decide_when_it_was(printer: Watch, srv01: Machine, report: Report) -> None:
    report(srv01, 5, watches=[gave(printer, 60 * 24 * 365, milliseconds=1.0)])
    finding.pull(NOON + 5 * MINUTE)
    report(srv01, 6, watches=[gave(printer, -500, milliseconds=2.0)])
    finding.pull(NOON + 6 * MINUTE)

    seen = Sighting.objects.get()
    assert (seen.at, seen.milliseconds) == (NOON + 6 * MINUTE, 2.0)


def test_a_certificate_that_ends_is_told_of_for_a_watch_without_a_machine(
    srv01: Machine, northside: Client, report: Report
) -> None:
    made = add_watch(srv01.site, "tls", Wanted(name="Shop page", target="www.northside.example"), by=None, at=NOON)
    told = {"certificate.days": 20.4, "milliseconds": 9.0}
    report(srv01, 1, watches=[{**gave(made, 1), "figures": told}])
    finding.pull(NOON + MINUTE)

    found = Finding.objects.get()
    assert (found.client, found.machine, found.severity) == (northside, None, "soon")
    assert found.title == "Shop page: its certificate ends in 20 days"


def test_a_sites_own_limit_holds_for_a_watch_without_a_machine(srv01: Machine, report: Report) -> None:
    made = add_watch(srv01.site, "tls", Wanted(name="Shop page", target="www.northside.example"), by=None, at=NOON)
    own = {"open_at": 10.0, "clear_at": 12.0}
    set_limit("certificate-ends", own, scope=Scope(site=srv01.site), is_off=False, by=None, at=NOON)
    report(srv01, 1, watches=[{**gave(made, 1), "figures": {"certificate.days": 20.0}}])
    finding.pull(NOON + MINUTE)

    assert not Finding.objects.exists()


def test_the_end_of_a_watch_closes_its_findings(printer: Watch, srv01: Machine, report: Report) -> None:
    for minute in range(3):
        report(srv01, minute, watches=[gave(printer, minute, ok=False, why="down")])
    finding.pull(NOON + 3 * MINUTE)

    end_watch(printer, at=NOON + 4 * MINUTE)
    finding.pull(NOON + 4 * MINUTE)

    assert Finding.objects.get().evidence["closed"] == {"why": "this is no longer watched"}
    assert not WatchMemory.objects.exists()


def test_figures_are_kept_with_the_machine_that_looked_and_read_as_one_series(
    printer: Watch, srv01: Machine, report: Report
) -> None:
    pc = another(srv01.site, "PC-1")
    report(srv01, 0, watches=[gave(printer, 0, milliseconds=3.0)])
    heard(pc, NOON + 20 * MINUTE)
    choosing.pull(NOON + 20 * MINUTE)
    report(pc, 20, watches=[gave(printer, 20, milliseconds=4.0)])

    told = charting.series(printer, SPANS["hour"], NOON + 30 * MINUTE)

    assert [one.mean for one in told["milliseconds"]] == [3.0, 4.0]


def test_figures_of_watches_survive_the_seal(printer: Watch, srv01: Machine, report: Report) -> None:
    report(srv01, 0, watches=[gave(printer, 0, milliseconds=3.0)])
    finding.pull(NOON)
    reading.pull()

    sealed = sealing.pull(NOON + timedelta(days=2))
    begin = milliseconds(NOON - timedelta(hours=1))
    table = history.read(srv01.pk, Asked(begin, begin + 7_200_000, 0, Names(beginnings=("watch.",))))

    assert sealed == 1
    assert list(table.series(f"watch.{printer.pk}.milliseconds")) == [(NOON.timestamp(), 3.0)]


def test_a_body_without_watches_has_the_figures_that_it_had() -> None:
    body = zlib.compress(json.dumps({"samples": {"a": 1.0}, "disks": {"/": {"used": 2.0}}}).encode())

    assert figures_in(body) == {"a": 1.0, "disk.used@/": 2.0}
