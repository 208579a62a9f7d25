"""The month's call list: whom to call, in the order of the best time, about what."""

import re
from dataclasses import dataclass, field
from datetime import date

from rounds.clients.agreeing import plans_on
from rounds.clients.models import Client, Contact
from rounds.core.days import first_of_month
from rounds.core.terms import Plan
from rounds.work.asking import midnight
from rounds.work.models import Answer, Channel, Proposal, Stint, Verdict

TIMES_OF_DAY = {"morning": 8, "noon": 12, "lunch": 12, "afternoon": 14, "evening": 18}
NEVER_SAID = 24


@dataclass(slots=True)
class CallPage:
    """One client on the call list: who to call, what to ask him, what he has answered this month."""

    client: Client
    plan: str
    contacts: list[Contact] = field(default_factory=list)
    waiting: list[Proposal] = field(default_factory=list)
    unapproved: list[Stint] = field(default_factory=list)
    answered: list[Answer] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Is there nothing left to ask?"""
        return not self.waiting and not self.unapproved

    @property
    def decider(self) -> Contact | None:
        """Whom to call: who may decide, else whoever there is."""
        return next((one for one in self.contacts if one.may_decide), self.contacts[0] if self.contacts else None)

    @property
    def order(self) -> tuple[bool, int, str]:
        """Its place on the list: what is left to ask first, by the best time, by name."""
        best = self.decider.best_time if self.decider else ""
        return self.is_done, hour_of(best), self.client.name


def hour_of(best_time: str) -> int:
    """The hour at which somebody is best called, read from words such as "after 10", "2 pm" or "evenings"."""
    words = best_time.casefold()
    found = re.search(r"(\d{1,2})(?::\d{2})?\s*(am|pm)?", words)
    if found and int(found[1]) < 24:
        hour = int(found[1])
        if found[2] == "pm" and hour < 12:
            hour += 12
        return max(0, hour - 1) if "before" in words else hour
    return next((hour for word, hour in TIMES_OF_DAY.items() if word in words), NEVER_SAID)


def call_list(day: date) -> list[CallPage]:
    """Every client to be called in the month of a day, best time first; call-first clients with nothing to ask last."""
    waiting = list(Proposal.objects.waiting(day).select_related("client", "machine", "finding"))
    unapproved = list(Stint.objects.unapproved().select_related("order__client", "who"))
    clients = {client.pk: client for client in Client.objects.current()}
    plans = plans_on(clients.values(), day)
    asked = {row.client_id for row in waiting} | {row.order.client_id for row in unapproved}
    called = asked | {key for key, row in plans.items() if row.plan == Plan.CALL_FIRST}
    pages = {
        key: CallPage(clients[key], plans[key].plan if key in plans else Plan.REACTIVE)
        for key in called & clients.keys()
    }
    return _filled(pages, waiting, unapproved, day)


def call_page(client: Client, day: date) -> CallPage:
    """One client's page of the call list."""
    waiting = list(Proposal.objects.waiting(day).filter(client=client).select_related("client", "machine", "finding"))
    unapproved = list(Stint.objects.unapproved().filter(order__client=client).select_related("order__client", "who"))
    plan = plans_on([client], day).get(client.pk)
    page = CallPage(client, plan.plan if plan else Plan.REACTIVE)
    return _filled({client.pk: page}, waiting, unapproved, day)[0]


def _filled(pages: dict[int, CallPage], waiting: list[Proposal], unapproved: list[Stint], day: date) -> list[CallPage]:
    for contact in Contact.objects.filter(client__in=pages, left_at=None).order_by("-may_decide", "name", "pk"):
        pages[contact.client_id].contacts.append(contact)
    for proposal in waiting:
        if proposal.client_id in pages:
            pages[proposal.client_id].waiting.append(proposal)
    for stint in unapproved:
        if stint.order.client_id in pages:
            pages[stint.order.client_id].unapproved.append(stint)
    month = first_of_month(day)
    answers = Answer.objects.filter(at__gte=midnight(month)).exclude(channel=Channel.AGREEMENT)
    for answer in answers.select_related("proposal").order_by("pk"):
        if answer.proposal.client_id in pages:
            pages[answer.proposal.client_id].answered.append(answer)
    return sorted(pages.values(), key=lambda page: page.order)


def count_waiting(day: date) -> int:
    """How many proposals wait for an answer."""
    return Proposal.objects.waiting(day).filter(client__left_at=None).count()


def tally(answers: list[Answer]) -> str:
    """What was answered, in words: "2 agreed, 1 deferred"; of two answers to one proposal the last counts."""
    last = {answer.proposal_id: answer.verdict for answer in answers}
    counts = [(verdict.label.lower(), list(last.values()).count(verdict)) for verdict in Verdict]
    return ", ".join(f"{count} {word}" for word, count in counts if count)
