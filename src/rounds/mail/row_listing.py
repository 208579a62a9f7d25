"""The rows of a mail's table as its page shows them: those that were read, and those that wait with their text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from rounds.mail.mail_models import AlertMailSet
from rounds.mail.models import AlertMail, Reading, Result, Waiting
from rounds.mail.understanding import rows_of
from rounds.pages.listing import Listing

MOST_WAITING = 100  # of the rows that wait are shown; a rule reads all of them
CSV_COLUMNS = {
    "Row": lambda row: row.row,
    "Client": lambda row: str(row.client),
    "Machine": lambda row: row.machine_name,
    "Known as": lambda row: row.machine.name if row.machine else "",
    "Product": lambda row: row.product,
    "Job": lambda row: row.job,
    "Result": lambda row: Result(row.result).label,
    "Severity": lambda row: row.severity,
    "Happened": lambda row: (
        timezone.localtime(row.happened_at).isoformat(timespec="minutes") if row.happened_at else ""
    ),
    "Why": lambda row: row.why,
}
SORTS = {
    "row": ("row",),
    "machine": ("machine_name", "row"),
    "client": ("client__name", "row"),
    "result": ("result", "row"),
    "happened": ("-happened_at", "row"),
}


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that waits, and what stands in it."""

    wait: Waiting
    text: str


def mails_listed(request: HttpRequest, rows: AlertMailSet, sorts: Mapping[str, Sequence[str]]) -> Listing[AlertMail]:
    """Mails as a list: what their rows come to is asked for those of the page alone, or for all if they go as CSV."""
    related = rows.sortable().select_related("source__client")
    listing = Listing(request, related, sorts=sorts, noun="mails")
    if listing.is_csv:
        return Listing(request, related.summed(), sorts=sorts, noun="mails")
    keys = [row.pk for row in listing.rows]
    found = AlertMail.objects.summed().select_related("source__client").in_bulk(keys)
    listing.rows = [found[key] for key in keys if key in found]
    return listing


def listing_of(request: HttpRequest, mail: AlertMail) -> Listing[Reading]:
    """The rows that were read, by what is asked for in the address."""
    rows = Reading.objects.filter(mail=mail).select_related("client", "machine", "by")
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(machine_name__icontains=text) | Q(job__icontains=text) | Q(product__icontains=text)
            | Q(client__name__icontains=text)
        )  # fmt: skip
    if (result := request.GET.get("result", "")) in Result.values:
        rows = rows.filter(result=result)
    return Listing(request, rows, sorts=SORTS, noun="rows")


def waiting_rows(mail: AlertMail) -> list[WaitingRow]:
    """The first rows that wait, each with its text."""
    waits = list(mail.waits.exclude(row=0).order_by("row")[:MOST_WAITING])
    texts = {row.number: row.text for row in rows_of(mail)} if waits else {}
    return [WaitingRow(wait, texts.get(wait.row, "")) for wait in waits]
