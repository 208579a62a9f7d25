"""What the client owes and has paid: payments and credit notes go in, what they settle comes out (billing-rules.md).

Nothing here changes a value: a Settlement says which invoices an amount settles, and `Debts.after` gives what follows.
The stored shop loads the open invoices as Receivables, asks the same functions, and keeps the Allocations.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from rounds.core.account import Closing, Key
from rounds.core.money import Refused, show_amount


@dataclass(frozen=True, slots=True)
class Receivable:
    """One invoice as settling sees it; `order` is its place in order of issue.

    `asked` is what its retainer line asks for and no credit note took back: it counts as received, all at once, when
    `open` is nothing. `held` is what was received through it and not credited since. `paid` is what payments and credit
    settled of it, and `drawn` what the retainer paid as it was issued, both less what credit notes gave back since.
    `lost` is what was written off of it, retainer money asked for aside, and neither expected again nor credited since.
    """

    key: Key
    order: int
    due: date
    open: int
    asked: int = 0
    held: int = 0
    paid: int = 0
    drawn: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """Cents that settle part of an invoice's open amount."""

    invoice: Key
    amount: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Cents that count as received on the retainer, because the invoice that asked for them is now paid in full."""

    invoice: Key
    amount: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an amount settles: invoices, retainer money that thereby arrived, and the change of the client's credit."""

    allocations: tuple[Allocation, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    credit_change: int = 0


@dataclass(frozen=True, slots=True)
class Crediting:
    """What a credit note does to its invoice, and what goes beyond its open amount, which settles like a payment.

    `lowered` cents come off the open amount, `asked` of them off what the retainer line asks for; `held` cents of what
    goes beyond are taken from the retainer; `receipts` is what arrives because the invoice is thereby paid in full.
    `returned` cents of what goes beyond had been paid by the retainer, and go back onto it; they settle nothing.
    `recovered` cents of what it lowers had been written off: nobody ever paid them, so that they are no loss any more.
    """

    invoice: Key
    amount: int
    lowered: int
    asked: int
    held: int
    receipts: tuple[Receipt, ...]
    beyond: Settlement
    returned: int = 0
    recovered: int = 0

    @property
    def all_receipts(self) -> tuple[Receipt, ...]:
        """Retainer money that arrives by it, in order; `held` is taken after the first of them."""
        return (*self.receipts, *self.beyond.receipts)

    @property
    def over(self) -> int:
        """What goes beyond the open amount and is treated like a payment."""
        return self.amount - self.lowered - self.returned


@dataclass(frozen=True, slots=True)
class Debts:
    """Everything one client was invoiced, and the credit that he has."""

    invoices: tuple[Receivable, ...] = ()
    credit: int = 0

    def find(self, key: Key) -> Receivable:
        """Find an invoice; refused where it does not exist at that moment."""
        for invoice in self.invoices:
            if invoice.key == key:
                return invoice
        raise Refused(f"there is no invoice {key} at that moment")

    @property
    def receivable(self) -> int:
        """What the client owes in all."""
        return sum(invoice.open for invoice in self.invoices)

    def after(self, settlement: Settlement) -> "Debts":
        """Give what follows when a settlement is kept."""
        settled = {allocation.invoice: allocation.amount for allocation in settlement.allocations}
        received = {receipt.invoice: receipt.amount for receipt in settlement.receipts}
        invoices = (
            replace(
                invoice,
                open=invoice.open - settled.get(invoice.key, 0),
                asked=invoice.asked - received.get(invoice.key, 0),
                held=invoice.held + received.get(invoice.key, 0),
                paid=invoice.paid + settled.get(invoice.key, 0),
            )
            for invoice in self.invoices
        )
        return Debts(tuple(invoices), self.credit + settlement.credit_change)

    def credited(self, crediting: Crediting) -> "Debts":
        """Give what follows when a credit note is kept."""
        invoices = (
            replace(
                invoice,
                open=invoice.open - (crediting.lowered - crediting.recovered),
                lost=invoice.lost - crediting.recovered,
                asked=invoice.asked - crediting.asked,
                held=invoice.held - crediting.held,
                paid=max(0, invoice.paid - crediting.over),
                drawn=invoice.drawn - crediting.returned,
            )
            if invoice.key == crediting.invoice
            else invoice
            for invoice in self.invoices
        )
        own = Debts(tuple(invoices), self.credit).after(Settlement(receipts=crediting.receipts))
        return own.after(crediting.beyond)

    def lowered(self, crediting: Crediting) -> "Debts":
        """Give what follows when an invoice is written off by as much: nothing of it was paid, and it may be yet."""
        found, lost = self.credited(crediting), crediting.lowered - crediting.asked
        changed = (
            replace(one, lost=one.lost + lost) if one.key == crediting.invoice else one for one in found.invoices
        )
        return Debts(tuple(changed), found.credit)

    def expected_again(self, key: Key) -> "Debts":
        """Give what follows when what was written off of an invoice is expected to be paid after all."""
        changed = (replace(one, open=one.open + one.lost, lost=0) if one.key == key else one for one in self.invoices)
        return Debts(tuple(changed), self.credit)


def issue(debts: Debts, key: Key, closing: Closing) -> tuple[Receivable, Settlement]:
    """Issue a closing as the next invoice: what it leaves to pay, and what the client's credit pays of that at once."""
    order = len(debts.invoices) + 1
    if closing.is_paid_at_once:
        paid_at_once = Receivable(key, order, closing.due, open=0, held=closing.asked, paid=closing.total)
        return paid_at_once, Settlement()
    invoice = Receivable(key, order, closing.due, closing.open, asked=closing.asked, drawn=closing.from_retainer)
    paid = min(debts.credit, invoice.open)
    allocations = (Allocation(key, paid),) if paid else ()
    return invoice, Settlement(allocations, _receipts([invoice], allocations), -paid)


def pay(debts: Debts, amount: int, named: Key | None = None) -> Settlement:
    """Settle the named invoice first, then those that fall due first; what is left over is the client's credit."""
    if amount < 0:
        raise Refused("the payment is negative")
    first = [debts.find(named)] if named is not None else []
    rest = sorted((invoice for invoice in debts.invoices if invoice not in first), key=lambda i: (i.due, i.order))
    return _settle([*first, *rest], amount)


def use_credit(debts: Debts) -> Settlement:
    """Let the client's credit pay what is open: what is due first, as with any payment."""
    paying = pay(debts, debts.credit)
    return Settlement(paying.allocations, paying.receipts, paying.credit_change - debts.credit)


def pay_out(debts: Debts, amount: int) -> Settlement:
    """Pay cents of the client's credit back to him. Refused: nothing, or more than he has."""
    if not 0 < amount <= debts.credit:
        raise Refused(f"{show_amount(debts.credit)} is his credit: that, or a part of it, can be paid back")
    return Settlement(credit_change=-amount)


def credit(debts: Debts, key: Key, amount: int, *, retainer: int, is_of_lines: bool = False) -> Crediting:
    """Credit an invoice: lower its open amount, first what it asks for; what goes beyond was paid, and is given back.

    What was written off comes before anything that was paid: nobody gets back what he never paid.
    `retainer` is the balance held before. What the invoice brought onto the retainer is credited first and taken from
    there, as far as the balance goes. What was paid last is given back first: payments are as good as new ones, and
    what the retainer paid when the invoice was issued goes back onto it. What is credited of lines leaves alone what
    the invoice asked for, and what it brought onto the retainer.
    """
    if amount < 0:
        raise Refused("the credit is negative")
    invoice = debts.find(key)
    lowered = min(amount, invoice.open)
    asked = 0 if is_of_lines else min(lowered, invoice.asked)
    arrives = invoice.asked - asked if lowered == invoice.open and lowered else 0
    receipts = (Receipt(key, arrives),) if arrives else ()
    recovered = min(amount - lowered, invoice.lost)
    lowered += recovered
    held = 0 if is_of_lines else min(amount - lowered, invoice.held + arrives, retainer + arrives)
    returned = min(max(0, amount - lowered - invoice.paid), invoice.drawn)
    others = Debts(tuple(other for other in debts.invoices if other.key != key))
    beyond = pay(others, amount - lowered - returned)
    return Crediting(key, amount, lowered, asked, held, receipts, beyond, returned, recovered)


def write_off(debts: Debts, key: Key, amount: int | None = None) -> Crediting:
    """Write off cents that are open on an invoice (None: all), first what it asks for. Refused: more than is open."""
    is_open = debts.find(key).open
    amount = is_open if amount is None else amount
    if not 0 < amount <= is_open:
        raise Refused(f"{show_amount(is_open)} is open: write off that, or a part of it")
    return credit(debts, key, amount, retainer=0)


def _settle(invoices: Iterable[Receivable], amount: int) -> Settlement:
    """Settle invoices in the order given."""
    invoices, allocations = list(invoices), []
    for invoice in invoices:
        paid = min(invoice.open, amount)
        if paid:
            allocations.append(Allocation(invoice.key, paid))
        amount -= paid
    return Settlement(tuple(allocations), _receipts(invoices, allocations), amount)


def _receipts(invoices: Iterable[Receivable], allocations: Iterable[Allocation]) -> tuple[Receipt, ...]:
    """Find what invoices asked for that are paid in full by these allocations."""
    paid = {allocation.invoice: allocation.amount for allocation in allocations}
    return tuple(
        Receipt(invoice.key, invoice.asked)
        for invoice in invoices
        if invoice.asked and invoice.open and paid.get(invoice.key, 0) == invoice.open
    )
