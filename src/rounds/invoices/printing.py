"""Prints an invoice as a PDF: the row and its lines go in, bytes come out, at any later time the same ones."""

from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet, Sum

from rounds.charges.models import Block, BroughtHours, ClosingTax, Draw, Grant, Lapse, Refund, RetainerMove
from rounds.clients.exempting import exemption_on, exemptions_of
from rounds.core.account import Kind
from rounds.core.money import show_hours
from rounds.invoices.models import Allocation, Invoice, InvoiceLine
from rounds.pages.printing import paper_for, printed
from rounds.pages.templatetags.rounds import money
from rounds.people.branding import brand_at

TEMPLATE = Path(__file__).parent / "documents" / "invoice.typ"

type Pairs = list[tuple[str, str]]


def invoice_pdf(invoice: Invoice, xml: bytes = b"") -> bytes:
    """Print an invoice as it was issued, and attach an XML; what was paid on it later is not on it."""
    return printed(TEMPLATE, data_of(invoice) | {"electronic": xml.decode()}, invoice.issued_at)


def file_name(invoice: Invoice) -> str:
    """The name of an invoice's file."""
    return f"invoice-{invoice.full_number}.pdf"


def data_of(invoice: Invoice) -> dict[str, object]:
    """What the template shows, all of it text that has been made ready to print."""
    lines = list(invoice.lines.select_related("charge__rated", "tax"))
    is_various = len(invoice.told_taxes) > 1
    received = received_at_issue(invoice)
    to_pay = invoice.total - invoice.from_retainer - received
    due = _day(invoice.due_on)
    return {
        "paper": paper_for(invoice.currency),
        "brand": brand_at(invoice.issued_at),
        "title": f"Invoice {invoice.full_number}",
        "currency": invoice.currency,
        "intro": _intro(invoice, lines),
        "shop": {
            "name": invoice.shop_name,
            "address": invoice.shop_address.strip(),
            "email": invoice.shop_email,
            "phone": invoice.shop_phone,
            "tax_number": invoice.shop_tax_number,
            "bank_details": invoice.shop_bank_details.strip(),
        },
        "client": {"name": invoice.client_name, "address": invoice.client_address.strip()},
        "facts": [("Number", invoice.full_number), ("Date", _day(invoice.issued_on)), ("Due", due)],
        "lines": [_line(line, is_taxed_variously=is_various) for line in lines],
        "sums": _sums(invoice, lines, received),
        "to_pay": (f"To pay by {due}" if to_pay else "Nothing to pay", amount(to_pay)),
        "closing": "" if to_pay else "Paid. Thank you.",
        "reference": invoice.full_number if to_pay else "",
        "standing_title": f"After this invoice, on {_day(invoice.issued_on)}, you have",
        "standing": standing_at_issue(invoice),
    }


def _intro(invoice: Invoice, lines: list[InvoiceLine]) -> str:
    """When the work was done, where there is more than one line; and why nothing is taxed, if the client is exempt."""
    period = "" if len(lines) < 2 else _period(lines)
    exempt = exemption_on(exemptions_of([invoice.client_id]).get(invoice.client_id, ()), invoice.issued_on)
    reason = f"Exempt from tax: {exempt.reason}, certificate {exempt.certificate}." if exempt else ""
    return " ".join(filter(None, [period, reason]))


def amount(cents: int) -> str:
    """Write cents for print: thousands separators, and a true minus sign."""
    return money(cents).replace("-", "−")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _days(first: date, last: date) -> str:
    """A period of days: 1–30 Apr 2026."""
    if first == last:
        return _short_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_short_day(last)}"
    return f"{first.day} {first:%b} – {_short_day(last)}"


def _period(lines: list[InvoiceLine]) -> str:
    """From when to when the work on the invoice was done, in one sentence."""
    done = [line.done_on for line in lines if line.done_on]
    ahead = [line.last_day for line in lines if line.last_day]
    parts = []
    if done:
        parts.append(f"work and parts of {_days(min(done), max(done))}")
    if ahead:
        parts.append(f"services through {_day(max(ahead))}")
    return f"For {' and '.join(parts)}." if parts else ""


def day_of_line(line: InvoiceLine) -> str:
    """The day or days that a line is for; empty: none."""
    if line.first_day and line.last_day:
        return _days(line.first_day, line.last_day)
    return _short_day(line.done_on) if line.done_on else ""


