"""Rehearsing: a story goes in, the invoices, notices and balances that the rules make of it come out."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from rounds.core import bringing, buying, ending, giving_back, next_block, opening, rating, settling, voiding
from rounds.core.account import Account, Block, Closing, Key, Line, Notice, Outcome, Part, Refund, Work
from rounds.core.acts import Act, Credited, Issued, Released
from rounds.core.bearing import Bearing
from rounds.core.bringing import Brought
from rounds.core.crediting import Creditable, whole_of
from rounds.core.describing import describe_invoice
from rounds.core.entries import credited_revenue
from rounds.core.giving_back import ListRate
from rounds.core.happenings import (
    Approval,
    CreditNote,
    Deposit,
    Ending,
    Event,
    Payment,
    Purchase,
    RefundOfHours,
    RefundOfMoney,
    Void,
)  # fmt: skip
from rounds.core.money import Refused, show_amount, show_hours
from rounds.core.settling import Debts, Receipt, Receivable, Settlement
from rounds.core.stories import Story
from rounds.core.timeline import Opening, Step, timeline
from rounds.core.voiding import Entered


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
    sold: dict[Key, Key] = field(default_factory=dict)  # the block that an invoice sold
    bearing: Bearing = field(default_factory=Bearing)
    ended: set[int] = field(default_factory=set)  # the agreements that were ended early
    works: dict[Key, Work] = field(default_factory=dict)  # rated and not taken back, in the order recorded
    rerated: dict[Key, list[Outcome]] = field(default_factory=dict)  # what voids changed of each

    def bring_over(self, brought: Brought) -> None:
        """Begin with what the client had in the old books; his open invoices are the first of the story."""
        self.acts.append(Act(brought.on, brought))
        self._follow(bringing.bring_over(self.account, brought))
        self.invoices += [Issued(number, old.closing()) for number, old in enumerate(brought.invoices, start=1)]
        owed = (Receivable(one.number, one.number, one.closing.due, one.closing.open) for one in self.invoices)
        self.debts = Debts(tuple(owed), brought.credit)
        for one in self.invoices:
            self.bearing.issue(one.number, one.closing, since=brought.on)

    def step(self, step: Step) -> None:
        """Play the next step."""
        match step.what:
            case Opening.LAPSE:
                self._keep(opening.lapse(self.account, step.on), step.on)
            case Opening.CLOSE:
                if step.on.day == 1:
                    self._charge_interest(step.on)
                start = datetime.combine(step.on, time())
                self._buy_next(next_block.before_closing(self.account, self._when(step.on, start)), step.on)
                self._keep(opening.close(self.account, step.on), step.on)
            case Event() as event:
                self._happen(event, step.on)

    def _charge_interest(self, day: date) -> None:
        """Charge what late invoices come to by the day before, so that this first bills it."""
        for charge in self.bearing.charge(self.account.terms, day):
            self._keep(Outcome(charges=(charge,)), charge.recorded_on)

    def _happen(self, event: Event, day: date) -> None:
        match event.what:
            case Work() as work:
                self._rate(work, event, day)
            case Approval(work=key):
                if key in self.held:
                    self._rate(rating.approved(self.held.pop(key), day), event, day)
            case Part() as part:
                self._keep_rated(part, rating.rate_part(self.account, part), day)
            case Void(what=key):
                self._void(key, event.key, day)
            case Purchase(hours=hours):
                self._keep(buying.buy(self.account, event.key, day, hours), day)
            case Deposit(amount=amount):
                self._keep(buying.deposit(self.account, event.key, day, amount), day)
            case Payment(amount=amount, invoice=invoice):
                self._settle(settling.pay(self.debts, amount, invoice), day, event.at.date())
            case CreditNote() as note:
                self._credit(note, day)
            case Ending() | RefundOfHours() | RefundOfMoney() as told:
                self._give_back(told, event.recorded)

    def _rate(self, work: Work, event: Event, day: date) -> None:
        self._buy_next(next_block.before_work(self.account, work, self._when(day, event.recorded)), day)
        self._keep_rated(work, rating.rate_work(self.account, work), day)

    def _when(self, day: date, at: datetime) -> next_block.When:
        return next_block.When(day, at, lambda: min((one.due for one in self.debts.invoices if one.open), default=None))

    def _buy_next(self, found: next_block.Bought | Outcome | None, day: date) -> None:
        """Keep what comes before hours are drawn, where an agreement says so."""
        if found is not None:
            self._keep(found.outcome if isinstance(found, next_block.Bought) else found, day)

    def _keep_rated(self, what: Work | Part, outcome: Outcome, day: date) -> None:
        self.rated[what.key] = outcome
        if isinstance(what, Work):
            (self.held if outcome.is_held else self.works)[what.key] = what
        self._keep(outcome, day)

    def _void(self, key: Key, void: Key, day: date) -> None:
        """Take back what was recorded by mistake; its visit is billed without it."""
        self.held.pop(key, None)
        wrong, work = self._entered(key), self.works.pop(key, None)
        others = [one for one in self.works.values() if work and one.visit == work.visit and not one.is_no_charge]
        rest = voiding.Rest(work, tuple(self._entered(one.key) for one in others), self._trip(work))
        outcome = voiding.void(self.account, wrong.draws, wrong.charges, key=void, day=day, rest=rest)
        for one in outcome.rerated:
            self.rerated.setdefault(one.work, []).append(outcome)
        self._keep(outcome, day)

    def _entered(self, key: Key) -> Entered:
        """Work or a part as it stands: as it was rated, and what voids have changed of it since."""
        first, later = self.rated[key], self.rerated.get(key, [])
        return Entered(
            self.works.get(key) or Work(key, date.min, date.min, 0),
            (first.billable_seconds or 0) + sum(o.seconds for one in later for o in one.rerated if o.work == key),
            (*first.draws, *(draw for one in later for draw in one.draws if draw.cause == key)),
            (*first.charges, *(charge for one in later for charge in one.charges if charge.cause == key)),
        )

    def _trip(self, work: Work | None) -> int:
        """Cents charged for the way of a visit."""
        visit = self.account.visits.get(work.visit) if work and work.visit else None
        return visit.trip if visit else 0

    def _keep(self, outcome: Outcome, day: date) -> None:
        self.acts.append(Act(day, outcome))
        unbilled = self.account.unbilled
        self._follow(outcome)
        if outcome.closing is not None:
            self.sold |= {len(self.invoices) + 1: block.key for block in outcome.blocks}
            self.bearing.issue(len(self.invoices) + 1, outcome.closing, unbilled)
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

    def _settle(self, settlement: Settlement, day: date, since: date | None = None) -> None:
        """Keep what an amount settles; the money was there `since` a day that may be earlier than when it is told."""
        self.acts.append(Act(day, settlement))
        self.debts = self.debts.after(settlement)
        self.bearing.settle(settlement, since or day)
        self._receive(settlement.receipts, day)

    def _receive(self, receipts: tuple[Receipt, ...], day: date) -> None:
        for receipt in receipts:
            self.acts.append(Act(day, receipt))
            self._follow(buying.receive(self.account, receipt.invoice, day, receipt.amount))

    def _credit(self, note: CreditNote, day: date) -> None:
        crediting = settling.credit(self.debts, note.invoice, note.amount, retainer=self.account.retainer)
        found = self._creditable(note.invoice)
        parts = found.by_amount(credited_revenue(crediting))
        hours = self._hours_of_credit(note.invoice, found.whole.net - found.left.net + parts.net, day)
        self._keep_credit(Credited(crediting, parts, Outcome()), hours, day)

    def _keep_credit(self, note: Credited, hours: Refund | None, day: date) -> None:
        crediting = note.crediting
        self.debts = self.debts.credited(crediting)
        self.bearing.credit(crediting)
        self.bearing.settle(crediting.beyond, day)
        self._receive(crediting.all_receipts, day)
        taken = giving_back.credit(self.account, crediting, day, key=crediting.invoice, hours=hours)
        self.acts += [Act(day, replace(note, taken=taken)), Act(day, taken)]
        self._follow(taken)

    def _notes_on(self, invoice: Key) -> list[Credited]:
        """Find the credit notes on an invoice so far."""
        notes = [act.what for act in self.acts if isinstance(act.what, Credited)]
        return [one for one in notes if one.crediting.invoice == invoice]

    def _creditable(self, number: int) -> Creditable:
        """Find what no credit note has taken back of an invoice."""
        found = Creditable.of(whole_of(self.invoices[number - 1].closing))
        for note in self._notes_on(number):
            found = found.after(note.parts, is_by_lines=note.is_of_lines)
        return found

    def _refunds_of(self, block: Key) -> list[Refund]:
        outcomes = [act.what for act in self.acts if isinstance(act.what, Outcome)]
        return [refund for one in outcomes for refund in one.refunds if refund.block == block]

    def _hours_of_credit(self, invoice: Key, net: int, day: date) -> Refund | None:
        """Find the hours that go back with a credit note, where the invoice sold a block."""
        key = self.sold.get(invoice)
        if key is None:
            return None
        before = sum(refund.amount for refund in self._refunds_of(key))
        return giving_back.hours_of_credit(giving_back.block_of(self.account, key), net, before, day)

    def _give_back(self, told: Ending | RefundOfHours | RefundOfMoney, at: datetime) -> None:
        day = at.date()
        match told:
            case Ending():
                self._end_early(told, at)
            case RefundOfHours():
                self._refund_hours(told, day)
            case RefundOfMoney():
                self._refund_money(told, day)

    def _refund_hours(self, told: RefundOfHours, day: date) -> None:
        """Give unused hours back by a credit note on the invoice that sold them, and pay out what is left over."""
        number = next((int(number) for number, block in self.sold.items() if block == told.purchase), None)
        if number is None:
            raise Refused("these hours cost nothing")
        block, found = giving_back.block_of(self.account, told.purchase), self._creditable(number)
        line = self.invoices[number - 1].closing.lines[0]
        list_rate = self._list_rate(block, line) if told.at_list_rate else None
        hours = giving_back.refund_hours(block, told.seconds, day, list_rate)
        parts = found.of_only_line(min(hours.amount, found.left.net))
        crediting = settling.credit(self.debts, number, parts.total, retainer=self.account.retainer)
        self._keep_credit(Credited(crediting, parts, Outcome(), is_of_lines=True), hours, day)
        if told.is_paid_out:
            self._pay_out(crediting.beyond, day)

    def _list_rate(self, block: Block, line: Line) -> ListRate:
        """Find how a block counts at the rate at which it was sold, and what became of its hours."""
        outcomes = [act.what for act in self.acts if isinstance(act.what, Outcome)]
        used = sum(draw.seconds for one in outcomes for draw in one.draws if draw.block == block.key)
        return ListRate(line.rate or 0, used, sum(refund.amount for refund in self._refunds_of(block.key)))

    def _refund_money(self, told: RefundOfMoney, day: date) -> None:
        if told.source == "credit":
            self._settle(settling.pay_out(self.debts, told.amount), day)
            return
        taken = giving_back.take_off_retainer(
            self.account, told.amount, day, key="refund", even_if_needed=told.even_if_needed
        )
        self._follow(taken)
        settlement = settling.pay(self.debts, told.amount)
        self.acts.append(Act(day, Released(settlement)))
        self.debts = self.debts.after(settlement)
        self.bearing.settle(settlement, day)
        self._receive(settlement.receipts, day)
        if told.is_paid_out:
            self._pay_out(settlement, day)

    def _end_early(self, told: Ending, at: datetime) -> None:
        """End an agreement with an earlier day: the rest of what it charged goes back, invoice by invoice."""
        day, agreements = at.date(), self.account.terms.agreements
        if told.agreement in self.ended or any(one.key == told.agreement and one.noticed_at for one in agreements):
            raise Refused("the agreement has already been ended")
        terms = ending.end_early(self.account.terms, told.agreement, told.on, at)
        self.ended.add(told.agreement)
        self.account = replace(self.account, terms=terms)
        agreement = next(one for one in terms.agreements if one.key == told.agreement)
        before = self.debts.credit
        for issued in list(self.invoices):
            self._credit_rests(issued, told, day)
        self._keep(ending.cut(self.account, agreement, told.on), day)
        if told.is_paid_out:
            self._pay_out(Settlement(credit_change=self.debts.credit - before), day)

    def _credit_rests(self, issued: Issued, told: Ending, day: date) -> None:
        found, closing = self._creditable(issued.number), issued.closing
        taxes = [row.tax for row in closing.taxes]
        rows = [None if line.tax is None else taxes.index(line.tax) for line in closing.lines]
        rests = ending.rests(closing.lines, rows, told.agreement, told.on, day, found.left)
        if not rests:
            return
        parts = ending.parts_of(found, rests)
        crediting = settling.credit(self.debts, issued.number, parts.total, retainer=self.account.retainer)
        self._keep_credit(Credited(crediting, parts, Outcome(), is_of_lines=True, rests=rests), None, day)

    def _pay_out(self, settlement: Settlement, day: date) -> None:
        """Pay back what a settlement left over, once what the client owes is settled."""
        if settlement.credit_change:
            self._settle(settling.pay_out(self.debts, settlement.credit_change), day)


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
        "invoices": [describe_invoice(issued, debts.find(issued.number).open) for issued in performance.invoices],
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
