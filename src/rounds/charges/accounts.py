"""Loads a client's account from its rows, as a value for the rules, together with how far it has been played."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Sum

from rounds.charges.models import Advance, Block, Charge, Grant, RetainerMove, Standing
from rounds.clients.agreeing import agreement_rows, shop_versions
from rounds.clients.exempting import shops_for
from rounds.clients.models import Client
from rounds.clients.rows import agreement_value
from rounds.core import account as values
from rounds.core.days import add_months, first_of_month
from rounds.core.opening import DAYS_OF_WARNING
from rounds.core.terms import Shop, Terms
from rounds.people.shop import shop_zone

DAY = timedelta(days=1)
type Shops = tuple[tuple[date, Shop], ...]


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
    """Load a client's account; `shops` saves a query where many clients are played.

    The turn is read first: whatever is kept while the rest is read makes the next step from it fail as `Moved`.
    """
    standing, _ = Standing.objects.get_or_create(client=client)
    rows, zone = agreement_rows(client), shop_zone()
    terms = Terms(shops_for(client, shops or shop_versions()), tuple(agreement_value(row) for row in rows))
    charges = list(Charge.objects.filter(client=client).unbilled())
    grants = list(Grant.objects.filter(client=client).with_left())
    retainer = RetainerMove.objects.filter(client=client).aggregate(held=Sum("amount"), asked=Sum("asked"))
    charged = Advance.objects.filter(agreement__client=client).values_list("agreement", "first_day")
    account = values.Account(
        terms,
        blocks=tuple(_block(row) for row in Block.objects.filter(client=client).with_left()),
        grants=tuple(_grant(row) for row in grants),
        unbilled=tuple(charge_value(row) for row in charges),
        retainer=retainer["held"] or 0,
        asked=retainer["asked"] or 0,
        low_hours_told=standing.low_hours_told_id,
        low_retainer_told=standing.low_retainer_told_id,
        charged_in_advance=frozenset((agreement, day) for agreement, day in charged),
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


def load_account(client: Client, shops: Shops | None = None) -> values.Account:
    """Load a client's account as it was last played, as a value: what he holds, has used and owes."""
    return load_position(client, shops).account


def hold(client: Client) -> None:
    """Take a client's account for the rest of the transaction: others wait."""
    if not Standing.objects.filter(client=client).update(turn=F("turn")):
        Standing.objects.get_or_create(client=client)
        Standing.objects.filter(client=client).update(turn=F("turn"))


def _block(row: Block) -> values.Block:
    return values.Block(row.pk, row.bought_on, row.seconds, row.left, row.price, row.lapses_on)


def _grant(row: Grant) -> values.Grant:
    return values.Grant(row.agreement_id, row.month, row.last_month, row.seconds, row.left)


def charge_value(row: Charge) -> values.Charge:
    """What is left to bill, as the rules see it."""
    return values.Charge(
        values.Kind(row.kind), row.amount, row.rated_id, row.recorded_on, row.seconds, row.rate, row.quantity,
        tuple(row.trace),
    )  # fmt: skip
