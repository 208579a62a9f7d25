"""Prints what goes with invoices: credit notes, statements of account and reminders, each from rows to a PDF."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from rounds.clients.agreeing import shop_versions
from rounds.clients.models import Client
from rounds.core.interest import lateness_on
from rounds.core.taxing import TaxCategory
from rounds.invoices.hours_back import hours_with
from rounds.invoices.interest import terms_of
from rounds.invoices.models import CreditNote, Invoice, Reminder
from rounds.invoices.printing import TEMPLATE, amount, day_of_line, tax_words
from rounds.invoices.statements import StatementLine
from rounds.pages.printing import paper_for, printed
from rounds.people.branding import brand_at
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop

LETTER = Path(__file__).parent / "documents" / "letter.typ"


def credit_note_pdf(note: CreditNote) -> bytes:
    """Print a credit note: which invoice it corrects, why, what of it, and the tax in it."""
    invoice = note.invoice
    sums = [
        (tax_words(one.row, one.base), amount(one.tax))
        for one in note.taxes.select_related("row")
        if one.tax or one.row.category != TaxCategory.STANDARD
    ]
    retainer = note.asked + note.from_retainer
    if retainer:
        sums.append(("Of that for the retainer", amount(retainer)))
    if note.to_retainer:
        sums.append(("Of that back on your retainer", amount(note.to_retainer)))
    data = {
        "paper": paper_for(invoice.currency),
        "brand": brand_at(note.at),
        "title": f"Credit note {note.full_number}",
        "currency": invoice.currency,
        "intro": f"It corrects invoice {invoice.full_number} of {day_of(invoice.issued_on)}: {note.why}",
        "shop": _shop_of(invoice),
        "client": {"name": invoice.client_name, "address": invoice.client_address.strip()},
        "facts": [("Number", note.full_number), ("Date", day_of(note.on)), ("Invoice", invoice.full_number)],
        "lines": _credited(note),
        "sums": sums,
        "to_pay": ("Credited", amount(note.amount)),
        "closing": "",
        "reference": "",
        "standing_title": "Hours that go with it",
        "standing": [(f"{what[0].upper()}{what[1:]}", hours) for what, hours in hours_with(note)],
        "electronic": "",
    }
    return printed(TEMPLATE, data, note.at)


def _credited(note: CreditNote) -> list[dict[str, str]]:
    rows = [(day_of_line(one.line), one.line.text, one.amount) for one in note.lines.select_related("line")]
    if not rows:
        rows = [("", f"Of invoice {note.invoice.full_number}", note.amount - note.tax)]
    return [
        {"day": day, "text": text, "note": "", "quantity": "", "rate": "", "amount": amount(cents)}
        for day, text, cents in rows
    ]  # fmt: skip


def statement_pdf(client: Client, lines: Sequence[StatementLine], at: datetime) -> bytes:
    """Print a client's account: every invoice, payment and credit, and what he owes in the end."""
    shop, owed = the_shop(), lines[-1].owed if lines else 0
    rows = [(f"{one.on.day} {one.on:%b %Y}", one.what, amount(one.amount), amount(one.owed)) for one in lines]
    total = ("You owe", owed) if owed >= 0 else ("Your credit", -owed)
    return _letter(
        shop, client.name, client.billing_address, at, "Statement of account",
        before=[f"Everything that was invoiced, paid and credited until {day_of(local_day(at))}, in {shop.currency}."],
        head=["Date", "What", "Amount", "Owed"], rows=rows, total=(total[0], f"{shop.currency} {amount(total[1])}"),
        after=[f"Please pay to\n{shop.bank_details.strip()}"] if owed > 0 and shop.bank_details.strip() else [],
    )  # fmt: skip


def reminder_pdf(reminder: Reminder) -> bytes:
    """Print a reminder: which invoice, how late, what is open, and the shop's own words."""
    invoice = reminder.invoice
    late = (reminder.on - invoice.due_on).days
    row = (
        f"{invoice.issued_on.day} {invoice.issued_on:%b %Y}",
        f"Invoice {invoice.full_number}, due {day_of(invoice.due_on)}, {late} {'day' if late == 1 else 'days'} late",
        amount(invoice.total), amount(reminder.open),
    )  # fmt: skip
    after = [f"Please pay to\n{invoice.shop_bank_details.strip()}\nReference {invoice.full_number}"]
    if reminder.fee:
        after.insert(0, f"A fee of {invoice.currency} {amount(reminder.fee)} comes with the next invoice.")
    if told := words_on_interest(reminder):
        after.insert(0, told)
    return _letter(
        the_shop(), invoice.client_name, invoice.client_address, reminder.at, title_of(reminder),
        before=[reminder.text], head=["Date", "What", "Total", "Open"], rows=[row],
        total=("Please pay", f"{invoice.currency} {amount(reminder.open)}"),
        after=after if invoice.shop_bank_details.strip() else after[:-1],
    )  # fmt: skip


def words_on_interest(reminder: Reminder) -> str:
    """What a reminder says of interest: nothing where none is charged."""
    if reminder.interest is None:
        return ""
    terms = terms_of([reminder.invoice.client], shop_versions())[reminder.invoice.client_id]
    lateness = lateness_on(terms, reminder.on)
    rate = f" of {lateness.in_words()}" if lateness else ""
    days = lateness.grace_days if lateness else 0
    late = f"more than {days} days late" if days and not reminder.interest else "late"
    so_far = f": {reminder.invoice.currency} {amount(reminder.interest)} so far, billed on the first of a month"
    return f"Interest{rate} is charged on what is {late}{so_far if reminder.interest else ''}."


def title_of(reminder: Reminder) -> str:
    """What a reminder is called."""
    place = "Reminder" if reminder.number == 1 else f"Reminder {reminder.number}"
    return f"{place}: invoice {reminder.invoice.full_number}"


def day_of(day: date) -> str:
    """A day as printed: 4 April 2026."""
    return f"{day.day} {day:%B %Y}"


def _shop_of(invoice: Invoice) -> dict[str, str]:
    return {
        "name": invoice.shop_name,
        "address": invoice.shop_address.strip(),
        "email": invoice.shop_email,
        "phone": invoice.shop_phone,
        "tax_number": invoice.shop_tax_number,
        "bank_details": invoice.shop_bank_details.strip(),
    }


def _letter(  # noqa: PLR0913 - a paper has that many parts
    shop: Shop, name: str, address: str, at: datetime, title: str, *, before: Sequence[str], head: Sequence[str],
    rows: Sequence[Sequence[str]], total: tuple[str, str], after: Sequence[str],
) -> bytes:  # fmt: skip
    data = {
        "paper": paper_for(shop.currency),
        "brand": brand_at(at),
        "title": title,
        "date": day_of(local_day(at)),
        "shop": {
            "name": shop.name, "address": shop.address.strip(), "email": shop.email, "phone": shop.phone,
            "tax_number": shop.tax_number,
        },
        "client": {"name": name, "address": address.strip()},
        "before": list(before), "head": list(head), "rows": [list(row) for row in rows], "total": list(total),
        "after": list(after),
    }  # fmt: skip
    return printed(LETTER, data, at)
