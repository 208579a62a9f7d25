"""Mails that report by a table: each row becomes a reading of its machine, once, and holds up no other."""

import base64
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.clients.models import Client, Machine, Site
from rounds.core.mail_tables import MOST_ROWS
from rounds.core.money import Refused
from rounds.findings import reporting
from rounds.findings.models import Finding
from rounds.mail.expecting import came
from rounds.mail.models import AlertMail, Reading, Result, ShopRule, Source, Waiting
from rounds.mail.reading import read
from rounds.mail.receiving import add_source, keep_mail
from rounds.mail.ruling import Draft, add
from rounds.mail.understanding import read_again, read_anew, rows_of, understand
from rounds.people.models import User
from tests.mail.test_receiving import AT, fragments
from tests.mail.test_rule_pages import entered
from tests.mail.test_understanding import by

type SignIn = Callable[[User], Browser]

COLUMNS = {"machine": ["Computer"], "result": ["Status"], "job": ["Job"], "time": ["When"]}
SPEC = {"product": "Vault", "subject": ["Vault report"], "columns": COLUMNS}
HEAD = "Computer,Job,Status,When"


@pytest.fixture
def console(shop: object) -> Source:
    """A console of many clients."""
    return add_source("Vault console", None, at=AT)


@pytest.fixture
def machines(northside: Client, elm: Client) -> list[Machine]:
    """Thirty machines of two clients."""
    sites = [Site.objects.filter(client=northside).earliest("pk"), Site.objects.filter(client=elm).earliest("pk")]
    return [Machine.objects.create(site=sites[n % 2], name=f"NODE-{n:02}", kind="workstation") for n in range(30)]


def report(rows: Iterable[str], number: int = 1, head: str = HEAD, name: str = "report.csv") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "vault@x.example", "Vault report"
    message["Message-ID"] = f"<{number}@x.example>"
    message.set_content("See the file.")
    body = "\r\n".join([head, *rows]).encode()
    message.add_attachment(body, maintype="text", subtype="csv", filename=name)
    return message.as_bytes()


def night(machines: Iterable[Machine], bad: Iterable[int] = ()) -> list[str]:
    return [f"{one.name},Nightly,{'Failed' if n in bad else 'Success'}," for n, one in enumerate(machines)]


def keep(source: Source, raw: bytes, hours: int = 0) -> AlertMail:
    return AlertMail.objects.get(pk=keep_mail(source, raw, at=AT + timedelta(hours=hours)).pk)


@pytest.fixture
def rule(theo: User) -> ShopRule:
    return add(Draft("Vault", SPEC), by(theo))[0]


