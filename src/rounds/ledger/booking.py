"""Books what happened: pulls the steps of clients' accounts, earns fees as their periods end, posts for `invoices`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rounds.charges.models import Block, Charge, Closing, ClosingLine, Draw, Lapse, Refund, Standing
from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core import books, entries
from rounds.core.account import Kind, Outcome
from rounds.ledger.models import Booked, Entry, Posting, Unsealed
from rounds.people.shop import local_day, the_shop

TURNS_AT_ONCE = 50  # steps of one account in one transaction
REASONS = {
    "month": "Invoice of the month",
    "start": "Invoice at the start",
    "purchase": "Hours bought",
    "deposit": "Deposit",
}


def chart_of(client: Client, currency: str | None = None) -> books.Chart:
    """The names of a client's accounts: the books know him by his number, as names change."""
    return books.Chart(str(client.pk), currency or the_shop().currency)


def post(entry: books.Entry | None, client: Client) -> None:
    """Keep an entry, once for its cause; where nothing moves there is nothing to keep."""
    if entry is None or Entry.objects.filter(cause=entry.key).exists():
        return
    with transaction.atomic():
        _keep([entry], client)


def pull(at: datetime) -> int:
    """Book every step of every account that is not in the books yet, and the fees whose periods ended before today."""
    yesterday, currency = local_day(at) - timedelta(days=1), the_shop().currency
    return sum(book(client, yesterday, currency) for client in _clients_to_book(yesterday))


def book(client: Client, earned_through: date, currency: str | None = None) -> int:
    """Book what is new of one client, and fees for periods that ended by a day; says how many entries were kept."""
    chart = chart_of(client, currency)
    Booked.objects.get_or_create(client=client)
    return _book_steps(client, chart) + _book_fees(client, chart, earned_through)


def _clients_to_book(earned_through: date) -> QuerySet[Client]:
    """Clients with steps that are not booked, or whose fees have not been looked at since."""
    done = Booked.objects.filter(client=OuterRef("client"), turn__gte=OuterRef("turn"))
    moved = Standing.objects.filter(~Exists(done), turn__gt=0)
    waiting = Booked.objects.filter(Q(earned_through=None) | Q(earned_through__lt=earned_through))
    return Client.objects.filter(Q(pk__in=moved.values("client")) | Q(pk__in=waiting.values("client"))).order_by("pk")


def _book_steps(client: Client, chart: books.Chart) -> int:
    """Book the steps of an account that are not booked yet, some at a time."""
    count = 0
    while True:
        done = Booked.objects.get(client=client).turn
        last = min(Standing.objects.get(client=client).turn, done + TURNS_AT_ONCE)
        if last <= done:
            return count
        with transaction.atomic():
            if Booked.objects.filter(client=client, turn=done).update(turn=last):
                count += _keep(_entries_of_turns(client, chart, done + 1, last), client)


def _book_fees(client: Client, chart: books.Chart, through: date) -> int:
    """Earn the fees and monitoring whose periods ended, or were billed afterwards, by a day."""
    before = Booked.objects.get(client=client).earned_through
    if before is not None and before >= through:
        return 0
    lines = ClosingLine.objects.filter(closing__client=client, last_day__lte=through, closing__on__lte=through)
    if before is not None:
        lines = lines.filter(Q(last_day__gt=before) | Q(closing__on__gt=before))
    earned = []
    for line in lines.select_related("closing"):
        on = max(line.last_day or line.closing.on, line.closing.on)
        earned.append(entries.entry_of_fee(chart, line_value(line), 0, key=f"fee:{line.pk}", on=on))
    with transaction.atomic():
        if Booked.objects.filter(client=client, earned_through=before).update(earned_through=through):
            return _keep(earned, client)
    return 0


