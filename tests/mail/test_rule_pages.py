"""Rules as people make them: from a mail, tried on past mails, kept when they have seen what it does, and undone."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client, Machine
from rounds.mail.models import AlertMail, RuleList, ShopRule, Source
from rounds.mail.receiving import Senders, add_source
from rounds.mail.ruling import add, state
from rounds.mail.understanding import read_again
from rounds.people.models import User
from tests.mail.test_receiving import AT
from tests.mail.test_understanding import by, came, rule

type SignIn = Callable[[User], Browser]


@pytest.fixture
def source(northside: Client, srv01: Machine) -> Source:
    return add_source("Backup of SRV01", northside, srv01, at=AT)


@pytest.fixture
def waits(source: Source) -> AlertMail:
    return came(source, "Sicherung SRV01 vom 27.11.2026: fehlgeschlagen")


def entered(reply: object) -> dict[str, str]:
    """What a browser would send back of the form that it was shown."""
    form = reply.context["form"]  # type: ignore[attr-defined]
    told = {name: field for name in form.fields if (field := form[name].value()) is not None}
    told = {name: "\n".join(value) if isinstance(value, list) else value for name, value in told.items()}
    return {**told, "seen": reply.context["seen"], "tried": reply.context["mark"]}  # type: ignore[attr-defined]


def test_a_rule_is_proposed_tried_and_kept_only_then(waits: AlertMail, as_person: SignIn, theo: User) -> None:
    browser, page = as_person(theo), f"/mail/{waits.pk}/rule"
    came(waits.source, "Sicherung SRV01 vom 26.11.2026: erfolgreich", number=2)
    came(waits.source, "Hello", number=3)
    first = browser.get(page)
    told = entered(first)
    assert told["subject"] == "Sicherung {machine} vom {*}: fehlgeschlagen"

    told |= {"subject": "Sicherung {machine} vom {*}", "failure": "fehlgeschlagen", "success": "erfolgreich"}
    tried = browser.post(page, {**told, "do": "keep"})
    assert "this is what it does now" in tried.text
    assert "Of the latest 3 mails it knows 2; 2 of them wait now" in " ".join(tried.text.split())
    assert not ShopRule.objects.exists()

    kept = browser.post(page, {**entered(tried), "do": "keep"}, follow=True)
    assert f"Kept “{ShopRule.objects.get().name}”" in kept.text
    read_again(AT)
    assert sorted(mail.result for mail in AlertMail.objects.all()) == ["failure", "success", "unknown"]
    shown = browser.get(f"/mail/{waits.pk}").text
    assert "“Sicherung {machine} vom {*}” in the subject; “fehlgeschlagen” in the subject tells the result" in shown

    browser.post(f"/mail/rules/changes/{state().number}/undo")
    assert state().rules == ()


def test_a_rule_that_is_changed_after_it_was_tried_is_tried_again(
    waits: AlertMail, as_person: SignIn, theo: User
) -> None:
    browser, page = as_person(theo), f"/mail/{waits.pk}/rule"
    tried = browser.post(page, {**entered(browser.get(page)), "result": "failure", "do": "preview"})

    again = browser.post(page, {**entered(tried), "result": "success", "do": "keep"})

    assert "this is what it does now" in again.text
    assert not ShopRule.objects.exists()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"subject": "{*}"}, "has no words of its own"),
        ({"failure": "x {secret}"}, "is no hole that is known"),
        ({"subject": "", "text": "", "result": "success"}, "else it knows every mail"),
        ({"result": "", "failure": ""}, "A rule must say what its mails report"),
        ({"subject": "\n".join(["x"] * 41), "result": "success"}, "at most 40 patterns"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_is_no_rule_is_refused_beside_its_field(
    waits: AlertMail, as_person: SignIn, theo: User, entry: dict[str, str], why: str
) -> None:
    browser, page = as_person(theo), f"/mail/{waits.pk}/rule"

    reply = browser.post(page, {**entered(browser.get(page)), **entry, "do": "keep"})

    assert reply.status_code == 422
    assert why in reply.text
    assert not ShopRule.objects.exists()


def test_a_pattern_that_would_hang_a_regular_expression_hangs_nobody(
    waits: AlertMail, as_person: SignIn, theo: User
) -> None:
    came(waits.source, "a" * 400, "a" * 100_000 + "\n" + "a " * 50_000, number=2)
    told = {**entered(as_person(theo).get(f"/mail/{waits.pk}/rule")), "subject": "(a+)+$\na{*}a{*}a{*}a{*}a{*}b"}

    reply = as_person(theo).post(f"/mail/{waits.pk}/rule", {**told, "result": "success", "do": "preview"})

    assert "It knows none of the latest 2 mails" in reply.text


def test_a_rule_is_edited_in_its_place(waits: AlertMail, as_person: SignIn, theo: User) -> None:
    first, _ = add(rule(result="success"), by(theo))
    last, _ = add(rule(result="notice"), by(theo))
    browser, page = as_person(theo), f"/mail/rules/{first.pk}"

    tried = browser.post(page, {**entered(browser.get(page)), "name": "Renamed", "do": "preview"})
    browser.post(page, {**entered(tried), "do": "keep"})

    made = ShopRule.objects.latest("pk")
    assert (made.name, state().rules) == ("Renamed", (last.pk, made.pk))


def test_rules_are_moved_and_turned_off_on_their_page(source: Source, as_person: SignIn, theo: User) -> None:
    first, _ = add(rule(result="success"), by(theo))
    second, _ = add(rule(result="notice"), by(theo))
    browser = as_person(theo)

    for do, key in (
        ("down", f"rule {second.pk}"),
        ("off", f"rule {first.pk}"),
        ("off", "veeam: job"),
        ("off", "words"),
    ):
        reply = browser.post("/mail/rules/changes", {"do": do, "key": key, "seen": state().number}, follow=True)
        assert "Undo" in reply.text

    assert state().rules == (first.pk, second.pk)
    assert state().off == {f"rule {first.pk}", "veeam: job", "words"}
    reply = browser.post("/mail/rules/changes", {"do": "on", "key": "words", "seen": 1}, follow=True)
    assert "changed meanwhile" in reply.text
    assert browser.post("/mail/rules/changes", {"do": "nonsense", "key": f"rule {first.pk}"}).status_code == 404


@pytest.mark.parametrize("page", ["/mail/received", "/mail/waiting", "/mail/rules"])
def test_lists_are_the_offices_alone(waits: AlertMail, as_person: SignIn, bea: User, stranger: User, page: str) -> None:
    assert as_person(bea).get(page).status_code == 200
    assert as_person(stranger).get(page).status_code == 404


@pytest.mark.parametrize(
    "page",
    ["/mail/{0}/rule", "/mail/rules/{1}", "/mail/rules/changes", "/mail/rules/changes/{2}/undo", "/mail/{0}/admission"],
)
def test_neither_a_stranger_nor_the_bookkeeper_makes_or_changes_rules(
    waits: AlertMail, as_person: SignIn, theo: User, bea: User, stranger: User, page: str
) -> None:
    made, done = add(rule(result="success"), by(theo))
    address = page.format(waits.pk, made.pk, done.pk)

    for person in (bea, stranger):
        told = {
            "do": "remove",
            "key": f"rule {made.pk}",
            "seen": done.pk,
            "name": "x",
            "subject": "x",
            "result": "success",
        }
        assert as_person(person).post(address, told).status_code in {403, 404}

    assert (RuleList.objects.count(), ShopRule.objects.count()) == (1, 1)


def test_the_queue_says_why_mails_wait_and_offers_a_rule(
    waits: AlertMail, as_person: SignIn, theo: User, northside: Client
) -> None:
    strange = came(add_source("Named", northside, senders=Senders(["a@x.example"]), at=AT), "Backup failed")
    browser = as_person(theo)

    shown = browser.get("/mail/waiting").text
    assert f"/mail/{waits.pk}/rule" in shown
    assert "backup@srv01.example is not among those who may send" in shown
    assert "Sicherung" not in browser.get("/mail/waiting?for=sender").text

    browser.post(f"/mail/{strange.pk}/admission")
    assert AlertMail.objects.get(pk=strange.pk).result == "failure"
    assert "No mail waits for this" in browser.get("/mail/waiting?for=sender").text
    reply = browser.post(f"/mail/{strange.pk}/admission", follow=True)
    assert "does not wait for its sender" in reply.text


def test_a_sender_is_let_in_on_the_page_of_his_mail(as_person: SignIn, theo: User, northside: Client) -> None:
    source = add_source("Named", northside, senders=Senders(["a@x.example"]), at=AT)
    strange = came(source, "Backup failed")

    assert "whatever backup@srv01.example sends" in as_person(theo).get(f"/mail/{strange.pk}").text
    as_person(theo).post(f"/mail/{strange.pk}/admission", {"all": "1"})

    assert Source.objects.get().may_send == ["a@x.example", "backup@srv01.example"]


def test_mails_are_searched_filtered_and_taken_as_csv(
    waits: AlertMail, as_person: SignIn, bea: User, elm: Client, northside: Client
) -> None:
    came(waits.source, "[Failed] Nightly (3 machines)", number=2)
    browser = as_person(bea)

    for query, count in (
        ("", 2), ("q=nightly", 1), ("q=srv01.example", 2), ("q=harbor", 0), ("result=failure", 1),
        ("result=unknown", 1), ("result=nonsense", 2),
        (f"client={northside.pk}", 2), (f"client={elm.pk}", 0), ("product=veeam", 1),
    ):  # fmt: skip
        reply = browser.get(f"/mail/received?{query}&format=csv")
        lines = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert len(lines) == count + 1, query
        assert browser.get(f"/mail/received?{query}").status_code == 200
