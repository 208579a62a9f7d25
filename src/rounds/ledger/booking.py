"""Books what happened: pulls the steps of clients' accounts, earns fees as their periods end, posts for `invoices`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import batched
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rounds.charges.models import Block, Charge, Closing, ClosingLine, ClosingTax, Draw, Lapse, Refund, Standing
from rounds.clients.models import Client
from rounds.clients.sharing import WHOLE, Share
from rounds.core import account as values
from rounds.core import books, entries
from rounds.core.account import Kind, Outcome
from rounds.core.taxing import Tax
from rounds.ledger.models import Booked, Entry, Posting, Unsealed
from rounds.people.shop import local_day, the_shop
from rounds.rows.inserting import insert

CLIENTS_AT_ONCE = 25  # whose rows are read together
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
    """Book what is new of some clients, each in a transaction of his own; says how many entries were kept."""
    count, left = 0, _stretches(keys, earned_through)
    while left:
        count += sum(_book(stretch, currency) for stretch in _read(left))
        left = _stretches([stretch.client.pk for stretch in left], earned_through)
    return count


@dataclass(slots=True)
class _Stretch:
    """What is to be booked of one client: his steps after one and through another, and fees that ended by a day."""

    client: Client
    done: int
    last: int
    earned_before: date | None
    earned_through: date
    steps: dict[tuple[int, str], "_Rows"] = field(default_factory=dict)
    fees: list[ClosingLine] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Is there anything to look at?"""
        return self.last > self.done or self.earned_before is None or self.earned_before < self.earned_through

    @property
    def turns(self) -> Q:
        """The rows of its steps."""
        return Q(client=self.client, turn__range=(self.done + 1, self.last))

    @property
    def ended(self) -> Q:
        """The lines of closings whose periods ended, or that were billed afterwards, since it was last looked."""
        lines = Q(closing__client=self.client, last_day__lte=self.earned_through, closing__on__lte=self.earned_through)
        before = self.earned_before
        return lines if before is None else lines & (Q(last_day__gt=before) | Q(closing__on__gt=before))

    def rows_of(self, turn: int, key: str, on: date) -> "_Rows":
        """The rows of one entry of a step."""
        return self.steps.setdefault((turn, key), _Rows(on))


def _stretches(keys: Sequence[int], earned_through: date) -> list[_Stretch]:
    """What is to be booked of some clients; the steps are read before their rows, so that all of these are there."""
    Booked.objects.bulk_create((Booked(client_id=key) for key in keys), ignore_conflicts=True)
    turns = dict(Standing.objects.filter(client__in=keys).values_list("client", "turn"))
    stretches = []
    for done in Booked.objects.filter(client__in=keys).select_related("client").order_by("client"):
        last = min(turns.get(done.client_id, 0), done.turn + TURNS_AT_ONCE)
        through = max(earned_through, done.earned_through or earned_through)
        stretches.append(_Stretch(done.client, done.turn, max(last, done.turn), done.earned_through, through))
    return [stretch for stretch in stretches if stretch.is_new]


def _book(stretch: _Stretch, currency: str) -> int:
    """Book one client's stretch, unless somebody else has done it."""
    chart = chart_of(stretch.client, currency)
    made = [
        entries.entry_of_outcome(chart, rows.outcome(), key=key, on=rows.on, what=rows.what())
        for (_, key), rows in sorted(stretch.steps.items(), key=lambda item: item[0][0])
    ]
    for line in stretch.fees:
        on = max(line.last_day or line.closing.on, line.closing.on)
        rest = line.curtailment.amount if hasattr(line, "curtailment") else 0
        made.append(entries.entry_of_fee(chart, line_value(line), 0, key=f"fee:{line.pk}", on=on, rest=rest))
    mine = Booked.objects.filter(client=stretch.client, turn=stretch.done, earned_through=stretch.earned_before)
    with transaction.atomic():
        if mine.update(turn=stretch.last, earned_through=stretch.earned_through):
            return _keep(made, stretch.client)
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
            charges=tuple(values.Charge(Kind(row.kind), row.amount, row.pk, row.recorded_on) for row in self.charges),
            draws=tuple(
                values.Draw("block", row.seconds, "", block=row.block_id, earned=row.earned) for row in self.draws
            ),
            lapses=tuple(values.Lapse(row.block_id, row.on, row.seconds, row.earned) for row in self.lapses),
            refunds=tuple(
                values.Refund(row.block_id, row.on, row.seconds, row.amount, row.earned) for row in self.refunds
            ),
            blocks=tuple(
                values.Block(row.pk, row.bought_on, row.seconds, row.seconds, row.price) for row in self.blocks
            ),
            closing=self._closing_value(self.closing) if self.closing else None,
        )

    @staticmethod
    def _closing_value(closing: Closing) -> values.Closing:
        return closing_value(closing, list(closing.lines.all()), list(closing.taxes.all()))

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
        if any(charge.kind == Kind.INTEREST for charge in self.charges):
            return "Interest on late invoices"
        return "Hours bought" if self.blocks else "Work and parts"


