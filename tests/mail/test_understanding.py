"""Mails are understood once, by the first rule that knows them; whose they are; and whom to trust."""

import pytest
from django.conf import LazySettings
from django.utils import timezone

from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.mail.mail_models import Way
from rounds.mail.models import Admission, AlertMail, RawMail, Reading, Result, Source, Waiting
from rounds.mail.receiving import Arrival, Senders, Words, add_source, admit, change_source, keep_mail, let_send
from rounds.mail.ruling import Change, Draft, add, edit, move, remove, state, switch, undo
from rounds.mail.understanding import read_again, understand
from rounds.people.models import User
from tests.mail.test_receiving import AT, mail

BOXED = Arrival(Way.IMAP, is_own_address=False)


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=AT)


@pytest.fixture
def console(shop: object) -> Source:
    """A console of many clients."""
    return add_source("Anti-virus console", None, at=AT)


def came(source: Source, subject: str, text: str = "", number: int = 1, **headers: str) -> AlertMail:
    raw = mail(subject, text, Message_ID=f"<{number}@x>", **{"From": "backup@srv01.example", **headers})
    return AlertMail.objects.get(pk=keep_mail(source, raw, at=AT).pk)


def by(person: User) -> Change:
    return Change(person, timezone.now(), state().number)


def rule(**spec: object) -> Draft:
    return Draft("A rule", {"subject": ["Sicherung {machine}"], **spec})


def test_a_pack_reads_what_it_knows_and_says_why(source: Source, srv01: Machine) -> None:
    kept = came(source, "[Failed] Nightly (3 machines) 1 failed")

    reading = kept.reading
    assert (reading.rule, reading.result, reading.severity, reading.about) == (
        "veeam: job", "failure", "trouble", "veeam · nightly",
    )  # fmt: skip
    assert "“[Failed] {job} ({*}” in the subject" in reading.why
    assert (reading.client, reading.machine) == (source.client, srv01)


def test_a_rule_of_the_shop_comes_before_the_packs_and_reads_what_waited(source: Source, theo: User) -> None:
    waits = came(source, "Sicherung SRV01 fehlgeschlagen")
    assert waits.waiting.waits_for == "rule"

    made, _ = add(rule(failure=["fehlgeschlagen"]), by(theo))
    assert read_again(AT) == 1
    assert read_again(AT) == 0

    kept = AlertMail.objects.get()
    assert (kept.reading.rule, kept.reading.result) == (f"rule {made.pk}", "failure")
    assert not Waiting.objects.exists()


def test_what_no_new_rule_knows_is_not_tried_again_and_again(source: Source, theo: User) -> None:
    came(source, "Hello")
    add(rule(failure=["fehlgeschlagen"]), by(theo))

    assert [read_again(AT), read_again(AT)] == [1, 0]
    assert Waiting.objects.get().waits_for == "rule"


def test_a_rule_of_one_source_reads_no_other(source: Source, northside: Client, theo: User) -> None:
    add(Draft("One", {"subject": ["Sicherung"], "result": "success"}, source=source), by(theo))
    other = add_source("Other", northside, at=AT)

    assert came(source, "Sicherung").result == "success"
    assert came(other, "Sicherung").result == "unknown"


def test_words_of_a_source_come_before_the_packs(northside: Client) -> None:
    source = add_source("Backup", northside, words=Words(failure=["kaputt"], success=["Failed"]), at=AT)

    assert came(source, "[Failed] Nightly (3 machines)").result == "success"


def test_packs_and_the_usual_words_can_be_turned_off(source: Source, theo: User) -> None:
    switch("veeam: job", by(theo), is_on=False)
    assert came(source, "[Failed] Nightly (3 machines)").reading.rule == "words"

    switch("words", by(theo), is_on=False)
    assert came(source, "[Failed] Nightly (3 machines)", number=2).result == "unknown"


def test_a_machine_that_a_mail_names_is_found_with_its_domain_and_without(northside: Client, srv01: Machine) -> None:
    source = add_source("Any", northside, at=AT)

    kept = came(source, "unattended-upgrades result for srv01.northside.example: FAILURE")

    assert (kept.reading.machine, kept.reading.severity) == (srv01, "soon")


