"""Finds invoices by what a person types: a number as printed, a part of it, or a client's name."""

from django.db.models import Q, QuerySet

from rounds.invoices.models import Invoice


def found(rows: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    """Invoices whose number or client a text names; all, if it names nothing."""
    words = text.strip().removeprefix("#")
    if not words:
        return rows
    series, _dash, number = words.rpartition("-")
    wanted = Q(client_name__icontains=words) | Q(client__name__icontains=words)
    if number.isdecimal() and len(number) < 9:
        wanted |= Q(number=int(number), series=series) if series else Q(number=int(number))
    return rows.filter(wanted)
