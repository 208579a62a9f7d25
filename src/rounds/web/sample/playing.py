"""Plays the sample shop's year through the public verbs, as its people would have done it at their pages."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

from rounds.clients.agreeing import sign
from rounds.clients.rows import agreement_row
from rounds.core import terms
from rounds.core.days import add_months
from rounds.findings import reporting
from rounds.invoices import mailing
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.invoices.paying import pay
from rounds.invoices.selling import buy_hours, deposit
from rounds.mail.models import Source
from rounds.mail.receiving import keep_mail
from rounds.people.shop import local_moment
from rounds.upkeep import planning
from rounds.upkeep.models import Duty
from rounds.upkeep.proving import Outcome, Told, leave_evidence
from rounds.web.sample.cast import CAST
from rounds.web.sample.setting import Scene
from rounds.web.sample.story import Act
from rounds.work.answering import Reply, answer, approve
from rounds.work.models import Channel, Order, Part, Verdict
from rounds.work.ordering import Call, Standstill, finish, link_consequence, reopen, take_order, use_part
from rounds.work.proposing import Draft, propose
from rounds.work.timing import Worked, enter

CHARACTERS = {character.name: character for character in CAST}


def play_year(scene: Scene, acts: list[Act], today: date) -> Iterator[date]:
    """Play the acts day by day, with what the ticker and the payers do between them; gives each day when it is done."""
    by_day: dict[date, list[Act]] = {}
    for act in acts:
        by_day.setdefault(act.local.date(), []).append(act)
    day = min(by_day)
    while day < today:
        for act in by_day.get(day, []):
            VERBS[act.verb](scene, act, local_moment(day, act.local.time()))
        if day.day == 1:
            for client in scene.clients.values():
                bring(client, local_moment(day, time(23)))
            mailing.pull(local_moment(day, time(23)))
        _pay_what_is_due(scene, day)
        planning.pull(day)
        _do_what_is_due(scene, day, today)
        if day.day == 28 or day > today - timedelta(days=10):
            reporting.pull()
        yield day
        day += timedelta(days=1)


def _pay_what_is_due(scene: Scene, day: date) -> None:
    """Every client pays an invoice his usual number of days after it was issued."""
    for invoice in Invoice.objects.unpaid().filter(issued_on__gte=day - timedelta(days=60)):
        client = scene.clients[invoice.client.name]
        if (day - invoice.issued_on).days == CHARACTERS[client.name].habits.pays_after_days:
            pay(client, invoice.open, at=local_moment(day, time(14)), by=scene.staff["Bea Lindqvist"], invoice=invoice)


def _do_what_is_due(scene: Scene, day: date, today: date) -> None:
    """The technicians do the day's duties at its end; the last days leave some open, and one client's cleaning late."""
    for duty in Duty.objects.filter(closed_at=None, due_on__lte=day).select_related("routine", "client"):
        is_late_cleaning = "cleaning" in duty.routine.name and (today - day).days < 40
        if not is_late_cleaning and (today - day).days >= 2:
            told = Told(Outcome.DONE, ticked=duty.routine.checklist)
            leave_evidence(duty, told, by=scene.staff["Ines Okafor"], at=local_moment(day, time(17)))


def _agree(scene: Scene, act: Act, at: datetime) -> None:
    character = CHARACTERS[act.client]
    told: dict[str, Any] = character.terms
    value = terms.Agreement(
        key=0, plan=character.plan, starts=act.local.date(),
        ends=add_months(act.local.date(), 18) - timedelta(days=1) if character.plan == "service-agreement" else None,
        **told,
    )  # fmt: skip
    sign(agreement_row(scene.clients[act.client], value), by=scene.staff["Olga Reyes"], at=at)


def _deposit(scene: Scene, act: Act, at: datetime) -> None:
    amount: Any = act.details["amount"]
    deposit(scene.clients[act.client], amount, at=at, by=scene.staff["Bea Lindqvist"])


def _buy(scene: Scene, act: Act, at: datetime) -> None:
    hours: Any = act.details["hours"]
    buy_hours(scene.clients[act.client], hours, at=at, by=scene.staff["Bea Lindqvist"])


def _order(scene: Scene, act: Act, at: datetime) -> Order:
    """The order that an act is about: the one just worked on, of an agreed proposal, or taken on the phone."""
    told: dict[str, Any] = act.details
    if told.get("is_more"):
        order = scene.orders[f"{act.client} latest"]
        reopen(order)
        return order
    if "key" in told:
        return Order.objects.get(proposal=scene.proposals[told["key"]])
    machine = scene.machines.get((act.client, told.get("machine", "")))
    title = told.get("title") or f"{told['name']} fitted"
    call = Call(scene.clients[act.client], title, machine, told.get("category", "support"))
    return take_order(call, by=scene.technician, at=at)


def _stint(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    order = _order(scene, act, at)
    ended = at + timedelta(minutes=told["minutes"])
    worked = Worked(
        at, told["minutes"], category=told.get("category", order.category), place=told.get("place", "remote"),
        is_after_hours=told.get("is_after_hours", False), is_no_charge=told.get("is_no_charge", False),
        cause=told.get("cause", "unknown"),
    )  # fmt: skip
    stint = enter(order, worked, who=scene.technician, at=ended)
    if told.get("is_approved") and CHARACTERS[act.client].plan == "call-first" and "key" not in told:
        who = CHARACTERS[act.client].contact.name
        approve(stint, who=who, channel=Channel.PHONE, by=scene.technician, at=ended)
    finish(order, at=ended)
    scene.orders[f"{act.client} latest"] = order


def _part(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    order = scene.orders.get(f"{act.client} latest") or _order(scene, act, at)
    used = Part(name=told["name"], quantity=told["quantity"], cost=told["cost"], used_at=at)
    use_part(order, used, by=scene.technician, at=at)


def _propose(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    draft = Draft(
        scene.clients[act.client], told["title"], told["minutes"], scene.machines[act.client, told["machine"]],
        risk=told.get("risk", ""), idle_hours=told.get("idle_hours", (None, None)), idle_people=told.get("idle_people"),
    )  # fmt: skip
    scene.proposals[told["key"]] = propose(draft, by=scene.technician, at=at)


def _answer(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    who = CHARACTERS[act.client].contact.name
    reply = Reply(Verdict(told["verdict"]), who, Channel.PHONE, until=told.get("until"), note=told.get("note", ""))
    answer(scene.proposals[told["key"]], reply, by=scene.technician, at=at)


def _link(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    refused = scene.proposals[told["key"]].answers.filter(verdict=Verdict.DEFER).latest("at")
    order = Order.objects.filter(client=scene.clients[act.client], title__startswith="Firewall broken").earliest("pk")
    idle = Standstill(told["idle_minutes"], told["idle_people"])
    link_consequence(refused, order, idle, by=scene.technician, at=at)


def _alert(scene: Scene, act: Act, at: datetime) -> None:
    told: dict[str, Any] = act.details
    machine = scene.machines[act.client, told["machine"]]
    source, _ = Source.objects.get_or_create(
        client=scene.clients[act.client], machine=machine, name=f"Backup of {machine.name}",
        defaults={"local_part": f"sample-{machine.pk}"},
    )  # fmt: skip
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "backup@harborlog.example", told["subject"], at
    message.set_content(told["text"])
    keep_mail(source, message.as_bytes(), at=at)


type Play = Callable[[Scene, Act, datetime], None]
VERBS: dict[str, Play] = {
    "agree": _agree, "deposit": _deposit, "buy": _buy, "stint": _stint, "part": _part, "propose": _propose,
    "answer": _answer, "link": _link, "alert": _alert,
}  # fmt: skip