def test_a_console_of_many_clients_is_told_apart_by_client_or_machine(
    console: Source, northside: Client, elm: Client, srv01: Machine
) -> None:
    sophos = "What happened: Malware\nWhere it happened: PC-99\nCustomer: {}\nHow severe it is: High\n"

    by_name = came(console, "Alert", sophos.format("elm st law"))
    by_machine = came(console, "unattended-upgrades result for SRV01: FAILURE", number=2)
    nobody = came(console, "Alert", sophos.format("Harbor"), number=3)

    assert (by_name.reading.client, by_name.reading.machine) == (elm, None)
    assert (by_machine.reading.client, by_machine.reading.machine) == (northside, srv01)
    assert nobody.waiting.waits_for == "client"
    assert "“Harbor” is no client" in nobody.waiting.why


def test_a_name_that_two_clients_machines_have_tells_nobody(console: Source, srv01: Machine, elm: Client) -> None:
    Machine.objects.create(site=Site.objects.get(client=elm), name="srv01", kind="server")

    assert came(console, "unattended-upgrades result for SRV01: FAILURE").waiting.waits_for == "client"


def test_a_person_says_whose_it_is(console: Source, elm: Client, theo: User) -> None:
    kept = came(console, "Hello")

    with pytest.raises(Refused, match="which client"):
        understand(kept, Result.NOTICE, by=theo)
    understand(kept, Result.NOTICE, by=theo, client=elm)

    assert Reading.objects.get().client == elm


def test_the_bytes_of_a_mail_to_two_sources_are_kept_once(source: Source, console: Source) -> None:
    for one in (source, console):
        came(one, "Backup failed")

    assert AlertMail.objects.count() == 2
    assert RawMail.objects.count() == 1


def test_a_mail_is_one_by_whichever_way_it_comes(source: Source) -> None:
    raw = mail("Backup failed", "See above", Message_ID="<1@x>", From="a@x.example")
    relayed = b"Received: from a by b; Fri, 27 Nov 2026\r\nDelivered-To: x@y\r\n" + raw.replace(b"\n", b"\r\n")

    first = keep_mail(source, raw, at=AT)
    again = keep_mail(source, relayed, at=timezone.now(), arrival=BOXED)

    assert first == again
    assert RawMail.objects.count() == 1


def test_senders_that_all_write_the_same_message_id_are_told_apart(source: Source) -> None:
    for sender in ("a@x.example", "b@x.example"):
        came(source, "Backup failed", From=sender)
    came(source, "Backup successful", From="a@x.example")

    assert AlertMail.objects.count() == 3


def test_a_sender_who_was_not_named_waits_and_a_person_takes_his_mail(northside: Client, theo: User) -> None:
    source = add_source("Backup", northside, senders=Senders(["@northside.example"]), at=AT)
    assert came(source, "Backup failed", From="a@northside.example").reading.result == "failure"
    waits = came(source, "Backup failed", number=2, From="Eve <eve@evil.example>")
    assert (waits.is_trusted, waits.waiting.waits_for) == (False, "sender")

    admit(waits, by=theo, at=AT)
    with pytest.raises(Refused, match="does not wait for its sender"):
        admit(waits, by=theo, at=AT)

    assert AlertMail.objects.get(pk=waits.pk).reading.result == "failure"
    assert came(source, "Backup failed", number=3, From="Eve <eve@evil.example>").waiting.waits_for == "sender"


def test_a_sender_is_let_in_with_all_that_waits_of_his(northside: Client, theo: User) -> None:
    source = add_source("Backup", northside, senders=Senders(["a@x.example"]), at=AT)
    waiting = [came(source, "Backup failed", number=number, From="b@x.example") for number in range(3)]

    assert let_send(waiting[0], by=theo, at=AT) == 3

    source.refresh_from_db()
    assert source.may_send == ["a@x.example", "b@x.example"]
    assert came(source, "Backup OK", number=9, From="b@x.example").reading.result == "success"
    assert Admission.objects.count() == 3


