"""Rehearsing: a story goes in, the invoices, notices and balances that the rules make of it come out."""

from dataclasses import dataclass, field, replace
from datetime import date

from rounds.core import bringing, buying, opening, rating, settling, voiding
from rounds.core.account import Account, Closing, Key, Kind, Line, Notice, Outcome, Part, Work
from rounds.core.bringing import Brought
from rounds.core.money import show_amount, show_hours
from rounds.core.settling import Crediting, Debts, Receipt, Receivable, Settlement
from rounds.core.stories import Approval, CreditNote, Deposit, Event, Payment, Purchase, Story, Void
from rounds.core.timeline import Opening, Step, timeline

TIMED = {Kind.HOURS, Kind.OVERAGE, Kind.LABOUR}


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice as it was issued; `number` is its place in order of issue, from 1."""

    number: int
    closing: Closing


@dataclass(frozen=True, slots=True)
class Act:
    """What a rule made of a step, as it was kept: the books follow from the acts (`books_of`)."""

    on: date
    what: Outcome | Settlement | Crediting | Receipt | Brought


@dataclass(slots=True)
class Performance:
    """A story as far as it has been played."""

    account: Account
    debts: Debts = field(default_factory=Debts)
    invoices: list[Issued] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    held: dict[Key, Work] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    rated: dict[Key, Outcome] = field(default_factory=dict)

    def bring_over(self, brought: Brought) -> None:
        """Begin with what the client had in the old books; his open invoices are the first of the story."""
        self.acts.append(Act(brought.on, brought))
        self._follow(bringing.bring_over(self.account, brought))
        self.invoices += [Issued(number, old.closing()) for number, old in enumerate(brought.invoices, start=1)]
        owed = (Receivable(one.number, one.number, one.closing.due, one.closing.open) for one in self.invoices)
        self.debts = Debts(tuple(owed), brought.credit)

    def step(self, step: Step) -> None:
        """Play the next step."""
        match step.what:
            case Opening.LAPSE:
                self._keep(opening.lapse(self.account, step.on), step.on)
            case Opening.CLOSE:
                self._keep(opening.close(self.account, step.on), step.on)
            case Event() as event:
                self._happen(event, step.on)

    def _happen(self, event: Event, day: date) -> None:
        match event.what:
            case Work() as work:
                outcome = rating.rate_work(self.account, work)
                if outcome.is_held:
                    self.held[work.key] = work
                self._keep_rated(work.key, outcome, day)
            case Approval(work=key):
                if key in self.held:
                    work = rating.approved(self.held.pop(key), day)
                    self._keep_rated(key, rating.rate_work(self.account, work), day)
            case Part() as part:
                self._keep_rated(part.key, rating.rate_part(self.account, part), day)
            case Void(what=key):
                self.held.pop(key, None)
                wrong = self.rated[key]
                self._keep(voiding.void(self.account, wrong.draws, wrong.charges, key=event.key, day=day), day)
            case Purchase(hours=hours):
                self._keep(buying.buy(self.account, event.key, day, hours), day)
            case Deposit(amount=amount):
                self._keep(buying.deposit(self.account, event.key, day, amount), day)
            case Payment(amount=amount, invoice=invoice):
                self._settle(settling.pay(self.debts, amount, invoice), day)
            case CreditNote() as note:
                self._credit(note, day)

    def _keep_rated(self, key: Key, outcome: Outcome, day: date) -> None:
        self.rated[key] = outcome
        self._keep(outcome, day)

    def _keep(self, outcome: Outcome, day: date) -> None:
        self.acts.append(Act(day, outcome))
        self._follow(outcome)
        if outcome.closing is not None:
            self._issue(outcome.closing, day)

    def _follow(self, outcome: Outcome) -> None:
        self.account = self.account.after(outcome)
        self.notices += outcome.notices

    def _issue(self, closing: Closing, day: date) -> None:
        number = len(self.invoices) + 1
        invoice, settlement = settling.issue(self.debts, number, closing)
        self.invoices.append(Issued(number, closing))
        self.debts = replace(self.debts, invoices=(*self.debts.invoices, invoice))
        self._settle(settlement, day)

    def _settle(self, settlement: Settlement, day: date) -> None:
        self.acts.append(Act(day, settlement))
        self.debts = self.debts.after(settlement)
        self._receive(settlement.receipts, day)

    def _receive(self, receipts: tuple[Receipt, ...], day: date) -> None:
        for receipt in receipts:
            self.acts.append(Act(day, receipt))
            self._follow(buying.receive(self.account, receipt.invoice, day, receipt.amount))

    def _credit(self, note: CreditNote, day: date) -> None:
        crediting = settling.credit(self.debts, note.invoice, note.amount, retainer=self.account.retainer)
        self.acts.append(Act(day, crediting))
        self.debts = self.debts.credited(crediting)
        self._receive(crediting.all_receipts, day)
        taken = buying.credit(self.account, note.invoice, day, asked=crediting.asked, held=crediting.held)
        self._follow(taken)


def perform(story: Story) -> Performance:
    """Play a story through its last day; what only playing can refuse is refused for events after that day as well."""
    last = max([story.through, *(event.recorded.date() for event in story.events)])
    if last > story.through:
        _perform(story, last)
    return _perform(story, story.through)


def play(story: Story) -> dict[str, object]:
    """Play a story and describe where it ends, in the shape that the README of the worked examples defines."""
    return describe(perform(story), story.through)


def describe(performance: Performance, day: date) -> dict[str, object]:
    """Describe invoices, notices and the balances at the end of a day, amounts and hours as text."""
    account, debts = performance.account, performance.debts
    return {
        "invoices": [_describe_invoice(issued, debts.find(issued.number).open) for issued in performance.invoices],
        "notices": [{"date": str(notice.on), "kind": str(notice.kind)} for notice in performance.notices],
        "closing": {
            "receivable": show_amount(debts.receivable),
            "credit": show_amount(debts.credit),
            "retainer": show_amount(account.retainer),
            "block_hours": show_hours(account.block_seconds),
            "included_hours": show_hours(account.included_seconds(day)),
            "unbilled": show_amount(account.unbilled_amount()),
            "held": len(performance.held),
        },
    }


def _perform(story: Story, through: date) -> Performance:
    performance = Performance(Account(story.terms))
    if story.opening is not None:
        performance.bring_over(story.opening)
    for step in timeline(story.terms, story.events, through, story.opening):
        performance.step(step)
    return performance


def _describe_invoice(issued: Issued, still_open: int) -> dict[str, object]:
    closing = issued.closing
    return {
        "date": str(closing.on),
        "due": str(closing.due),
        "lines": [_describe_line(line) for line in closing.lines],
        "tax": show_amount(closing.tax),
        "total": show_amount(closing.total),
        "from_retainer": show_amount(closing.from_retainer),
        "open": show_amount(still_open),
    }


def _describe_line(line: Line) -> dict[str, str]:
    """Describe a line of an invoice, with its hours where it is time."""
    hours = {"hours": show_hours(line.seconds or 0)} if line.kind in TIMED else {}
    return {"kind": str(line.kind), **hours, "amount": show_amount(line.amount)}
