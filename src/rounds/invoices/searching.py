"""Finds invoices by what a person types: a number as printed, a part of it, or a client's name."""

from django.db.models import Q, QuerySet

from rounds.invoices.models import Invoice, InvoiceSet


def found(rows: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    """Invoices whose number or client a text names; all, if it names nothing."""
    words = text.strip().removeprefix("#")
    if not words:
        return rows
    series, _dash, number = words.rpartition("-")
    wanted = Q(client_name__icontains=words) | Q(client__name__icontains=words)
    if number.isdecimal() and len(number) < 9:
        wanted |= Q(number=int(number), series=series) if series else Q(number=int(number))
    return rows.filter(wanted | Q(old_number__icontains=words)) if words else rows.filter(wanted)


def numbered(full_number: str) -> InvoiceSet:
    """The invoice of a number as printed: one of the old books that stands, or our own; none, if it is no number."""
    old = Invoice.objects.standing().filter(old_number=full_number)
    series, _dash, number = full_number.rpartition("-")
    if old.exists() or not (number.isdecimal() and len(number) < 9):
        return old
    return Invoice.objects.filter(old_number="", series=series, number=int(number))