def test_what_the_mail_server_says_is_forged_waits_and_is_not_let_in(
    source: Source, theo: User, settings: LazySettings
) -> None:
    settings.MAIL_CHECKED_BY = ["mx.shop.example"]
    raw = mail("Backup failed", Message_ID="<1@x>", From="backup@srv01.example")
    forged = b"Authentication-Results: mx.shop.example; dmarc=fail header.from=srv01.example\n" + raw

    kept = keep_mail(source, forged, at=AT)

    assert (kept.dmarc, kept.waiting.waits_for) == ("fail", "sender")
    with pytest.raises(Refused, match=r"is not from backup@srv01\.example"):
        let_send(kept, by=theo, at=AT)


def test_a_mailbox_that_everybody_knows_needs_names_and_a_server_that_vouches(
    console: Source, settings: LazySettings, theo: User, elm: Client
) -> None:
    settings.MAIL_CHECKED_BY = ["mx.shop.example"]
    raw = mail("Backup OK", Message_ID="<1@x>", From="a@x.example")
    vouched = b"Authentication-Results: mx.shop.example; dkim=pass header.d=x.example\n" + raw.replace(b"<1", b"<2")

    assert keep_mail(console, raw, at=AT, arrival=BOXED).waiting.waits_for == "sender"
    let_send(AlertMail.objects.get(), by=theo, at=AT)
    console.refresh_from_db()
    assert console.may_send == ["a@x.example"]

    kept = AlertMail.objects.get(pk=keep_mail(console, vouched, at=AT, arrival=BOXED).pk)
    assert (kept.dkim, kept.is_trusted, kept.waiting.waits_for) == ("pass", True, "client")


def test_a_sender_that_is_no_address_is_refused() -> None:
    for bad in ("northside", "a@b c", "<a@b>"):
        with pytest.raises(Refused, match="is no address"):
            Senders([bad])


def test_rules_are_moved_edited_taken_out_and_each_can_be_undone(theo: User, source: Source) -> None:
    first, _ = add(rule(result="success"), by(theo))
    second, _ = add(rule(result="notice"), by(theo))
    assert state().rules == (second.pk, first.pk)

    moved = move(first, -1, by(theo))
    assert state().rules == (first.pk, second.pk)
    undo(moved, by(theo))
    assert state().rules == (second.pk, first.pk)

    switch(f"rule {second.pk}", by(theo), is_on=False)
    edited, _ = edit(second, rule(result="failure"), by(theo))
    assert (state().rules, state().off) == ((edited.pk, first.pk), frozenset({f"rule {edited.pk}"}))
    taken = remove(edited, by(theo))
    assert (state().rules, state().off) == ((first.pk,), frozenset())
    undo(taken, by(theo))
    assert (state().rules, state().off) == ((edited.pk, first.pk), frozenset({f"rule {edited.pk}"}))


def test_of_two_who_change_the_same_list_the_second_is_told(theo: User, source: Source) -> None:
    seen = by(theo)
    made, done = add(rule(result="success"), seen)

    with pytest.raises(Refused, match="changed meanwhile"):
        add(rule(result="success"), seen)
    move(made, 1, by(theo))
    with pytest.raises(Refused, match="changed meanwhile"):
        undo(done, by(theo))


def test_a_rule_that_is_gone_is_neither_edited_nor_switched(theo: User, source: Source) -> None:
    made, _ = add(rule(result="success"), by(theo))
    remove(made, by(theo))

    with pytest.raises(Refused, match="meanwhile"):
        edit(made, rule(result="notice"), by(theo))
    with pytest.raises(Refused, match="no such rule"):
        switch(f"rule {made.pk}", by(theo), is_on=False)


def test_a_changed_source_is_kept_with_who_may_send(source: Source, srv01: Machine) -> None:
    change_source(source, "Vault", srv01, Words(), Senders(["A@X.example"], is_unchecked=True))

    kept = Source.objects.get()
    assert (kept.name, kept.may_send, kept.is_unchecked) == ("Vault", ["a@x.example"], True)


def test_a_rule_says_whose_the_mails_of_a_console_are(console: Source, elm: Client, theo: User) -> None:
    waits = came(console, "[Failed] Nightly (3 machines)")
    assert "veeam: job finds no client" in waits.waiting.why

    add(Draft("Nightly is Elm's", {"subject": ["[{*}] Nightly"], "failure": ["[Failed]"]}, client=elm), by(theo))
    read_again(AT)

    assert Reading.objects.get().client == elm
