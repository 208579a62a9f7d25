"""The office's pages of work: what they show, what their forms do, and that strangers find nothing."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from rounds.clients.models import Client, Contact, Machine
from rounds.findings.models import Finding
from rounds.pages import panels
from rounds.people.models import User
from rounds.work.answering import Reply, answer
from rounds.work.models import Answer, Approval, Consequence, Order, Part, Proposal, Stint, Timer, Verdict
from rounds.work.ordering import Call, take_order
from rounds.work.timing import Worked, enter, start
from tests.work.conftest import AT, SAID, AsPerson, Propose, Sign, text_of

PAGES = (
    "/work/", "/work/calls", "/work/calls/{client}", "/work/proposals", "/work/proposals/{proposal}", "/work/orders",
    "/work/orders/{order}", "/work/stints", "/work/stints?state=held", "/work/proposals/new", "/work/orders/new",
    "/work/orders/{order}/stints", "/work/timer",
)  # fmt: skip
POSTS = (
    "/work/timer", "/work/timer/discarding", "/work/calls/{client}/timer", "/work/proposals",
    "/work/proposals/{proposal}/answers", "/work/proposals/{proposal}/withdrawal",
    "/work/proposals/{proposal}/consequences", "/work/orders/new", "/work/orders/{order}/timer",
    "/work/orders/{order}/stints", "/work/orders/{order}/parts", "/work/orders/{order}/note",
    "/work/orders/{order}/state", "/work/stints/{stint}/approval",
)  # fmt: skip


@pytest.fixture
def keys(northside: Client, ask: Propose, order: Order, theo: User) -> dict[str, int]:
    stint = enter(order, Worked(AT, 30), who=theo, at=AT + timedelta(hours=1))
    start(order, who=theo, at=timezone.now())
    return {"client": northside.pk, "proposal": ask(ask=True).pk, "order": order.pk, "stint": stint.pk}


@pytest.mark.parametrize("page", PAGES)
def test_the_shop_sees_every_page_and_a_client_none(
    as_person: AsPerson, keys: dict[str, int], theo: User, nora: User, stranger: User, page: str
) -> None:
    address = page.format(**keys)

    assert as_person(theo).get(address).status_code == 200
    assert as_person(nora).get(address).status_code == 404
    assert as_person(stranger).get(address).status_code == 404
    assert Browser().get(address).status_code == 302


@pytest.mark.parametrize("page", POSTS)
def test_nobody_but_a_technician_changes_anything(
    as_person: AsPerson, keys: dict[str, int], bea: User, nora: User, page: str
) -> None:
    address = page.format(**keys)
    before = [model.objects.count() for model in (Proposal, Answer, Order, Stint, Part, Timer, Approval)]

    for person in (bea, nora):
        assert as_person(person).post(address, {**SAID, "verdict": "agree", "state": "done"}).status_code == 404
    assert Browser().post(address, SAID).status_code == 302

    assert [model.objects.count() for model in (Proposal, Answer, Order, Stint, Part, Timer, Approval)] == before
    assert Order.objects.get(pk=keys["order"]).is_open


@pytest.mark.parametrize("page", ["/work/calls/9999", "/work/proposals/9999", "/work/orders/9999"])
def test_what_does_not_exist_is_not_found(office: Browser, page: str) -> None:
    assert office.get(page).status_code == 404


def test_the_call_list_reads_like_a_call(sign: Sign, ask: Propose, office: Browser, northside: Client) -> None:
    sign("call-first", hourly_rate=110_00)
    Contact.objects.filter(client=northside).update(phone="555-0122", best_time="before 8")
    ask(risk="The server stops.", idle_hours=(4, 10), idle_people=9)

    shown = " ".join(text_of(office, "/work/calls").split())

    for words in ("1 to call", "call Nora, before 8", "555-0122", "Server memory is short", "1:20 h, 165.00 USD",
                  "4–10 h idle for 9 people, 1,100–2,700 USD"):  # fmt: skip
        assert words in shown


def test_the_list_is_in_the_order_of_the_best_time(sign: Sign, ask: Propose, elm: Client, office: Browser) -> None:
    sign("call-first")
    Contact.objects.update(best_time="evenings")
    Contact.objects.create(client=elm, name="Eve", best_time="after 10", may_decide=True)
    ask()
    ask("Clean the server", client=elm, machine=None, ask=True)

    shown = text_of(office, "/work/calls")

    assert shown.index("Elm St Law") < shown.index("Northside Dental")


def test_a_call_first_client_with_nothing_to_ask_is_named(sign: Sign, office: Browser) -> None:
    sign("call-first")

    shown = text_of(office, "/work/calls")

    assert "nothing was proposed this month" in shown
    assert "Northside Dental" in shown


@pytest.mark.parametrize("verdict", ["agree", "defer", "decline"])
def test_an_answer_on_the_phone_is_kept_and_the_list_goes_on(
    ask: Propose, office: Browser, theo: User, verdict: str
) -> None:
    proposal = ask(ask=True)
    told = {**SAID, "verdict": verdict, "until": "2199-01-01", "note": "after the audit", "next": "/work/calls"}

    reply = office.post(f"/work/proposals/{proposal.pk}/answers", told)

    assert reply.url == "/work/calls"  # type: ignore[attr-defined]
    kept = Answer.objects.get()
    assert (kept.verdict, kept.who, kept.channel, kept.recorded_by) == (verdict, "Nora", "phone", theo)
    assert Order.objects.exists() == (verdict == "agree")
    assert not Proposal.objects.waiting(AT.date()).exists()


def test_a_wrong_answer_is_shown_again_with_what_was_typed(ask: Propose, office: Browser) -> None:
    proposal = ask(ask=True)
    told = {**SAID, "verdict": "defer", "until": "2020-01-01", "note": "later"}

    reply = office.post(f"/work/proposals/{proposal.pk}/answers", told)

    assert "tomorrow at the earliest" in reply.content.decode()
    assert "later" in reply.content.decode()
    assert not Answer.objects.exists()


def test_nothing_leads_to_another_server(ask: Propose, office: Browser) -> None:
    told = {**SAID, "verdict": "agree", "next": "//evil.example/"}
    proposal = ask(ask=True)

    reply = office.post(f"/work/proposals/{proposal.pk}/answers", told)

    assert reply.url == f"/work/proposals/{proposal.pk}"  # type: ignore[attr-defined]


def test_a_finding_is_proposed_from_its_page(sign: Sign, office: Browser, northside: Client, srv01: Machine) -> None:
    sign("call-first")
    finding = Finding.objects.create(
        client=northside, machine=srv01, rule="disk-full", severity="soon", title="C: is full", opened_at=AT
    )
    wish = office.post("/work/proposals", {"finding": finding.pk}, follow=True)
    assert 'value="Make room on the disk"' in wish.content.decode()
    told = {"finding": finding.pk, "title": "Make room on C:", "minutes": "30", "category": "maintenance",
            "machine": srv01.pk, "risk": "It stops."}  # fmt: skip

    office.post("/work/proposals", told)
    again = office.post("/work/proposals", told)

    proposal = Proposal.objects.get()
    assert (proposal.finding, proposal.title, proposal.minutes) == (finding, "Make room on C:", 30)
    assert again.url == f"/work/proposals/{proposal.pk}"  # type: ignore[attr-defined]


def test_a_wrong_proposal_says_what_is_wrong(office: Browser, northside: Client) -> None:
    told = {"client": northside.pk, "title": "", "minutes": "0", "category": "maintenance", "idle_hours_low": "9",
            "idle_hours_high": "4", "idle_hour_cost": "30.001"}  # fmt: skip

    shown = office.post("/work/proposals", told).content.decode()

    assert "required" in shown
    assert "it may be 9 or more" in shown
    assert "more decimals than the currency" in shown
    assert not Proposal.objects.exists()


def test_a_proposal_is_taken_back_and_put_back(ask: Propose, office: Browser) -> None:
    proposal = ask(ask=True)
    address = f"/work/proposals/{proposal.pk}/withdrawal"

    office.post(address)
    assert not Proposal.objects.waiting(AT.date()).exists()
    office.post(address, {"undo": "1"})

    assert Proposal.objects.waiting(AT.date()).exists()


def test_what_a_deferral_led_to_is_linked_and_shown(ask: Propose, office: Browser, theo: User) -> None:
    proposal = ask(ask=True)
    reply = Reply(Verdict.DEFER, "Nora", until=(AT + timedelta(days=30)).date())
    answer(proposal, reply, by=theo, at=AT)
    incident = take_order(Call(proposal.client, "Server down"), by=theo, at=AT + timedelta(days=1))
    told = {"order": incident.pk, "idle_hours": "6", "idle_people": "9", "note": "All stood still"}

    office.post(f"/work/proposals/{proposal.pk}/consequences", told)

    kept = Consequence.objects.get()
    assert (kept.idle_minutes, kept.idle_people) == (360, 9)
    assert "1,620.00" in text_of(office, f"/work/proposals/{proposal.pk}")


@pytest.mark.parametrize("page", ["proposals?state=all", "orders", "stints?from=2026-04-01"])
def test_lists_are_searched_sorted_and_given_as_csv(
    ask: Propose, office: Browser, order: Order, theo: User, page: str
) -> None:
    ask("=Printer, odd name", ask=True)
    enter(order, Worked(AT, 30), who=theo, at=AT + timedelta(hours=1))
    address = f"/work/{page}{'&' if '?' in page else '?'}"

    assert "Northside Dental" in text_of(office, f"{address}q=printer&sort=-client")
    assert "empty" in text_of(office, f"{address}q=nothing+like+it")
    csv = text_of(office, f"{address}format=csv").splitlines()

    assert len(csv) == 2
    assert "Northside Dental" in csv[1]
    assert '"=' not in csv[1]


def test_other_pages_show_what_work_knows(
    sign: Sign, ask: Propose, order: Order, theo: User, rf: RequestFactory
) -> None:
    sign("call-first")
    ask()
    start(order, who=theo, at=timezone.now())
    request = rf.get("/")
    request.user = theo

    on_client = {s.title: s.body for s in panels.sections("client", request, order.client)}
    on_machine = {s.title: s.body for s in panels.sections("machine", request, order.machine)}
    today = {s.title: s.body for s in panels.sections("today", request)}
    found = {group.title: [one.title for one in group.found] for group in panels.search(theo, "er")}

    assert "Server memory is short" in on_client["Waiting for their answer"]
    assert "Printer does not answer" in on_client["Recent work"]
    assert "Printer does not answer" in on_machine["What happened here"]
    assert "Northside Dental" in today["Answers waiting"]
    assert "you" in today["Timers running"]
    assert found["Orders"] == [f"{order.pk} Printer does not answer"]
    assert found["Proposals"] == ["Server memory is short"]


def test_a_search_of_a_client_finds_nothing_of_work(ask: Propose, order: Order, nora: User) -> None:
    ask(ask=True)

    titles = {group.title for group in panels.search(nora, "er")}

    assert not titles & {"Orders", "Proposals"}
