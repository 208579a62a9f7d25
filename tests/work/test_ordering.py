"""Orders by hand, parts, work done without asking, and what a deferral led to."""

from datetime import date, timedelta

import pytest

from rounds.clients.models import AgreementEnd, Client, Machine
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.work.answering import Reply, answer, approve
from rounds.work.estimating import damage_of
from rounds.work.models import Approval, Channel, Consequence, Order, Part, Stint, Verdict
from rounds.work.ordering import Call, Standstill, call_off, finish, link_consequence, reopen, take_order, use_part
from rounds.work.timing import Worked, enter, start
from tests.work.conftest import AT, Propose, Sign

HOUR = timedelta(hours=1)


def work_on(order: Order, who: User, *, is_no_charge: bool = False) -> Stint:
    return enter(order, Worked(AT, 30, is_no_charge=is_no_charge), who=who, at=AT + 8 * HOUR)


def test_finishing_and_reopening_can_be_repeated(order: Order) -> None:
    finish(order, at=AT)
    finish(order, at=AT + HOUR)
    done_at = Order.objects.get().done_at
    reopen(order)
    reopen(order)

    assert done_at == AT
    assert list(Order.objects.still_open()) == [order]


def test_an_order_is_not_done_while_a_timer_runs_on_it(order: Order, theo: User) -> None:
    start(order, who=theo, at=AT)

    with pytest.raises(Refused, match="a timer of Theo is running"):
        finish(order, at=AT)


def test_only_what_was_not_begun_can_be_called_off(order: Order, theo: User) -> None:
    call_off(order, at=AT)
    assert not Order.objects.still_open().exists()
    reopen(order)
    work_on(Order.objects.get(), theo)

    with pytest.raises(Refused, match="work on it has begun"):
        call_off(order, at=AT)


def test_what_the_client_declined_is_not_reopened(ask: Propose, theo: User) -> None:
    proposal = ask()
    answer(proposal, Reply(Verdict.DECLINE, "Nora"), by=theo, at=AT)

    with pytest.raises(Refused, match="when he agrees"):
        reopen(Order.objects.get())


def test_what_is_wrong_with_an_order_is_said(northside: Client, elm: Client, srv01: Machine, theo: User) -> None:
    for wrong, words in ((Call(northside, " "), "what it is about"), (Call(elm, "Slow", srv01), "not a machine of")):
        with pytest.raises(Refused, match=words):
            take_order(wrong, by=theo, at=AT)

    assert not Order.objects.exists()


def test_a_part_has_a_price_or_a_cost(order: Order, theo: User) -> None:
    use_part(order, Part(name="Memory, 16 GB", quantity=2, cost=48_00, used_at=AT), by=theo, at=AT)

    for wrong, words in (
        (Part(name="Disk", used_at=AT), "either the price"),
        (Part(name="Disk", price=1, cost=1, used_at=AT), "either the price"),
        (Part(name=" ", price=1, used_at=AT), "what was used"),
        (Part(name="Disk", price=1, quantity=0, used_at=AT), "at least one"),
        (Part(name="Disk", price=-1, used_at=AT), "not negative"),
        (Part(name="Disk", price=1, used_at=AT + HOUR), "in the future"),
    ):
        with pytest.raises(Refused, match=words):
            use_part(order, wrong, by=theo, at=AT)
    assert Part.objects.values_list("name", "quantity", "cost", "recorded_by").get() == (
        "Memory, 16 GB", 2, 48_00, theo.pk,
    )  # fmt: skip


def test_call_first_work_without_a_yes_waits_for_approval(sign: Sign, order: Order, theo: User) -> None:
    sign("call-first")
    stint = work_on(order, theo)
    work_on(order, theo, is_no_charge=True)

    assert list(Stint.objects.unapproved()) == [stint]

    first = approve(stint, who="Nora", channel=Channel.PHONE, by=theo, at=AT + HOUR)
    again = approve(stint, who="Norbert", channel=Channel.PHONE, by=theo, at=AT + 2 * HOUR)
    assert first == again == Approval.objects.get()
    assert not Stint.objects.unapproved().exists()


def test_call_first_work_that_was_agreed_waits_for_nothing(sign: Sign, ask: Propose, theo: User) -> None:
    sign("call-first")
    answer(ask(), Reply(Verdict.AGREE, "Nora"), by=theo, at=AT)

    work_on(Order.objects.get(), theo)

    assert not Stint.objects.unapproved().exists()


def test_an_agreement_of_before_is_no_yes_under_call_first(sign: Sign, ask: Propose, theo: User) -> None:
    before = sign("retainer")
    ask()
    AgreementEnd.objects.create(agreement=before, ends=date(2026, 4, 13))
    before.pk = None
    before.plan, before.starts = "call-first", date(2026, 4, 14)
    before.save(force_insert=True)

    stint = work_on(Order.objects.get(), theo)

    assert list(Stint.objects.unapproved()) == [stint]


@pytest.mark.parametrize("plan", ["service-agreement", "retainer", "block", "reactive"])
def test_other_plans_wait_for_nothing(sign: Sign, order: Order, theo: User, plan: str) -> None:
    sign(plan)
    work_on(order, theo)

    assert not Stint.objects.unapproved().exists()


def test_what_a_deferral_led_to_stands_beside_it(
    sign: Sign, ask: Propose, northside: Client, theo: User, elm: Client
) -> None:
    sign("call-first", hourly_rate=110_00)
    put_off = Reply(Verdict.DEFER, "Nora", until=date(2026, 6, 1))
    deferral = answer(ask(), put_off, by=theo, at=AT)
    incident = take_order(Call(northside, "Server down"), by=theo, at=AT + HOUR)
    enter(incident, Worked(AT + HOUR, 330), who=theo, at=AT + 8 * HOUR)
    use_part(incident, Part(name="Disk", quantity=2, price=100_00, used_at=AT), by=theo, at=AT)

    first = link_consequence(deferral, incident, Standstill(360, 9), by=theo, at=AT + 9 * HOUR)
    again = link_consequence(deferral, incident, Standstill(1, 1), by=theo, at=AT + 9 * HOUR)

    assert first == again == Consequence.objects.get()
    damage = damage_of(first)
    assert (damage.minutes, damage.worth, damage.parts, damage.idle) == (330, 605_00, 200_00, 1_620_00)
    assert damage.total == 2_425_00


def test_only_what_came_after_a_no_can_have_come_of_it(
    ask: Propose, northside: Client, elm: Client, order: Order, theo: User
) -> None:
    yes = answer(ask("Clean the server", ask=True), Reply(Verdict.AGREE, "Nora"), by=theo, at=AT)
    no = answer(ask(ask=True), Reply(Verdict.DECLINE, "Nora"), by=theo, at=AT + HOUR)
    foreign = take_order(Call(elm, "Slow"), by=theo, at=AT + 2 * HOUR)

    for said, on, words in ((yes, order, "agreed"), (no, foreign, "another client"), (no, order, "before the client")):
        with pytest.raises(Refused, match=words):
            link_consequence(said, on, Standstill(), by=theo, at=AT + 3 * HOUR)

    assert not Consequence.objects.exists()
