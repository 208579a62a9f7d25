"""Writes the letters that go with invoices and credit notes: once for each issued, and again when somebody asks."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from rounds.clients.models import Client, Contact
from rounds.core.money import Refused
from rounds.invoices.e_invoicing import document_of
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.papers import credit_note_pdf
from rounds.invoices.printing import amount, file_name, received_at_issue, standing_at_issue
from rounds.mail.models import Letter
from rounds.mail.sending import Attachment, write_letter

DAYS_LOOKED_BACK = 14  # older invoices without a letter had nobody to go to then: they are sent by hand


def recipients_of(client: Client) -> list[str]:
    """The addresses of the contacts who get a client's invoices."""
    getting = Contact.objects.filter(client=client, gets_invoices=True, left_at=None).exclude(email="")
    return list(getting.values_list("email", flat=True))


def pull(at: datetime) -> int:
    """Write a letter for every invoice and credit note issued lately that has none and has somebody to go to.

    Says how many were written.
    """
    since = at - timedelta(days=DAYS_LOOKED_BACK)
    invoices = without_letter(Invoice.objects.filter(issued_at__gt=since, old_number="")).select_related("client")
    notes = CreditNote.objects.filter(~_has_letter("credit-note:"), at__gt=since).select_related("client", "invoice")
    written = [_write(invoice, f"invoice:{invoice.pk}") for invoice in invoices.order_by("pk")]
    written += [_write_note(note, f"credit-note:{note.pk}") for note in notes.order_by("pk")]
    return sum(letter is not None for letter in written)


def without_letter(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices that have not been written to anybody."""
    return invoices.filter(~_has_letter("invoice:"))


def _has_letter(prefix: str) -> Exists:
    return Exists(Letter.objects.filter(key=Concat(Value(prefix), Cast(OuterRef("pk"), CharField()))))


def letters_of(invoice: Invoice) -> QuerySet[Letter]:
    """The letters with which an invoice went, the last one first."""
    first, again = Letter.objects.filter(key=f"invoice:{invoice.pk}"), f"invoice:{invoice.pk}:"
    return (first | Letter.objects.filter(key__startswith=again)).defer("attachment").order_by("-pk")


def send_again(invoice: Invoice, at: datetime) -> Letter:
    """Write an invoice's letter once more. Refused: nobody gets the client's invoices, or it is not ours."""
    if invoice.is_brought:
        raise Refused("it was issued by the old books: send the paper from there")
    letter = _write(invoice, f"invoice:{invoice.pk}:{at:%Y%m%d%H%M%S}")
    if letter is None:
        raise _nobody(invoice.client)
    return letter


def send_note_again(note: CreditNote, at: datetime) -> Letter:
    """Write a credit note's letter once more. Refused: nobody gets the client's invoices."""
    letter = _write_note(note, f"credit-note:{note.pk}:{at:%Y%m%d%H%M%S}")
    if letter is None:
        raise _nobody(note.client)
    return letter


def _nobody(client: Client) -> Refused:
    return Refused(f"nobody at {client} gets invoices: give a contact an address and “gets invoices”")


def _write_note(note: CreditNote, key: str) -> Letter | None:
    to, invoice = recipients_of(note.client), note.invoice
    if not to:
        return None
    name = f"Credit note {note.full_number}"
    body = (
        f"Hello {invoice.client_name},\n\nhere is credit note {note.full_number} over {invoice.currency} "
        f"{amount(note.amount)} for invoice {invoice.full_number}: {note.why}\n\n{invoice.shop_name}\n"
    )
    paper = Attachment(f"credit-note-{note.full_number}.pdf", credit_note_pdf(note))
    return write_letter(key, to, f"{name} from {invoice.shop_name}", body, paper)


def _write(invoice: Invoice, key: str) -> Letter | None:
    to = recipients_of(invoice.client)
    if not to:
        return None
    subject = f"Invoice {invoice.full_number} from {invoice.shop_name}"
    document = Attachment(file_name(invoice), document_of(invoice))
    return write_letter(key, to, subject, body_of(invoice), document)


def body_of(invoice: Invoice) -> str:
    """The letter in plain text: what it is, what is to pay, what the client still has."""
    open_at_issue = invoice.total - invoice.from_retainer - received_at_issue(invoice)
    lines = [f"{line.text}: {amount(line.amount)}" for line in invoice.lines.all()]
    asks = f"Please pay {invoice.currency} {amount(open_at_issue)} by {invoice.due_on.day} {invoice.due_on:%B %Y}."
    parts = [
        f"Hello {invoice.client_name},",
        f"here is invoice {invoice.full_number} of {invoice.issued_on.day} {invoice.issued_on:%B %Y}.",
        "\n".join(lines),
        f"Total: {invoice.currency} {amount(invoice.total)}",
        f"Paid from your retainer: {invoice.currency} {amount(invoice.from_retainer)}" if invoice.from_retainer else "",
        asks if open_at_issue else "There is nothing to pay.",
        invoice.shop_bank_details.strip() if open_at_issue else "",
        "\n".join(f"{label}: {figure}" for label, figure in standing_at_issue(invoice)),
        "\n".join(filter(None, [invoice.shop_name, invoice.shop_phone, invoice.shop_email])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
