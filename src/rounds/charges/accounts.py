"""Loads clients' accounts from their rows, as values for the rules, together with how far they have been played."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum

from rounds.charges.models import Advance, Block, Charge, Grant, RetainerMove, Standing
from rounds.clients.agreeing import agreement_rows_of, shop_versions
from rounds.clients.exempting import by_client
from rounds.clients.models import Client
from rounds.clients.rows import agreement_value
from rounds.core import account as values
from rounds.core.days import add_months, first_of_month
from rounds.core.opening import DAYS_OF_WARNING
from rounds.core.terms import Shops, Terms
from rounds.people.shop import shop_zone
from rounds.rows.updating import update_row

DAY = timedelta(days=1)


class Moved(Exception):
    """Somebody else has played this account meanwhile: load it again."""


@dataclass(slots=True)
class Position:
    """An account as loaded: its value, the keys of its rows, and how far it has been played.

    `unbilled` are the keys of the charges in `account.unbilled`, in its order; `grants` the keys of grants; `known` the
    day from which each agreement counts: its start, or the day it was recorded if that was later.
    """

    client: Client
    zone: ZoneInfo
    turn: int
    lapsed_through: date | None
    opened_through: date | None
    account: values.Account
    unbilled: list[int]
    grants: dict[tuple[int, date], int]
    known: dict[int, date]

    def next_lapsing(self) -> date | None:
        """The next day on which hours lapse, or on which that is announced."""
        days = [
            day
            for block in self.account.blocks
            if block.left and block.lapses_on is not None
            for day in (block.lapses_on - timedelta(days=DAYS_OF_WARNING), block.lapses_on)
            if self.lapsed_through is None or day > self.lapsed_through
        ]
        return min(days, default=None)

    def next_closing(self, today: date) -> date | None:
        """The next day on which an invoice is due: a first of the month, or an agreement's start that was not charged.

        An agreement that was recorded when its start had already been opened is due today.
        """
        if self.opened_through is None:
            return None
        today = max(today, self.opened_through)
        starts = [
            self.known[agreement.key] if self.known[agreement.key] > self.opened_through else today
            for agreement in self.account.terms.agreements
            if (agreement.key, agreement.starts) not in self.account.charged_in_advance
            and self.known[agreement.key] <= today
        ]
        return min([*starts, add_months(first_of_month(self.opened_through), 1)])

    def counts_on(self, moment: datetime) -> date:
        """The day on which something recorded at a moment counts: not before what has been played already."""
        day = moment.astimezone(self.zone).date()
        return day if self.opened_through is None else max(day, self.opened_through)

    def begin(self, day: date) -> None:
        """Begin an account on its first day."""
        if self.opened_through is None:
            self.lapsed_through = self.opened_through = day - DAY


def load_position(client: Client, shops: Shops | None = None) -> Position:
    """Load a client's account; `shops` saves a query where many clients are played."""
    return load_positions([client], shops)[0]


def load_positions(clients: Sequence[Client], shops: Shops | None = None) -> list[Position]:
    """Load the accounts of some clients, in their order, in a fixed number of questions to the database.

    The turns are read first: whatever is kept while the rest is read makes the next step from it fail as `Moved`.
    """
    rows = _Rows(clients)
    shops, zone = shops or shop_versions(), shop_zone()
    exempt = by_client([client.pk for client in clients], shops)
    return [rows.position(client, exempt.get(client.pk, shops), zone) for client in clients]


