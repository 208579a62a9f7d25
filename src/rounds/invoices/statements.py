"""A client's statement: every invoice, payment and credit note in order, and what was owed after each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import StreamingHttpResponse

from rounds.clients.models import Client
from rounds.invoices.models import CreditNote, Invoice, Payment, Payout, PayoutReturn, Reversal, WriteOff
from rounds.pages.listing import as_number, csv_reply


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One event of a client's account: what is charged (+) or paid (-), in cents, and what is owed after it."""

    on: date
    what: str
    invoice: str
    amount: int
    owed: int


def statement_of(client: Client) -> list[StatementLine]:
    """Everything that changed what a client owes, the oldest first; less than nothing is his credit."""
    events: list[tuple[date, datetime, int, str, str, int]] = []
    for invoice in Invoice.objects.standing().filter(client=client):
        number, paid = invoice.full_number, invoice.from_retainer
        of_old = ", brought over" if invoice.is_brought else ""
        events.append((invoice.issued_on, invoice.issued_at, 0, f"Invoice {number}{of_old}", number, invoice.total))
        if paid:
            what = f"Paid from the retainer, invoice {number}"
            events.append((invoice.issued_on, invoice.issued_at, 1, what, number, -paid))
    for note in CreditNote.objects.filter(client=client).select_related("invoice"):
        number, what = note.invoice.full_number, f"Credit note {note.full_number}: {note.why}"
        events.append((note.on, note.at, 2, what, number, -note.amount))
        if note.to_retainer:
            events.append((note.on, note.at, 3, f"Back onto the retainer, invoice {number}", number, note.to_retainer))
    for payment in Payment.objects.filter(client=client, brought__opening__undoing=None).select_related("invoice"):
        number = payment.invoice.full_number if payment.invoice else ""
        what = f"Payment{f', {payment.note}' if payment.note else ''}"
        events.append((payment.on, payment.at, 4, what, number, -payment.amount))
    back_again = Reversal.objects.filter(payment__client=client, payment__brought=None)
    for back in back_again.select_related("payment__invoice"):
        number = back.payment.invoice.full_number if back.payment.invoice else ""
        what = f"Payment {'returned by the bank' if back.has_bounced else 'taken back'}, {back.why}"
        events.append((back.on, back.at, 5, what, number, back.payment.amount))
    lost_here = WriteOff.objects.filter(invoice__client=client, invoice__brought__opening__undoing=None)
    for lost in lost_here.select_related("invoice"):
        what = "Written off" if lost.amount > 0 else "Owed after all"  # why is the shop's own business
        events.append((lost.on, lost.at, 6, what, lost.invoice.full_number, -lost.amount))
    events += _paid_back(client)
    owed, lines = 0, []
    for on, _at, _rank, what, number, amount in sorted(events, key=lambda event: event[:3]):
        owed += amount
        lines.append(StatementLine(on, what, number, amount, owed))
    return lines


def _paid_back(client: Client) -> Iterator[tuple[date, datetime, int, str, str, int]]:
    """What was paid back to a client, and what of that came back."""
    for payout in Payout.objects.filter(client=client):
        reference = f", {payout.reference}" if payout.reference else ""
        yield payout.on, payout.at, 7, f"Paid back{reference}: {payout.why}", "", payout.amount
    for back in PayoutReturn.objects.filter(payout__client=client).select_related("payout"):
        yield back.on, back.at, 8, f"Paid back, taken back: {back.why}", "", -back.payout.amount


def statement_csv(client: Client, lines: Sequence[StatementLine]) -> StreamingHttpResponse:
    """The statement as CSV."""

    def rows() -> Iterator[Sequence[object]]:
        yield "Date", "What", "Invoice", "Amount", "Owed"
        for line in lines:
            yield line.on.isoformat(), line.what, line.invoice, as_number(line.amount), as_number(line.owed)

    return csv_reply(f"statement-{client.pk}", rows())
