"""Proposing work to clients of every plan, and what they answer."""

from datetime import date, timedelta

import pytest

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.findings.models import Finding
from rounds.people.models import User
from rounds.upkeep.models import Duty, Routine
from rounds.work.answering import Reply, answer
from rounds.work.estimating import downtime_of
from rounds.work.models import Answer, Channel, Order, Proposal, Verdict
from rounds.work.proposing import draft_from_duty, draft_from_finding, propose, restore, withdraw
from tests.work.conftest import AT, Propose, Sign

LATER = AT + timedelta(hours=1)
TODAY = date(2026, 4, 14)


def agreed(who: str = "Nora") -> Reply:
    return Reply(Verdict.AGREE, who)


def deferred(until: date | None) -> Reply:
    return Reply(Verdict.DEFER, "Nora", until=until)


@pytest.fixture
def finding(northside: Client, srv01: Machine) -> Finding:
    return Finding.objects.create(
        client=northside, machine=srv01, rule="disk-full", subject="C:", severity="trouble",
        title="C: is full in 9–16 days", opened_at=AT,
    )  # fmt: skip


def test_a_call_first_client_is_asked(sign: Sign, ask: Propose) -> None:
    sign("call-first")

    proposal = ask()

    assert list(Proposal.objects.waiting(TODAY)) == [proposal]
    assert not Order.objects.exists()


@pytest.mark.parametrize("plan", ["service-agreement", "retainer", "block", "reactive"])
def test_under_every_other_plan_it_is_an_order_at_once(sign: Sign, ask: Propose, plan: str) -> None:
    sign(plan)

    proposal = ask()

    order = Order.objects.get()
    assert (order.proposal, order.is_planned, order.title) == (proposal, True, "Server memory is short")
    assert Answer.objects.get().channel == Channel.AGREEMENT


def test_any_client_can_be_asked_anyway(sign: Sign, ask: Propose) -> None:
    sign("service-agreement")

    proposal = ask(ask=True)

    assert list(Proposal.objects.waiting(TODAY)) == [proposal]


@pytest.mark.parametrize(
    ("plan", "terms", "category", "price"),
    [
        ("call-first", {"hourly_rate": 110_00}, "maintenance", 165_00),  # 80 minutes are billed as 90
        ("call-first", {}, "maintenance", 150_00),
        ("retainer", {"discount": "10%"}, "maintenance", 135_00),
        ("retainer", {"discount": "10%"}, "website", 150_00),
        ("service-agreement", {"discount": "10%"}, "maintenance", None),
        ("service-agreement", {"discount": "10%"}, "project", 150_00),
        ("block", {}, "project", None),
        ("block", {"hourly": ["project"]}, "project", 150_00),
    ],
)
def test_the_price_told_is_that_of_the_plan(
    sign: Sign, ask: Propose, plan: str, terms: dict[str, object], category: str, price: int | None
) -> None:
    sign(plan, **terms)

    assert ask(category=category, ask=True).price == price


def test_downtime_is_told_as_a_range(ask: Propose) -> None:
    proposal = ask(idle_hours=(4, 10), idle_people=9)

    downtime = downtime_of(proposal)

    assert downtime is not None
    assert downtime.amounts == (1_100_00, 2_700_00)
    assert downtime_of(ask("Clean the server")) is None


def test_a_finding_becomes_one_proposal(sign: Sign, finding: Finding, theo: User) -> None:
    sign("call-first")
    draft = draft_from_finding(finding)

    first = propose(draft, by=theo, at=AT)
    again = propose(draft, by=theo, at=LATER)

    assert first == again
    assert (first.title, first.why) == ("Make room on C:", "C: is full in 9–16 days")
    assert "work cannot be saved" in first.risk


def test_a_duty_becomes_one_proposal(northside: Client, theo: User) -> None:
    routine = Routine.objects.create(name="Clean the server", cadence="6 months", minutes=45, starts=TODAY)
    duty = Duty.objects.create(routine=routine, client=northside, due_on=TODAY)

    first = propose(draft_from_duty(duty), by=theo, at=AT)
    again = propose(draft_from_duty(duty), by=theo, at=LATER)

    assert first == again
    assert (first.title, first.minutes) == ("Clean the server", 45)
    assert Order.objects.count() == 1