class _Rows:
    """The rows of some clients' accounts, by client."""

    def __init__(self, clients: Sequence[Client]) -> None:
        mine = {"client__in": clients}
        self.standings = _standings(clients)
        self.agreements = agreement_rows_of(clients)
        self.charges = _grouped(Charge.objects.filter(**mine).unbilled())
        self.grants = _grouped(Grant.objects.filter(**mine).with_left())
        self.blocks = _grouped(Block.objects.filter(**mine).with_left().with_credited())
        moves = RetainerMove.objects.filter(**mine).order_by().values_list("client")
        self.retainers = {key: (held, asked) for key, held, asked in moves.annotate(Sum("amount"), Sum("asked"))}
        advances = Advance.objects.filter(agreement__client__in=clients)
        self.charged: dict[int, set[tuple[int, date]]] = {}
        for client, agreement, day in advances.values_list("agreement__client", "agreement", "first_day"):
            self.charged.setdefault(client, set()).add((agreement, day))

    def position(self, client: Client, shops: Shops, zone: ZoneInfo) -> Position:
        """One client's account."""
        standing, rows = self.standings[client.pk], self.agreements.get(client.pk, [])
        charges, grants = self.charges.get(client.pk, []), self.grants.get(client.pk, [])
        retainer, asked = self.retainers.get(client.pk, (0, 0))
        account = values.Account(
            Terms(shops, tuple(agreement_value(row) for row in rows)),
            blocks=tuple(_block(row) for row in self.blocks.get(client.pk, [])),
            grants=tuple(_grant(row) for row in grants),
            unbilled=tuple(charge_value(row) for row in charges),
            retainer=retainer,
            asked=asked,
            low_hours_told=standing.low_hours_told_id,
            low_retainer_told=standing.low_retainer_told_id,
            low_stop_told=standing.low_stop_told_id,
            low_back_told=standing.low_back_told_id,
            charged_in_advance=frozenset(self.charged.get(client.pk, ())),
        )
        return Position(
            client,
            zone,
            standing.turn,
            standing.lapsed_through,
            standing.opened_through,
            account,
            unbilled=[row.pk for row in charges],
            grants={(row.agreement_id, row.month): row.pk for row in grants},
            known={row.pk: max(row.starts, row.recorded_at.astimezone(zone).date()) for row in rows},
        )


def _standings(clients: Sequence[Client]) -> dict[int, Standing]:
    """How far each account has been played; begun where it was not."""
    found = {row.client_id: row for row in Standing.objects.filter(client__in=clients)}
    new = [client for client in clients if client.pk not in found]
    if new:
        Standing.objects.bulk_create((Standing(client=client) for client in new), ignore_conflicts=True)
        found |= {row.client_id: row for row in Standing.objects.filter(client__in=new)}
    return found


def _grouped[Row: (Block, Charge, Grant)](rows: Iterable[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.client_id, []).append(row)
    return groups


def load_account(client: Client, shops: Shops | None = None) -> values.Account:
    """Load a client's account as it was last played, as a value: what he holds, has used and owes."""
    return load_position(client, shops).account


def hold(client: Client) -> None:
    """Take a client's account for the rest of the transaction: others wait."""
    mine = {"client_id": client.pk}
    if not update_row(Standing, mine, **mine):
        Standing.objects.get_or_create(client=client)
        update_row(Standing, mine, **mine)


def hold_as_read(position: Position) -> None:
    """Take an account for the rest of the transaction as it was read. Raises Moved if somebody else has moved it."""
    as_read = {"client_id": position.client.pk, "turn": position.turn}
    if not update_row(Standing, as_read, turn=position.turn):
        raise Moved


def _block(row: Block) -> values.Block:
    return values.Block(
        row.pk, row.bought_on, row.seconds, row.left, row.price, row.lapses_on, row.credited, row.paid_back
    )  # fmt: skip


def _grant(row: Grant) -> values.Grant:
    return values.Grant(row.agreement_id, row.month, row.last_month, row.whole, row.left)


def charge_value(row: Charge) -> values.Charge:
    """What is left to bill, as the rules see it."""
    return values.Charge(
        values.Kind(row.kind), row.amount, row.rated_id or f"charge:{row.pk}", row.recorded_on, row.seconds, row.rate,
        row.quantity, tuple(row.trace), row.site_id,
    )  # fmt: skip