def _read(stretches: Sequence[_Stretch]) -> Sequence[_Stretch]:
    """Read the rows of the steps of some clients, and their fees that ended, in one question a table.

    What was brought over from the old books is booked by whoever brings it.
    """
    of = {stretch.client.pk: stretch for stretch in stretches}
    turns = reduce(or_, (stretch.turns for stretch in stretches))
    for block in Block.objects.filter(turns, purchase__isnull=False):
        of[block.client_id].rows_of(block.turn, _key_of_step(block), block.bought_on).blocks.append(block)
    for draw in Draw.objects.filter(turns, block__isnull=False):
        key = _key_of(draw) if draw.rated_id else _key_of_step(draw)
        of[draw.client_id].rows_of(draw.turn, key, draw.on).draws.append(draw)
    for charge in Charge.objects.filter(turns):
        of[charge.client_id].rows_of(charge.turn, _key_of(charge), charge.recorded_on).charges.append(charge)
    for lapse in Lapse.objects.filter(turns):
        of[lapse.client_id].rows_of(lapse.turn, _key_of_step(lapse), lapse.on).lapses.append(lapse)
    for refund in Refund.objects.filter(turns):
        of[refund.client_id].rows_of(refund.turn, _key_of_step(refund), refund.on).refunds.append(refund)
    for closing in Closing.objects.filter(turns).exclude(reason="opening").prefetch_related("lines", "taxes"):
        of[closing.client_id].rows_of(closing.turn, _key_of_step(closing), closing.on).closing = closing
    ended = reduce(or_, (stretch.ended for stretch in stretches))
    for line in ClosingLine.objects.filter(ended).select_related("closing", "curtailment").order_by("pk"):
        of[line.closing.client_id].fees.append(line)
    return stretches


def _key_of_step(row: Block | Draw | Lapse | Refund | Closing) -> str:
    """The cause of what a step of the account itself did."""
    return f"step:{row.client_id}:{row.turn}"


def _key_of(row: Draw | Charge) -> str:
    """The cause of what a stint or part drew or cost, or of its being given back; interest is a step of its own."""
    if row.rated_id is None:
        return f"step:{row.client_id}:{row.turn}"
    return f"voided:{row.voided_id}" if row.voided_id else f"rated:{row.rated_id}"


def closing_value(closing: Closing, lines: Sequence[ClosingLine], taxes: Sequence[ClosingTax] = ()) -> values.Closing:
    """A closing as the rules made it."""
    rows = {row.pk: row.row for row in taxes}
    return values.Closing(
        closing.on, closing.due, closing.reason,  # type: ignore[arg-type]
        tuple(line_value(line, rows[line.tax_id].tax if line.tax_id else None) for line in lines), tuple(rows.values()),
        closing.from_retainer, closing.asked, closing.is_paid_at_once,
    )  # fmt: skip


def line_value(line: ClosingLine, tax: Tax | None = None) -> values.Line:
    """A line of a closing as the rules made it; which charge it bills is not told again."""
    period = (line.first_day, line.last_day) if line.first_day and line.last_day else None
    return values.Line(
        Kind(line.kind), line.amount, line.seconds, line.rate, line.quantity, line.agreement_id, period,
        tax=tax,
    )  # fmt: skip


def _keep(made: Iterable[books.Entry | None], client: Client) -> int:
    """Keep entries, and all their postings in one statement: PostgreSQL checks balances statement by statement.

    They are left for `sealing`, so that those who post at the same time do not wait for each other.
    """
    kept = [entry for entry in made if entry is not None]
    rows = insert(Entry(cause=entry.key, on=entry.on, what=entry.what[:200], client_id=client.pk) for entry in kept)
    insert(
        Posting(entry_id=row.pk, account=posting.account, commodity=posting.commodity, amount=posting.amount)
        for row, entry in zip(rows, kept, strict=True)
        for posting in entry.postings
    )
    insert(Unsealed(entry_id=row.pk) for row in rows)
    return len(rows)
