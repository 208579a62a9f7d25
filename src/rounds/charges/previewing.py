"""Previews the next closing of many clients, from their accounts as they stand; nothing is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Sum

from rounds.charges.models import Block, Charge, RetainerMove, Standing
from rounds.charges.standing import KIND_NAMES
from rounds.clients.agreeing import mark_followed, of_clients, shop_versions
from rounds.clients.exempting import by_client
from rounds.clients.models import Agreement, Client
from rounds.clients.reading import parse_monitoring
from rounds.clients.rows import agreement_value, last_day
from rounds.core import account as values
from rounds.core import next_block, opening
from rounds.core.account import Account, Closing, Kind, Outcome
from rounds.core.days import add_months, first_of_month, months_in_force
from rounds.core.terms import Agreement as AgreementValue
from rounds.core.terms import Shops, Terms

NOTHING: Mapping[int, Sequence[values.Charge]] = {}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a client's invoice of a first of the month would show if it were made now."""

    closing: Closing
    unbilled: tuple[int, ...]  # keys of the charges in it, in order

    def sums(self) -> list[tuple[str, int]]:
        """What it charges by kind of line, in words and cents, in the order of the invoice."""
        found: dict[Kind, int] = {}
        for line in self.closing.lines:
            found[line.kind] = found.get(line.kind, 0) + line.amount
        return [(KIND_NAMES[kind], amount) for kind, amount in found.items()]


def next_first(day: date) -> date:
    """The first of the month after a day."""
    return add_months(first_of_month(day), 1)


def preview_of(client: Client, on: date) -> Preview | None:
    """One client's next closing; None: nothing would be billed."""
    return previews([client], on).get(client.pk)


def previews(
    clients: Iterable[Client],
    on: date,
    coming: Mapping[int, Sequence[values.Charge]] = NOTHING,
    due_since: Callable[[int], date | None] = lambda _client: None,
) -> dict[int, Preview]:
    """The closings of a first of the month, by client, in a fixed number of questions; who has none is left out.

    `coming` is what stages to the right will have charged by then, by client; `due_since` is asked only of clients for
    whom a block may be bought by itself, before monitoring draws on it.
    """
    keys = [client.pk for client in clients]
    charges = _unbilled(keys)
    found = {}
    for key, account in _accounts(keys, charges, on):
        more = coming.get(key)
        known = account.after(Outcome(charges=tuple(more))) if more else account
        if next_block.can_buy(known):
            known, _bought = next_block.foreseen(known, on, due_since(key))
        closing = opening.closing_on(known, on)
        if closing is not None:
            found[key] = Preview(closing, tuple(pk for pk, _charge in charges.get(key, ())))
    return found


def account_before(client: Client, on: date) -> Account:
    """A client's account as the closing of a first of the month would find it if it were made now."""
    return next(account for _key, account in _accounts([client.pk], _unbilled([client.pk]), on, with_blocks=True))


def accounts_before(keys: list[int], on: date, shops: Shops) -> Iterator[tuple[int, Account]]:
    """The accounts of many clients as the closing of a first of the month would find them, under versions of prices."""
    return _accounts(keys, _unbilled(keys), on, shops=shops)


def _unbilled(keys: list[int]) -> dict[int, list[tuple[int, values.Charge]]]:
    """The charges that wait for the next closing with their keys, by client: thousands, so read without model rows."""
    fields = ("client", "pk", "kind", "site", "amount", "rated", "recorded_on", "seconds", "rate", "quantity")
    found: dict[int, list[tuple[int, values.Charge]]] = {}
    for client, pk, kind, site, amount, rated, recorded, seconds, rate, quantity in of_clients(
        Charge.objects.unbilled(), keys
    ).values_list(*fields):
        charge = values.Charge(Kind(kind), amount, rated, recorded, seconds, rate, quantity, site=site)
        found.setdefault(client, []).append((pk, charge))
    return found


def _accounts(
    keys: list[int],
    charges: dict[int, list[tuple[int, values.Charge]]],
    on: date,
    *,
    with_blocks: bool = False,
    shops: Shops | None = None,
) -> Iterator[tuple[int, Account]]:
    """Accounts as far as a closing asks about them: terms, what is unbilled, the retainer, and blocks.

    Blocks only of those who pay monitoring with hours, as no one else's closing draws any; `with_blocks`: of all.
    """
    shops = shops or shop_versions()
    exempt = by_client(keys, shops)
    agreements = _grouped(of_clients(Agreement.objects.select_related("end").order_by("starts", "pk"), keys))
    drawn_on = keys if with_blocks else [key for key in agreements if _pays_monitoring_in_hours(agreements[key])]
    blocks = _grouped(of_clients(Block.objects.with_left(), drawn_on))
    moves = of_clients(RetainerMove.objects.order_by(), keys).values_list("client")
    retainers = {key: (held, asked) for key, held, asked in moves.annotate(Sum("amount"), Sum("asked"))}
    standing = of_clients(Standing.objects.all(), keys).values_list("client", "opened_through", "low_back_told")
    opened = {client: (through, back) for client, through, back in standing}
    for rows in agreements.values():
        mark_followed(rows)
    for key in keys:
        held, asked = retainers.get(key, (0, 0))
        through, back = opened.get(key, (None, None))
        terms = Terms(exempt.get(key, shops), tuple(_in_force(agreements.get(key, ()), through)))
        yield (
            key,
            Account(
                terms,
                blocks=tuple(
                    values.Block(row.pk, row.bought_on, row.seconds, row.left, row.price, row.lapses_on)
                    for row in blocks.get(key, ())
                    if row.lapses_on is None or row.lapses_on > on
                ),
                unbilled=tuple(charge for _pk, charge in charges.get(key, ())),
                retainer=held,
                asked=asked,
                charged_in_advance=frozenset(_settled(terms, through)),
                low_back_told=back,
            ),
        )


def _in_force(rows: Iterable[Agreement], opened_through: date | None) -> Iterator[AgreementValue]:
    """Agreements as the rules see them, shortened to the months from the one opened last: those before are settled."""
    settled = first_of_month(opened_through) if opened_through else date.min
    for row in rows:
        last = last_day(row)
        if last is None or last >= max(row.starts, settled):
            value = agreement_value(row)
            yield replace(value, starts=settled) if row.starts < settled else value


def _pays_monitoring_in_hours(rows: Iterable[Agreement]) -> bool:
    told = (parse_monitoring(row.monitoring) for row in rows)
    return any(monitoring is not None and monitoring.seconds is not None for monitoring in told)


def _settled(terms: Terms, opened_through: date | None) -> Iterator[tuple[int, date]]:
    """The periods that have been charged, as the days through which the account was opened tell."""
    for agreement in terms.agreements:
        if opened_through is not None and agreement.starts <= opened_through:
            for first, _last in months_in_force(agreement.starts, agreement.ends, opened_through):
                yield agreement.key, first


def _grouped[Row: (Agreement, Block)](rows: Iterable[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.client_id, []).append(row)
    return groups