def test_what_is_wrong_with_a_proposal_is_said(ask: Propose, elm: Client, northside: Client) -> None:
    for wrong, words in (
        ({"title": " "}, "say what"),
        ({"minutes": 0}, "at least a minute"),
        ({"client": elm}, "is not a machine of"),
        ({"idle_hours": (10, 4)}, "4 is below 10"),
    ):
        with pytest.raises(Refused, match=words):
            ask(**wrong)
    Client.objects.filter(pk=northside.pk).update(left_at=AT)
    with pytest.raises(Refused, match="no longer a client"):
        ask()

    assert not Proposal.objects.exists()


def test_agreeing_twice_makes_one_order(ask: Propose, theo: User) -> None:
    proposal = ask(ask=True)

    first = answer(proposal, agreed(), by=theo, at=LATER)
    again = answer(proposal, agreed("Norbert"), by=theo, at=LATER)

    assert first == again
    assert Order.objects.count() == Answer.objects.count() == 1


def test_a_deferral_asks_again_from_its_day_on(ask: Propose, theo: User) -> None:
    proposal = ask(ask=True)

    answer(proposal, deferred(date(2026, 5, 1)), by=theo, at=LATER)

    assert not Proposal.objects.waiting(date(2026, 4, 30)).exists()
    assert list(Proposal.objects.put_off(date(2026, 4, 30))) == [proposal]
    assert list(Proposal.objects.waiting(date(2026, 5, 1))) == [proposal]


def test_the_last_answer_counts(ask: Propose, theo: User) -> None:
    proposal = ask(ask=True)
    answer(proposal, deferred(date(2026, 5, 1)), by=theo, at=LATER)
    answer(proposal, Reply(Verdict.DECLINE, "Nora"), by=theo, at=LATER)

    answer(proposal, agreed(), by=theo, at=LATER)

    assert list(Proposal.objects.answered(Verdict.AGREE)) == [proposal]
    assert [one.verdict for one in proposal.answers.all()] == ["defer", "decline", "agree"]
    assert Order.objects.get().is_open


def test_a_change_of_mind_calls_the_order_off_until_he_agrees_again(ask: Propose, theo: User) -> None:
    proposal = ask()

    answer(proposal, Reply(Verdict.DECLINE, "Nora"), by=theo, at=LATER)
    called_off = Order.objects.get().called_off_at
    answer(proposal, agreed(), by=theo, at=LATER)

    assert called_off == LATER
    assert Order.objects.get().is_open


def test_a_change_of_mind_after_work_has_begun_is_refused(ask: Propose, theo: User) -> None:
    proposal = ask()
    Order.objects.update(done_at=LATER)

    with pytest.raises(Refused, match="work on it has begun"):
        answer(proposal, Reply(Verdict.DECLINE, "Nora"), by=theo, at=LATER)

    assert Answer.objects.count() == 1


def test_what_is_wrong_with_an_answer_is_said(ask: Propose, theo: User) -> None:
    proposal = ask(ask=True)
    for wrong, words in (
        (agreed(" "), "who at the client"),
        (deferred(None), "until when"),
        (deferred(TODAY), "tomorrow at the earliest"),
    ):
        with pytest.raises(Refused, match=words):
            answer(proposal, wrong, by=theo, at=LATER)

    assert not Answer.objects.exists()


def test_a_proposal_can_be_taken_back_until_it_is_answered(ask: Propose, theo: User) -> None:
    proposal = ask(ask=True)

    withdraw(proposal, at=LATER)
    withdraw(proposal, at=LATER + timedelta(hours=1))
    with pytest.raises(Refused, match="taken back"):
        answer(proposal, agreed(), by=theo, at=LATER)
    restore(proposal)
    answer(proposal, agreed(), by=theo, at=LATER)

    with pytest.raises(Refused, match="has answered"):
        withdraw(proposal, at=LATER)
