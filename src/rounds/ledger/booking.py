"""Books what happened: pulls the steps of clients' accounts, earns fees as their periods end, posts for `invoices`."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from rounds.charges.models import ClosingLine, Standing
from rounds.clients.models import Client
from rounds.clients.sharing import WHOLE, Share
from rounds.core import account as values
from rounds.core import books, entries
from rounds.core.account import Kind
from rounds.ledger.models import Booked, Entry, Posting, Unsealed
from rounds.ledger.steps import Stretch, stretches_of
from rounds.people.shop import local_day, the_shop
from rounds.rows.inserting import insert_values
from rounds.rows.updating import update_row

CLIENTS_AT_ONCE = 25  # whose steps are read and booked together: one transaction, short enough to let others write


def chart_of(client: Client, currency: str | None = None) -> books.Chart:
    """The names of a client's accounts: the books know him by his number, as names change."""
    return books.Chart(str(client.pk), currency or the_shop().currency)


def post(entry: books.Entry | None, client: Client) -> None:
    """Keep an entry, once for its cause; where nothing moves there is nothing to keep."""
    if entry is None or Entry.objects.filter(cause=entry.key).exists():
        return
    with transaction.atomic():
        _keep([(client.pk, entry)])


def pull(at: datetime, share: Share = WHOLE) -> int:
    """Book every step of every account that is not in the books yet, and the fees whose periods ended before today."""
    yesterday, currency = local_day(at) - timedelta(days=1), the_shop().currency
    keys = _clients_to_book(yesterday).filter(share.of_clients).values_list("pk", flat=True)
    return sum(_book_some(some, yesterday, currency) for some in batched(keys, CLIENTS_AT_ONCE))


def _clients_to_book(earned_through: date) -> QuerySet[Client]:
    """Clients with steps that are not booked, or whose fees have not been looked at since."""
    done = Booked.objects.filter(client=OuterRef("client"), turn__gte=OuterRef("turn"))
    moved = Standing.objects.filter(~Exists(done), turn__gt=0)
    waiting = Booked.objects.filter(Q(earned_through=None) | Q(earned_through__lt=earned_through))
    return Client.objects.filter(Q(pk__in=moved.values("client")) | Q(pk__in=waiting.values("client"))).order_by("pk")


def _book_some(keys: Sequence[int], earned_through: date, currency: str) -> int:
    """Book what is new of some clients, a stretch of each in one transaction; says how many entries were kept."""
    count, left = 0, stretches_of(keys, earned_through)
    while left:
        made = [(stretch, list(_entries_of(stretch, currency))) for stretch in left]
        with transaction.atomic():
            count += _keep([(stretch.client, entry) for stretch, found in made if _take(stretch) for entry in found])
        left = stretches_of([stretch.client for stretch in left], earned_through)
    return count


def _entries_of(stretch: Stretch, currency: str) -> Iterator[books.Entry]:
    """The entries of one client's stretch, in the order of his steps."""
    chart = books.Chart(str(stretch.client), currency)
    for (_, key), step in sorted(stretch.steps.items(), key=lambda item: item[0][0]):
        entry = entries.entry_of_outcome(chart, step.outcome(), key=key, on=step.on, what=step.what())
        if entry is not None:
            yield entry
    for fee in stretch.fees:
        entry = entries.entry_of_fee(chart, fee.line, 0, key=f"fee:{fee.key}", on=fee.on, rest=fee.rest)
        if entry is not None:
            yield entry


def _take(stretch: Stretch) -> bool:
    """Take a stretch for this transaction, unless somebody else has booked it."""
    before = {"client_id": stretch.client, "turn": stretch.done, "earned_through": stretch.earned_before}
    return update_row(Booked, before, turn=stretch.last, earned_through=stretch.earned_through)


def line_value(line: ClosingLine) -> values.Line:
    """A line of a closing as the rules made it; which charge it bills is not told again."""
    period = (line.first_day, line.last_day) if line.first_day and line.last_day else None
    return values.Line(Kind(line.kind), line.amount, line.seconds, line.rate, line.quantity, line.agreement_id, period)


def _keep(made: Sequence[tuple[int, books.Entry]]) -> int:
    """Keep clients' entries, and all postings in one statement: PostgreSQL checks balances statement by statement.

    They are left for `sealing`, so that those who post at the same time do not wait for each other.
    """
    at = timezone.now()
    about = ("cause", "on", "what", "client_id", "booked_at")
    keys = insert_values(Entry, about, [(entry.key, entry.on, entry.what[:200], pk, at) for pk, entry in made])
    insert_values(
        Posting,
        ("entry_id", "account", "commodity", "amount"),
        [
            (key, posting.account, posting.commodity, posting.amount)
            for key, (_, entry) in zip(keys, made, strict=True)
            for posting in entry.postings
        ],
    )
    insert_values(Unsealed, ("entry_id",), [(key,) for key in keys])
    return len(keys)
