"""Performing: plays a story step by step; keeps what the rules make of each, as the stored shop keeps its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from rounds.core import (
    bringing,
    buying,
    ending,
    giving_back,
    lines_left,
    next_block,
    opening,
    rating,
    settling,
    voiding,
)  # fmt: skip
from rounds.core.account import Account, Block, Closing, Key, Kind, Line, Notice, Outcome, Part, Work
from rounds.core.acts import Act, Credited, Issued, Lowered, Released
from rounds.core.bearing import Bearing
from rounds.core.billing import Billing
from rounds.core.bringing import Brought
from rounds.core.crediting import Creditable, Parts, whole_of
from rounds.core.entries import credited_revenue
from rounds.core.giving_back import Affected, ListRate, Sold
from rounds.core.happenings import (
    Approval,
    CreditNote,
    Deposit,
    Ending,
    Event,
    Expectation,
    Payment,
    Purchase,
    RefundOfHours,
    RefundOfMoney,
    Void,
    WriteOff,
)  # fmt: skip
from rounds.core.lines_left import Group, Left
from rounds.core.money import Refused, show_amount
from rounds.core.settling import Debts, Receipt, Receivable, Settlement
from rounds.core.timeline import Opening, Step
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
    rerated: dict[Key, list[Outcome]] = field(default_factory=dict)  # what voids and credit notes changed of each
    voided: set[Key] = field(default_factory=set)
    billing: Billing = field(default_factory=Billing)
    named: dict[Key, dict[int, int]] = field(default_factory=dict)  # credited by name, by invoice and place

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
            case WriteOff() as told:
                self._write_off(told, day)
            case Expectation(invoice=invoice):
                self._expect_again(invoice, day)
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
            self.billing.ways[what.key] = what.key if what.visit is None else what.visit
            (self.held if outcome.is_held else self.works)[what.key] = what
        self._keep(outcome, day)

    def _void(self, key: Key, void: Key, day: date) -> None:
        """Take back what was recorded by mistake; its visit is billed without it."""
        self.held.pop(key, None)
        self.voided.add(key)
        self.billing.voids[void] = key
        wrong, work, way = self._entered(key), self.works.pop(key, None), self.billing.way(key)
        others = [one for one in self.works.values() if work and one.visit == work.visit and not one.is_no_charge]
        trip, of_trip = self.billing.charged(way), self.billing.given_up(way)
        rest = voiding.Rest(work, tuple(self._entered(one.key) for one in others), trip, sum(of_trip.values()))
        charged = voiding.less_given_up(wrong.charges, {**wrong.given_up, **of_trip})
        outcome = voiding.void(self.account, wrong.draws, charged, key=void, day=day, rest=rest)
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
            self.billing.given_up(key),
        )

    def _keep(self, outcome: Outcome, day: date) -> None:
        self.acts.append(Act(day, outcome))
        unbilled = self.account.unbilled
        self._follow(outcome)
        if outcome.closing is not None:
            self.sold |= {len(self.invoices) + 1: block.key for block in outcome.blocks}
            self.bearing.issue(len(self.invoices) + 1, outcome.closing, unbilled)
            self._issue(outcome.closing, day)

    def _follow(self, outcome: Outcome) -> None:
        self.billing.follow(outcome, len(self.invoices) + 1)
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
        """Credit an amount of an invoice, a line or a part of it, or all that is left."""
        invoice, left = self.debts.find(note.invoice), self._left(note.invoice)
        if note.line is not None:
            self._credit_line(note, note.line - 1, left, day)
            return
        most = lines_left.most(invoice, left, retainer=self.account.retainer)
        amount = most if note.amount is None else note.amount
        if amount > most or (note.amount is None and not most):
            raise Refused(f"{show_amount(most)} of the invoice is left to credit")
        if not amount:
            return
        crediting = settling.credit(self.debts, note.invoice, amount, retainer=self.account.retainer)
        parts = left.found.by_amount(credited_revenue(crediting))
        is_whole = parts.total == left.total and not note.do_hours_stay
        affected = self._affected(note.invoice, left.shares(parts), left.groups if is_whole else ())
        self._keep_credit(Credited(crediting, parts, Outcome()), day, self._sold_by(note.invoice, parts, day), affected)

    def _credit_line(self, note: CreditNote, place: int, left: Left, day: date) -> None:
        if self.invoices[note.invoice - 1].closing.asked:
            raise Refused("retainer money is credited first: credit this invoice by an amount")
        named = left.lefts[place].named if 0 <= place < len(left.lefts) else 0
        taken = {place: named if note.amount is None else note.amount}
        parts = left.by_line(taken)
        crediting = settling.credit(self.debts, note.invoice, parts.total, retainer=self.account.retainer)
        gives = () if note.do_hours_stay else {left.lines[place].group}
        affected = self._affected(note.invoice, [taken.get(n, 0) for n in range(len(left.lines))], gives)
        self._name(note.invoice, taken)
        sold = self._sold_by(note.invoice, parts, day)
        self._keep_credit(Credited(crediting, parts, Outcome(), is_of_lines=True), day, sold, affected)

    def _affected(self, invoice: Key, shares: Sequence[int], gives: Iterable[Group]) -> tuple[Affected, ...]:
        """Keep what is credited of an invoice's lines; says what it leaves, with the hours of those that give them."""
        gives = set(gives)
        found = self.billing.credit(invoice, shares, gives)
        return tuple(
            replace(one, draws=voiding.net_draws(self._entered(one.charge.cause).draws))
            if one.group in gives and one.charge.cause in self.works and one.charge.kind is not Kind.TRIP
            else one
            for one in found
        )

    def _name(self, invoice: Key, taken: Mapping[int, int]) -> None:
        named = self.named.setdefault(invoice, {})
        named |= {place: named.get(place, 0) + cents for place, cents in taken.items()}

    def _keep_credit(
        self, note: Credited, day: date, sold: Sold | None = None, affected: Sequence[Affected] = ()
    ) -> None:  # fmt: skip
        crediting, key = note.crediting, note.crediting.invoice
        was_lost = self.debts.find(key).lost
        self.debts = self.debts.credited(crediting)
        self.bearing.credit(crediting, self.named.get(key, {}))
        self.bearing.lose(key, -crediting.recovered, day)
        self.bearing.settle(crediting.beyond, day)
        self._receive(crediting.all_receipts, day)
        taken = giving_back.credit(self.account, crediting, day, key=key, sold=sold, affected=affected)
        self.acts += [Act(day, replace(note, taken=taken)), Act(day, taken)]
        self._follow(taken)
        for one in affected:
            self.rerated.setdefault(one.charge.cause, []).append(taken)
        if was_lost:
            self.billing.lose(key, self._left(key), self.debts.find(key).lost)

    def _write_off(self, told: WriteOff, day: date) -> None:
        lowering = settling.write_off(self.debts, told.invoice, told.amount)
        self.debts = self.debts.lowered(lowering)
        self.acts.append(Act(day, Lowered(told.invoice, lowering.amount, lowering.asked)))
        self._lost(told.invoice, lowering.amount - lowering.asked, day)
        self._receive(lowering.receipts, day)
        self._keep(giving_back.credit(self.account, lowering, day, key=told.invoice), day)

    def _expect_again(self, invoice: Key, day: date) -> None:
        lost = self.debts.find(invoice).lost
        if not lost:
            raise Refused(f"nothing of invoice {invoice} is written off")
        self.debts = self.debts.expected_again(invoice)
        self.acts.append(Act(day, Lowered(invoice, -lost, 0)))
        self._lost(invoice, -lost, day)
        self._settle(settling.use_credit(self.debts), day)

    def _lost(self, invoice: Key, change: int, day: date) -> None:
        self.bearing.lose(invoice, change, day)
        self.billing.lose(invoice, self._left(invoice), self.debts.find(invoice).lost)

    def _left(self, number: Key) -> Left:
        """Find what of an invoice can be credited, line by line."""
        closing = self.invoices[int(number) - 1].closing
        return self.billing.left(number, closing, self._creditable(int(number)), self.named.get(number, {}))

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

    def _sold_by(self, invoice: Key, parts: Parts, day: date) -> Sold | None:
        """Find the block that an invoice sold, and the hours of it that go back with a credit note."""
        key = self.sold.get(invoice)
        if key is None:
            return None
        block = giving_back.block_of(self.account, key)
        net = block.credited + parts.net
        return Sold(key, parts.net, giving_back.hours_of_credit(block, net, block.refunded, day))

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
        crediting = settling.credit(self.debts, number, parts.total, retainer=self.account.retainer, is_of_lines=True)
        self._name(number, {0: parts.net})
        sold = Sold(block.key, parts.net, hours)
        self._keep_credit(Credited(crediting, parts, Outcome(), is_of_lines=True), day, sold)
        if told.is_paid_out:
            self._pay_out(crediting.beyond, day)

    def _list_rate(self, block: Block, line: Line) -> ListRate:
        """Find how a block counts at the rate at which it was sold, and what became of its hours."""
        outcomes = [act.what for act in self.acts if isinstance(act.what, Outcome)]
        used = sum(draw.seconds for one in outcomes for draw in one.draws if draw.block == block.key)
        return ListRate(line.rate or 0, used, block.credited)

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
        crediting = settling.credit(
            self.debts, issued.number, parts.total, retainer=self.account.retainer, is_of_lines=True
        )
        self._name(issued.number, {rest.place: rest.amount for rest in rests})
        self._keep_credit(Credited(crediting, parts, Outcome(), is_of_lines=True, rests=rests), day)

    def _pay_out(self, settlement: Settlement, day: date) -> None:
        """Pay back what a settlement left over, once what the client owes is settled."""
        if settlement.credit_change:
            self._settle(settling.pay_out(self.debts, settlement.credit_change), day)
