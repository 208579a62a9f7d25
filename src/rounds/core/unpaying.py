"""What follows when a payment is taken back: what it had settled goes in, what is open and owed again comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rounds.core.books import Chart, Entry, Posting, make_entry
from rounds.core.money import Refused, show_amount
from rounds.core.settling import Allocation, Debts, Receipt


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What a payment of `amount` cents had `settled`, invoice by invoice, and what of it was still the client's credit.

    `returned` is retainer money that had arrived because an invoice was paid in full, which it no longer is.
    """

    amount: int
    settled: tuple[Allocation, ...]
    returned: tuple[Receipt, ...]

    @property
    def unused(self) -> int:
        """What of the payment was the client's credit."""
        return self.amount - sum(one.amount for one in self.settled)


def take_back(debts: Debts, amount: int, settled: Sequence[Allocation], *, retainer: int) -> TakingBack:
    """Take a payment back. Refused: retainer money that came with it has been used or credited since.

    `debts` must know the invoices it settled; `retainer` is the balance.
    """
    returned = []
    for allocation in settled:
        invoice = debts.find(allocation.invoice)
        if invoice.held and not invoice.open:
            returned.append(Receipt(invoice.key, invoice.held))
    gone = sum(receipt.amount for receipt in returned)
    if gone > retainer:
        raise Refused(
            f"it brought {show_amount(gone)} onto the retainer, of which only {show_amount(max(0, retainer))} is left; "
            "what the retainer has paid since cannot be undone"
        )
    return TakingBack(amount, tuple(settled), tuple(returned))


def entry_of_taking_back(
    chart: Chart, taking: TakingBack, source: str = "", *, key: str, on: date, what: str
) -> Entry | None:
    """Book a payment that is taken back: to its source (else the bank), owed again, no longer the client's credit."""
    postings = [
        Posting(source or chart.bank, -taking.amount, chart.money),
        Posting(chart.receivable, taking.amount - taking.unused, chart.money),
        Posting(chart.credit, taking.unused, chart.money),
    ]
    return make_entry(key, on, what, postings)
