"""What clients hold and owe, for the pages of clients, the portal and the front page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from rounds.charges.previewing import Preview, next_first
from rounds.charges.standing import Holdings, holdings, holdings_of
from rounds.clients.models import Client
from rounds.core.books import Ageing, ageing
from rounds.core.settling import Receivable
from rounds.invoices.debts import credit_of
from rounds.invoices.interest import foreseen
from rounds.invoices.models import Invoice, Payment


@dataclass(frozen=True, slots=True)
class Owing:
    """What one client owes, in cents: in all, of that overdue, and the day on which the oldest open invoice was due."""

    owes: int = 0
    overdue: int = 0
    first_due: date | None = None


@dataclass(frozen=True, slots=True)
class Balances:
    """One client on one day: what he holds, what he owes, and what the next first of the month would bill."""

    day: date
    holdings: Holdings
    owing: Owing
    credit: int
    next_on: date
    next: Preview | None

    @property
    def next_amount(self) -> int:
        """What the next invoice would ask for, if it were made now."""
        return self.next.closing.open if self.next else 0

    @property
    def days_late(self) -> int:
        """How late the oldest open invoice is."""
        first = self.owing.first_due
        return max(0, (self.day - first).days) if first else 0


def balances_of(client: Client, day: date) -> Balances:
    """What one client holds and owes today."""
    on = next_first(day)
    owing = owing_by_client(Invoice.objects.filter(client=client).unpaid(), day).get(client.pk, Owing())
    return Balances(day, holdings_of(client, day), owing, credit_of(client), on, foreseen([client], on).get(client.pk))


def owing_by_client(rows: Iterable[Invoice], day: date) -> dict[int, Owing]:
    """What clients owe on open invoices, by their keys; who owes nothing is left out."""
    found: dict[int, Owing] = {}
    for row in rows:
        now = found.get(row.client_id, Owing())
        late = row.open if row.due_on < day else 0
        first = min(row.due_on, now.first_due or row.due_on)
        found[row.client_id] = Owing(now.owes + row.open, now.overdue + late, first)
    return found


def ageing_of(rows: Iterable[Invoice], day: date) -> Ageing:
    """How old open invoices are."""
    return ageing((Receivable(row.pk, row.pk, row.due_on, row.open) for row in rows), day)


@dataclass(frozen=True, slots=True)
class Attention:
    """A client whose money needs a look, with what he holds and owes."""

    client: Client
    holdings: Holdings
    owing: Owing


@dataclass(frozen=True, slots=True)
class Overview:
    """All current clients' money on one day: what is owed, what is not billed, whose hours or retainer are low."""

    day: date
    ageing: Ageing
    overdue: Sequence[Invoice]
    unbilled: Sequence[Attention]
    low: Sequence[Attention]

    @property
    def unbilled_amount(self) -> int:
        """Everything that waits for the next first of the month, before tax."""
        return sum(one.holdings.unbilled for one in self.unbilled)

    @property
    def overdue_amount(self) -> int:
        """Everything overdue."""
        return sum(row.open for row in self.overdue)


def overview(day: date) -> Overview:
    """The shop's money at a glance."""
    shown = ("series", "number", "due_on", "client__name")
    rows = list(Invoice.objects.select_related("client").only(*shown).unpaid())
    owing = owing_by_client(rows, day)
    clients = list(Client.objects.current().only("name").order_by("name"))
    held = holdings(clients, day)
    all_of = [Attention(client, held[client.pk], owing.get(client.pk, Owing())) for client in clients]
    unbilled = sorted((one for one in all_of if one.holdings.unbilled), key=lambda one: -one.holdings.unbilled)
    low = [one for one in all_of if one.holdings.are_hours_low or one.holdings.is_retainer_low]
    return Overview(day, ageing_of(rows, day), [row for row in rows if row.due_on < day], unbilled, low)


def last_payments(count: int) -> QuerySet[Payment]:
    """The payments recorded last, by their keys: no sorting of all that was ever paid, and none by a join."""
    return Payment.objects.order_by("-pk").prefetch_related("client", "invoice", "recorded_by")[:count]