@dataclass(slots=True)
class _Rows:
    """The rows that one entry is made of: those of a stint or part, or those of a step of the account itself."""

    on: date
    charges: list[Charge] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    lapses: list[Lapse] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    closing: Closing | None = None

    def outcome(self) -> Outcome:
        """The rows as the outcome that they were kept from, as far as the books care."""
        return Outcome(
            charges=tuple(
                values.Charge(Kind(row.kind), row.amount, row.rated_id, row.recorded_on) for row in self.charges
            ),
            draws=tuple(
                values.Draw("block", row.seconds, "", block=row.block_id, earned=row.earned) for row in self.draws
            ),
            lapses=tuple(values.Lapse(row.block_id, row.on, row.seconds, row.earned) for row in self.lapses),
            refunds=tuple(values.Refund(row.block_id, row.on, row.seconds, row.amount) for row in self.refunds),
            blocks=tuple(
                values.Block(row.pk, row.bought_on, row.seconds, row.seconds, row.price) for row in self.blocks
            ),
            closing=closing_value(self.closing, list(self.closing.lines.all())) if self.closing else None,
        )

    def what(self) -> str:
        """What happened, in words."""
        if self.closing is not None:
            return REASONS[self.closing.reason]
        if self.lapses:
            return "Hours lapsed"
        if self.refunds:
            return "Hours given back"
        if any(draw.voided_id for draw in self.draws) or any(charge.voided_id for charge in self.charges):
            return "Recorded by mistake, taken back"
        return "Hours bought" if self.blocks else "Work and parts"


def _entries_of_turns(client: Client, chart: books.Chart, first: int, last: int) -> Iterator[books.Entry | None]:
    """The entries of an account's steps, from the rows that were kept in them."""
    turns = {"client": client, "turn__gte": first, "turn__lte": last}
    found: dict[tuple[int, str], _Rows] = {}

    def rows_of(turn: int, key: str, on: date) -> _Rows:
        return found.setdefault((turn, key), _Rows(on))

    for block in Block.objects.filter(**turns):
        rows_of(block.turn, f"step:{client.pk}:{block.turn}", block.bought_on).blocks.append(block)
    for draw in Draw.objects.filter(**turns, block__isnull=False):
        key = _key_of(draw) if draw.rated_id else f"step:{client.pk}:{draw.turn}"
        rows_of(draw.turn, key, draw.on).draws.append(draw)
    for charge in Charge.objects.filter(**turns):
        rows_of(charge.turn, _key_of(charge), charge.recorded_on).charges.append(charge)
    for lapse in Lapse.objects.filter(**turns):
        rows_of(lapse.turn, f"step:{client.pk}:{lapse.turn}", lapse.on).lapses.append(lapse)
    for refund in Refund.objects.filter(**turns):
        rows_of(refund.turn, f"step:{client.pk}:{refund.turn}", refund.on).refunds.append(refund)
    for closing in Closing.objects.filter(**turns).prefetch_related("lines"):
        rows_of(closing.turn, f"step:{client.pk}:{closing.turn}", closing.on).closing = closing
    for (_, key), rows in sorted(found.items(), key=lambda item: item[0][0]):
        yield entries.entry_of_outcome(chart, rows.outcome(), key=key, on=rows.on, what=rows.what())


def _key_of(row: Draw | Charge) -> str:
    """The cause of what a stint or part drew or cost, or of its being given back."""
    return f"voided:{row.voided_id}" if row.voided_id else f"rated:{row.rated_id}"


def closing_value(closing: Closing, lines: Sequence[ClosingLine]) -> values.Closing:
    """A closing as the rules made it."""
    return values.Closing(
        closing.on, closing.due, closing.reason, tuple(line_value(line) for line in lines), closing.tax,  # type: ignore[arg-type]
        closing.from_retainer, closing.asked, closing.is_paid_at_once,
    )  # fmt: skip


def line_value(line: ClosingLine) -> values.Line:
    """A line of a closing as the rules made it; which charge it bills is not told again."""
    period = (line.first_day, line.last_day) if line.first_day and line.last_day else None
    return values.Line(
        Kind(line.kind), line.amount, line.seconds, line.rate, line.quantity, line.agreement_id, period,
        is_taxable=line.is_taxable,
    )  # fmt: skip


def _keep(made: Iterable[books.Entry | None], client: Client) -> int:
    """Keep entries, and all their postings in one statement: PostgreSQL checks balances statement by statement.

    They are left for `sealing`, so that those who post at the same time do not wait for each other.
    """
    kept = [entry for entry in made if entry is not None]
    rows = Entry.objects.bulk_create(
        Entry(cause=entry.key, on=entry.on, what=entry.what[:200], client=client) for entry in kept
    )
    Posting.objects.bulk_create(
        Posting(entry=row, account=posting.account, commodity=posting.commodity, amount=posting.amount)
        for row, entry in zip(rows, kept, strict=True)
        for posting in entry.postings
    )
    Unsealed.objects.bulk_create(Unsealed(entry=row) for row in rows)
    return len(rows)
