"""What the next first of the month would bill, client by client, with what a person should look at before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from rounds.charges.models import Held, Purchase, Standing
from rounds.charges.previewing import Preview
from rounds.charges.standing import PLAN_NAMES
from rounds.clients.agreeing import in_force, of_clients
from rounds.clients.models import Client, Contact
from rounds.core.account import Closing, Kind
from rounds.core.days import add_months
from rounds.core.terms import Plan
from rounds.invoices.interest import foreseen
from rounds.invoices.models import Invoice
from rounds.work.models import Timer

UNUSUAL_TIMES = 3  # as much as an average month of the year before
UNUSUAL_FROM = 200_00  # cents: below, nobody wants to be told


@dataclass(frozen=True, slots=True)
class Row:
    """One client's next invoice as it stands, or only what should be looked at."""

    client: Client
    plan_name: str
    preview: Preview | None
    warnings: Sequence[str]

    @property
    def closing(self) -> Closing | None:
        """What the invoice would show."""
        return self.preview.closing if self.preview else None

    def of(self, *kinds: Kind) -> int:
        """Cents of some kinds of line."""
        return sum(line.amount for line in self.closing.lines if line.kind in kinds) if self.closing else 0

    @property
    def in_advance(self) -> int:
        """Fees and monitoring."""
        return self.of(Kind.FEE, Kind.MONITORING)

    @property
    def work(self) -> int:
        """Work by the hour, and beyond included hours."""
        return self.of(Kind.LABOUR, Kind.OVERAGE)

    @property
    def parts(self) -> int:
        """Parts, trips, and interest on late invoices."""
        return self.of(Kind.PART, Kind.TRIP, Kind.INTEREST)

    @property
    def asked(self) -> int:
        """What is asked for the retainer."""
        return self.of(Kind.RETAINER)


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of a closing before it is made; the rows with something to look at come first."""

    on: date
    rows: Sequence[Row]

    @property
    def closings(self) -> list[Closing]:
        """Those that would become invoices."""
        return [row.closing for row in self.rows if row.closing]

    @property
    def total(self) -> int:
        """Everything that would be billed, tax included."""
        return sum(closing.total for closing in self.closings)

    @property
    def to_pay(self) -> int:
        """What clients would be asked to pay; retainers pay for the rest."""
        return sum(closing.open for closing in self.closings)

    @property
    def warned(self) -> int:
        """How many clients to look at."""
        return sum(bool(row.warnings) for row in self.rows)


def outlook(on: date) -> Outlook:
    """Preview the closing of a first of the month for every client; nothing is kept."""
    clients = list(Client.objects.only("name").order_by("name"))
    plans = dict(in_force(on).values_list("client", "plan"))
    found = foreseen(clients, on)
    warnings = _warnings(found, on)
    rows = [
        Row(client, PLAN_NAMES[Plan(plans.get(client.pk, Plan.REACTIVE))],
            found.get(client.pk), warnings.get(client.pk, ()))
        for client in clients
        if client.pk in found or client.pk in warnings
    ]  # fmt: skip
    return Outlook(on, sorted(rows, key=lambda row: not row.warnings))


def _warnings(found: dict[int, Preview], on: date) -> dict[int, list[str]]:
    """What should be looked at, by client."""
    warnings: dict[int, list[str]] = {}

    def warn(client: int, words: str) -> None:
        warnings.setdefault(client, []).append(words)

    for timer in Timer.objects.select_related("order", "who"):
        warn(timer.order.client_id, f"{timer.who} has a timer running on order {timer.order_id}")
    held = Held.objects.filter(stint__approval=None).order_by().values_list("client").annotate(Count("pk"))
    for client, count in held:
        warn(client, "1 answer is missing: work waits for approval" if count == 1 else
             f"{count} answers are missing: work waits for approval")  # fmt: skip
    for client, words in _next_blocks(on):
        warn(client, words)
    usual = _usual_amounts(on)
    for client, preview in found.items():
        total, before = preview.closing.total, usual.get(client, 0)
        if before and total >= UNUSUAL_FROM and total >= UNUSUAL_TIMES * before:
            warn(client, f"{total / before:.0f} × the usual amount")
    reached = set(_clients_reached(found))
    for client in found:
        if client not in reached:
            warn(client, "nobody gets the invoice: no contact has an address and “gets invoices”")
    return warnings


def _next_blocks(on: date) -> Iterator[tuple[int, str]]:
    """Where the next block is not bought by itself though the agreement says so, or was bought more than once."""
    for client in Standing.objects.exclude(low_stop_told=None).values_list("client", flat=True):
        yield client, "the next block is not bought by itself: see the notices"
    month = {"on__gte": add_months(on, -1), "on__lt": on, "cause__isnull": False}
    bought = Purchase.objects.filter(**month).order_by().values_list("client").annotate(Count("pk"))
    for client, count in bought.filter(pk__count__gt=1):
        yield client, f"{count} blocks were bought by themselves within the month"


def _usual_amounts(on: date) -> dict[int, int]:
    """An average invoice of a first of the month of the year before, in cents, by client."""
    past = Invoice.objects.filter(issued_on__gte=add_months(on, -12), issued_on__lt=on, closing__reason="month")
    sums = past.order_by().values_list("client").annotate(Sum("total"), Count("pk"))
    return {client: total // count for client, total, count in sums if count >= 3}


def _clients_reached(clients: Iterable[int]) -> Iterable[int]:
    getting = Contact.objects.filter(gets_invoices=True, left_at=None).exclude(email="").order_by()
    return of_clients(getting, list(clients)).values_list("client", flat=True)