def _line(line: InvoiceLine, *, is_taxed_variously: bool) -> dict[str, str]:
    """A line as printed; where an invoice has several taxes, each line says which is its own."""
    return {
        "day": day_of_line(line),
        "text": line.text,
        "note": "; ".join(filter(None, [_how(line), str(line.tax) if is_taxed_variously and line.tax else ""])),
        "quantity": _quantity(line),
        "rate": amount(line.rate) if line.rate is not None else "",
        "amount": amount(line.amount),
    }


def _quantity(line: InvoiceLine) -> str:
    if line.kind == Kind.HOURS and line.quantity is not None:
        return f"{line.quantity} h"
    if line.seconds is not None:
        return f"{show_hours(line.seconds)} h"
    return str(line.quantity) if line.quantity is not None else ""


def _how(line: InvoiceLine) -> str:
    """How the time on the line came about, where it is not simply the time worked; how interest did."""
    if line.charge is not None and line.kind == Kind.INTEREST:
        return "; ".join(line.charge.trace)
    if line.charge is None or line.seconds is None:
        return ""
    steps = line.charge.trace[:-1]  # the last step is the price, which the line shows itself
    return "; ".join(steps) if len(steps) > 1 else ""


def tax_words(row: ClosingTax, base: int) -> str:
    """A tax as printed: "Tax, 8.25% of 100.00"; one that is none, with its reason."""
    why = f" ({row.reason})" if row.reason and row.reason != row.words else ""
    return f"{row.words}{why}, {row.rate} of {amount(base)}"


def _sums(invoice: Invoice, lines: list[InvoiceLine], received: int) -> Pairs:
    rows = []
    if taxes := invoice.told_taxes:
        rows.append(("Sum of the lines", amount(sum(line.amount for line in lines))))
        rows += [(tax_words(row, row.base), amount(row.amount)) for row in taxes]
    rows.append(("Total", amount(invoice.total)))
    if invoice.from_retainer:
        rows.append(("Paid from your retainer", amount(-invoice.from_retainer)))
    if received:
        rows.append(("Received before", amount(-received)))
    return rows


def received_at_issue(invoice: Invoice) -> int:
    """What payments and credit that were there when the invoice was issued pay of it."""
    before = Q(payment__at__lte=invoice.issued_at) | Q(credit_note__at__lte=invoice.issued_at)
    return _sum(Allocation.objects.filter(before, invoice=invoice, on=invoice.issued_on, amount__gt=0), "amount")


def standing_at_issue(invoice: Invoice) -> Pairs:
    """What the client held right after the step that made the invoice: hours and money, by the turn of its rows."""
    turn, client = invoice.closing.turn, invoice.client_id
    rows = []
    month = invoice.issued_on.replace(day=1)
    grants = Grant.objects.filter(client=client, month__lte=month, last_month__gte=month)
    brought = BroughtHours.objects.filter(grant__in=grants)
    if granted := _sum(grants, "seconds") + _sum(brought, "seconds"):
        used = _sum(Draw.objects.filter(grant__in=grants, turn__lte=turn), "seconds")
        rows.append((f"Included hours, {month:%B}", f"{show_hours(granted - used)} h"))
    blocks = Block.objects.filter(client=client, turn__lte=turn)
    blocks = blocks.filter(withdrawal=None)
    if bought := _sum(blocks, "seconds") - _sum(blocks, "used_before"):
        gone = _sum(Draw.objects.filter(block__in=blocks, turn__lte=turn), "seconds")
        gone += _sum(Lapse.objects.filter(block__in=blocks, turn__lte=turn), "seconds")
        gone += _sum(Refund.objects.filter(block__in=blocks, turn__lte=turn), "seconds")
        rows.append(("Hours bought", f"{show_hours(bought - gone)} h"))
    moves = RetainerMove.objects.filter(client=client, turn__lte=turn)
    if moves.exists():
        rows.append(("Retainer", f"{invoice.currency} {amount(_sum(moves, 'amount'))}"))
    return rows


def _sum(rows: QuerySet[Any], field: str) -> int:
    return int(rows.order_by().aggregate(sum=Sum(field))["sum"] or 0)
