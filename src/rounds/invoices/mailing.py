"""Writes the letters that go with invoices: once for each invoice issued, and again when somebody asks for it."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from rounds.clients.models import Client, Contact
from rounds.core.money import Refused
from rounds.invoices.e_invoicing import document_of
from rounds.invoices.models import Invoice
from rounds.invoices.printing import amount, file_name, received_at_issue, standing_at_issue
from rounds.mail.models import Letter
from rounds.mail.sending import Attachment, write_letter

DAYS_LOOKED_BACK = 14  # older invoices without a letter had nobody to go to then: they are sent by hand


def recipients_of(client: Client) -> list[str]:
    """The addresses of the contacts who get a client's invoices."""
    getting = Contact.objects.filter(client=client, gets_invoices=True, left_at=None).exclude(email="")
    return list(getting.values_list("email", flat=True))


def pull(at: datetime) -> int:
    """Write a letter for every invoice issued lately that has none and has somebody to go to; says how many."""
    since = at - timedelta(days=DAYS_LOOKED_BACK)
    waiting = without_letter(Invoice.objects.filter(issued_at__gt=since)).select_related("client")
    return sum(_write(invoice, f"invoice:{invoice.pk}") is not None for invoice in waiting.order_by("pk"))


def without_letter(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices that have not been written to anybody."""
    key = Concat(Value("invoice:"), Cast(OuterRef("pk"), CharField()))
    return invoices.filter(~Exists(Letter.objects.filter(key=key)))


def letters_of(invoice: Invoice) -> QuerySet[Letter]:
    """The letters with which an invoice went, the last one first."""
    first, again = Letter.objects.filter(key=f"invoice:{invoice.pk}"), f"invoice:{invoice.pk}:"
    return (first | Letter.objects.filter(key__startswith=again)).defer("attachment").order_by("-pk")


def send_again(invoice: Invoice, at: datetime) -> Letter:
    """Write an invoice's letter once more. Refused: nobody gets the client's invoices."""
    letter = _write(invoice, f"invoice:{invoice.pk}:{at:%Y%m%d%H%M%S}")
    if letter is None:
        raise Refused(f"nobody at {invoice.client} gets invoices: give a contact an address and “gets invoices”")
    return letter


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