def test_of_thirty_rows_twenty_eight_are_good_and_two_open_findings_of_their_machines(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    kept = keep(console, report(night(machines, bad=[3, 17])))
    reporting.pull()
    reporting.pull()

    assert Reading.objects.filter(mail=kept, result="success").count() == 28
    failed = Reading.objects.filter(mail=kept, result="failure")
    assert [(one.machine, one.client, one.row) for one in failed.order_by("row")] == [
        (machines[3], machines[3].site.client, 5), (machines[17], machines[17].site.client, 19),
    ]  # fmt: skip
    assert {one.machine for one in Finding.objects.still_open()} == {machines[3], machines[17]}
    assert (
        Finding.objects.filter(machine=machines[3]).get().title == "Vault console: failure of NODE-03, Vault, Nightly"
    )
    assert not Waiting.objects.exists()
    assert kept.result == "failure"


def test_the_same_mail_twice_gives_nothing_new(console: Source, machines: list[Machine], rule: ShopRule) -> None:
    raw = report(night(machines, bad=[3]))

    first, again = keep(console, raw), keep(console, raw, hours=1)
    reporting.pull()

    assert first == again
    assert (Reading.objects.count(), Finding.objects.count()) == (30, 1)


def test_two_reports_that_differ_in_their_file_alone_are_two(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    keep(console, report(night(machines)))
    keep(console, report(night(machines, bad=[1])))

    assert (AlertMail.objects.count(), Reading.objects.filter(result="failure").count()) == (2, 1)


def test_the_next_report_closes_what_is_well_and_nothing_else(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    keep(console, report(night(machines, bad=[3, 17])))
    keep(console, report(night(machines, bad=[17]), number=2), hours=24)
    reporting.pull()

    assert [one.machine for one in Finding.objects.still_open()] == [machines[17]]
    assert Finding.objects.count() == 2


def test_a_machine_that_nobody_knows_waits_alone_until_it_is_known(
    console: Source, machines: list[Machine], rule: ShopRule, theo: User
) -> None:
    kept = keep(console, report([*night(machines), "GHOST,Nightly,Failed,", "NODE-01,Other,puzzling,"]))
    waits = list(kept.waits.order_by("row"))
    assert [(one.row, one.waits_for) for one in waits] == [(32, "client"), (33, "rule")]
    assert ("“GHOST” is no client" in waits[0].why, "“puzzling” tells no result" in waits[1].why) == (True, True)
    assert kept.readings.count() == 30

    Machine.objects.create(site=machines[0].site, name="Ghost", kind="server")
    assert read_anew(kept) is False

    assert kept.readings.get(row=32).machine_name == "GHOST"
    assert [one.row for one in kept.waits.all()] == [33]
    assert list(AlertMail.objects.waiting()) == [kept]


def test_a_rule_made_later_reads_the_rows_that_wait_and_leaves_those_that_were_read(
    console: Source, machines: list[Machine], rule: ShopRule, theo: User
) -> None:
    kept = keep(console, report([*night(machines), "NODE-01,Other,puzzling,"]))
    before = dict(kept.readings.values_list("row", "pk"))

    add(Draft("Vault 2", {**SPEC, "failure": ["Status: puzzling"]}), by(theo))
    assert [read_again(AT), read_again(AT)] == [1, 0]

    assert {row: key for row, key in kept.readings.values_list("row", "pk") if row in before} == before
    assert kept.readings.get(row=32).result == "failure"
    assert not Waiting.objects.exists()


def test_a_mail_that_waited_as_a_whole_is_read_row_by_row_when_there_is_a_rule(
    console: Source, machines: list[Machine], theo: User
) -> None:
    kept = keep(console, report(night(machines)))
    assert [(one.row, one.waits_for) for one in kept.waits.all()] == [(0, "rule")]

    add(Draft("Vault", SPEC), by(theo))
    read_again(AT)

    assert (kept.readings.count(), kept.waits.count()) == (30, 0)


def test_a_table_that_a_rule_for_texts_knows_later_is_not_read_twice(
    console: Source, machines: list[Machine], rule: ShopRule, theo: User, northside: Client
) -> None:
    kept = keep(console, report([*night(machines), "GHOST,Nightly,Failed,"]))

    add(Draft("Whole", {"subject": ["Vault report"], "result": "success"}, client=northside), by(theo))
    read_again(AT)

    assert (kept.readings.count(), kept.readings.filter(row=0).count()) == (30, 0)
    assert [one.row for one in kept.waits.all()] == [32]
    assert read_again(AT) == 0


def test_a_person_says_what_a_row_reports_and_whose_it_is(
    console: Source, machines: list[Machine], rule: ShopRule, theo: User, elm: Client
) -> None:
    kept = keep(console, report([*night(machines), "GHOST,Nightly,Failed,", "NODE-01,Other,puzzling,"]))

    for refused, told in (("which client", {"row": 32}), ("of each row", {}), ("does not wait", {"row": 5})):
        with pytest.raises(Refused, match=refused):
            understand(kept, Result.FAILURE, by=theo, **told)  # type: ignore[arg-type]
    understand(kept, Result.FAILURE, by=theo, client=elm, row=32)
    understand(kept, Result.NOTICE, by=theo, row=33)

    ghost, puzzling = kept.readings.get(row=32), kept.readings.get(row=33)
    assert (ghost.client, ghost.machine, ghost.machine_name, ghost.about) == (
        elm,
        None,
        "GHOST",
        "vault · ghost · nightly",
    )
    assert (puzzling.client, puzzling.machine, puzzling.by) == (machines[1].site.client, machines[1], theo)
    assert not kept.waits.exists()


def test_a_console_of_one_client_reads_a_row_of_a_machine_that_is_not_known_as_his_and_not_as_the_consoles(
    northside: Client, srv01: Machine, rule: ShopRule
) -> None:
    source = add_source("Console on SRV01", northside, srv01, at=AT)

    kept = keep(source, report(["GHOST,Nightly,Failed,"]))

    (one,) = kept.readings.all()
    assert (one.client, one.machine, one.machine_name) == (northside, None, "GHOST")


def test_of_two_rows_about_the_same_the_failure_counts_and_their_own_times_tell_which_is_later(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    times = [(AT - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S+00:00") for hours in (3, 2)]
    rows = ["NODE-01,A,Failed,", "NODE-01,A,Success,", "NODE-02,A,Success,", "NODE-02,A,Failed,"]
    rows += [f"NODE-03,A,Success,{times[1]}", f"NODE-03,A,Failed,{times[0]}"]

    keep(console, report(rows))
    reporting.pull()

    assert {one.machine for one in Finding.objects.still_open()} == {machines[1], machines[2]}


def test_a_failure_that_stands_in_the_next_weeks_table_too_opens_nothing_again_once_it_was_closed(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    when = [(AT - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S+00:00") for hours in (5, 1)]
    keep(console, report([f"NODE-01,A,Failed,{when[0]}"]))
    reporting.pull()
    Finding.objects.update(closed_at=AT)

    keep(console, report([f"NODE-01,A,Failed,{when[0]}"], number=2), hours=24)
    reporting.pull()
    assert not Finding.objects.still_open().exists()

    keep(console, report([f"NODE-01,A,Failed,{when[1]}"], number=3), hours=48)
    reporting.pull()
    assert Finding.objects.still_open().count() == 1


def test_a_report_is_expected_of_each_machine_by_itself(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    keep(console, report(night(machines[:2])))
    keep(console, report(night(machines[:1]), number=2), hours=24)
    since = AT - timedelta(days=1)

    counts = [
        len(came(console, about, since)) for about in ("vault · node-00 · nightly", "vault · node-01 · nightly", "")
    ]
    assert counts == [2, 1, 2]


def test_packed_files_are_named_and_not_opened(console: Source, machines: list[Machine], rule: ShopRule) -> None:
    message = EmailMessage()
    message["Subject"], message["Message-ID"] = "Vault report", "<1@x>"
    message.set_content("See the file.")
    for name in ("report.zip", "report.xlsx"):
        message.add_attachment(b"PK\x03\x04" + b"\x00" * 50, maintype="application", subtype="zip", filename=name)

    told = read(message.as_bytes())

    assert (told.sheets, told.unread) == ((), ("report.zip", "report.xlsx"))
    assert not keep(console, message.as_bytes()).readings.exists()


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1"])
@pytest.mark.parametrize("said", ["", "; charset=utf-8", "; charset=nonsense", "; charset=idna"])
def test_files_are_decoded_by_what_they_are(charset: str, said: str) -> None:
    body = base64.encodebytes("Computer;Status\nBÜRO-PC;geprüft\n".encode(charset))
    head = f'Content-Type: text/csv{said}; name="a.csv"\nContent-Transfer-Encoding: base64\n\n'.encode()

    (sheet,) = read(head + body).sheets

    assert sheet.text.lstrip("\ufeff") == "Computer;Status\nBÜRO-PC;geprüft\n"


def test_a_very_long_table_is_read_to_a_bound_in_seconds_and_says_that_it_goes_on(
    console: Source, machines: list[Machine], rule: ShopRule
) -> None:
    begun = time.monotonic()

    kept = keep(console, report(night(machines * 100)))

    assert (kept.readings.count(), kept.waits.count()) == (MOST_ROWS - 1, 1)
    assert "goes on here" in kept.waiting.why
    assert time.monotonic() - begun < 20


pieces = st.sampled_from([
    b"Content-Type: text/csv; name=a.csv\r\n", b"Content-Disposition: attachment; filename=\"a.csv\"\r\n",
    b"Computer,Job,",
    b"Status,When\r\n", b"NODE-01,a,Failed,\r\n", b'"', b"sep=;\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b"<table><tr><td>",
    b"Subject: Vault report\r\n", b"Content-Type: text/html\r\n", b"UEsDBA==", b"filename*=utf-8''%ff.csv",
    b"filename==?utf-8?B?//8=?=", b"=cmd|x!A0,",
])  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(pieces, fragments, st.binary(max_size=20)), max_size=40).map(b"".join))
def test_garbage_with_files_is_read(raw: bytes) -> None:
    told = read(raw)

    assert all(sheet.text.encode() is not None and "\x00" not in sheet.text for sheet in told.sheets)
    told.digest()


@pytest.fixture
def people(theo: User, bea: User, stranger: User) -> tuple[User, User, User]:
    """A technician, the bookkeeper, and a stranger."""
    return theo, bea, stranger


def test_the_page_shows_each_row_and_takes_what_a_person_says(
    console: Source, machines: list[Machine], rule: ShopRule, people: tuple[User, User, User], as_person: SignIn
) -> None:
    theo, bea, stranger = people
    kept = keep(console, report([*night(machines, bad=[3]), "GHOST,=1+1,Failed,"]))
    page, browser = f"/mail/{kept.pk}", as_person(theo)
    elm = machines[1].site.client

    shown = " ".join(browser.get(page).text.split())
    assert "1 row reports a failure, 29 a success" in shown
    assert "GHOST · =1+1 · Failed" in shown
    assert "“GHOST” is no client or machine" in shown
    assert "With a table: report.csv" in shown
    assert "NODE-03" in browser.get(f"{page}?result=failure&q=node-03").text
    assert "NODE-04" not in browser.get(f"{page}?result=failure").text
    assert "1 row of its table" in " ".join(browser.get("/mail/waiting").text.split())
    assert "1 failed, 29 well, 1 waits" in " ".join(browser.get("/mail/received").text.split())
    for address in (
        "/mail",
        f"/mail/sources/{console.pk}",
        "/",
        "/mail/received?format=csv",
        "/mail/received?sort=client",
    ):
        assert browser.get(address).status_code == 200

    for person in (stranger, bea):
        as_person(person).post(f"{page}/result", {"row": "32", "client": elm.pk, "result": "failure"})
        as_person(person).post(f"{page}/look")
    assert as_person(stranger).post(f"{page}/look").status_code == 404
    assert kept.waits.count() == 1
    assert "still waits" in browser.post(f"{page}/look", follow=True).text
    browser.post(f"{page}/result", {"row": "32", "client": elm.pk, "result": "failure"})
    assert kept.readings.get(row=32).client == elm

    csv = b"".join(browser.get(f"{page}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("\r\n") == 32
    assert "'=1+1" in csv, "no spreadsheet takes it for a formula"


def test_a_rule_for_a_table_is_proposed_from_a_mail_tried_and_kept(
    console: Source, machines: list[Machine], theo: User, as_person: SignIn
) -> None:
    waits = keep(console, report([*night(machines, bad=[3]), "GHOST,Nightly,Failed,"]))
    browser, page = as_person(theo), f"/mail/{waits.pk}/rule"

    first = browser.get(page)
    told = entered(first)
    assert {name: told[f"column_{name}"] for name in ("machine", "result", "job")} == {
        "machine": "Computer", "result": "Status", "job": "Job",
    }  # fmt: skip
    tried = browser.post(page, {**told, "product": "Vault", "do": "preview"})
    shown = " ".join(tried.text.split())
    assert "2 failed, 29 well" in shown
    assert "“GHOST” is no client or machine that is known" in shown
    assert not ShopRule.objects.exists()

    browser.post(page, {**entered(tried), "do": "keep"})
    read_again(AT)
    made = ShopRule.objects.get()
    assert made.spec["columns"] == {"machine": ["Computer"], "result": ["Status"], "job": ["Job"], "time": ["When"]}
    assert (waits.readings.count(), waits.waits.count()) == (30, 1)
    again = entered(browser.get(f"/mail/rules/{made.pk}"))
    assert (again["column_machine"], again["column_result"]) == ("Computer", "Status")
    assert len(rows_of(waits)) == 31


def test_a_form_without_the_machines_column_says_so_beside_it(
    console: Source, machines: list[Machine], theo: User, as_person: SignIn
) -> None:
    waits = keep(console, report(night(machines)))
    page, browser = f"/mail/{waits.pk}/rule", as_person(theo)

    reply = browser.post(page, {**entered(browser.get(page)), "column_machine": "", "do": "preview"})

    assert reply.status_code == 422
    assert "Say which column of the table names the machine" in reply.text
