"""Keeps what credit notes and write-offs take of charges; finds what a credit note leaves of work, and of its hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Q, Sum

from rounds.charges.accounts import Moved, Position, charge_value, load_position
from rounds.charges.keeping import Cause, keep, keep_returned, step
from rounds.charges.models import Charge, Forgone
from rounds.charges.visits import draws_of
from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core import giving_back
from rounds.core.account import Kind, Outcome, Refund
from rounds.core.giving_back import Affected, Sold
from rounds.core.settling import Crediting
from rounds.core.voiding import net_draws

type Group = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Net:
    """Cents before tax of a group: billed and not credited, and still to be billed, or to be charged back."""

    billed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """What a credit note takes: cents of charges, by their keys, and of the block that its invoice sold.

    `gives` are the rated stints whose hours go back once nothing is left of their money; `hours` those of the block
    that do; unless told, as many as the credit is worth.
    """

    charges: Mapping[int, int] = field(default_factory=dict)
    gives: frozenset[int] = frozenset()
    block: int | None = None
    net: int = 0
    hours: Refund | None = None


NOTHING = Taking()


def group_of(charge: Charge, *, has_visits: bool) -> Group | None:
    """What a charge belongs to: a stint's time, a part, the way of a visit; None: interest."""
    rated = charge.rated
    if rated is None:
        return None
    if charge.kind != Kind.TRIP:
        return ("time or part", rated.pk)
    if has_visits and rated.stint is not None:
        return ("way", rated.stint.order_id, rated.done_on, rated.stint.place)
    return ("way", rated.pk)


def nets_of(charges: Iterable[Charge], *, has_visits: bool) -> dict[Group, Net]:
    """What the groups of some charges come to, on whatever invoices they are."""
    wanted = {group for charge in charges if (group := group_of(charge, has_visits=has_visits)) is not None}
    ways = [group for group in wanted if group[0] == "way"]
    rows = Q(rated__in=[group[1] for group in wanted if group[0] != "way"]) & ~Q(kind=Kind.TRIP)
    if has_visits:
        visits = {"rated__stint__order__in": {way[1] for way in ways}, "rated__done_on__in": {way[2] for way in ways}}
        rows |= Q(kind=Kind.TRIP, **visits)
    else:
        rows |= Q(kind=Kind.TRIP, rated__in=[way[1] for way in ways])
    found = dict.fromkeys(wanted, Net())
    for row in Charge.objects.filter(rows).with_credited().select_related("rated__stint", "line"):
        group = group_of(row, has_visits=has_visits)
        if group in found:
            is_billed, before = hasattr(row, "line"), found[group]
            billed = before.billed + (row.amount if is_billed else 0) - row.credited
            found[group] = Net(billed, before.waiting + (0 if is_billed else row.amount))
    return found


def foresee(position: Position, crediting: Crediting, taking: Taking, cause: Cause) -> Outcome:
    """Find what a credit note takes of an account and gives back; nothing is kept."""
    sold = None
    if taking.block is not None:
        block = giving_back.block_of(position.account, taking.block)
        net = block.credited + taking.net
        hours = taking.hours or giving_back.hours_of_credit(block, net, block.refunded, cause.on)
        sold = Sold(block.key, taking.net, hours)
    affected = _affected(position, taking)
    return giving_back.credit(position.account, crediting, cause.on, key=cause.key, sold=sold, affected=affected)


def credit(client: Client, crediting: Crediting, taking: Taking, cause: Cause) -> Outcome:
    """Take back what a credit note credits of retainer money, of hours and of charges; says what it was."""
    while True:
        try:
            with transaction.atomic():
                return _credit(load_position(client), crediting, taking, cause)
        except Moved:
            continue


def _credit(position: Position, crediting: Crediting, taking: Taking, cause: Cause) -> Outcome:
    outcome = foresee(position, crediting, taking, cause)
    moves = outcome.retainer_change or outcome.asked_change or outcome.refunds or outcome.draws or outcome.charges
    forgone = {"client": position.client, "cause": cause.key, "on": cause.on}
    rows = [Forgone(charge_id=key, amount=cents, **forgone) for key, cents in taking.charges.items() if cents]
    if taking.block is not None and taking.net:
        rows.append(Forgone(block_id=taking.block, amount=taking.net, **forgone))
    if moves or rows:
        keep(position, replace(outcome, draws=(), charges=()), cause)
        keep_returned(position, outcome, cause)
        Forgone.objects.bulk_create(rows)
    return outcome


def _affected(position: Position, taking: Taking) -> list[Affected]:
    """What a credit note leaves of each group, in the order of its lines."""
    has_visits = position.account.terms.has_visits
    rows = list(
        Charge.objects.filter(pk__in=list(taking.charges))
        .select_related("rated__stint", "rated__voided")
        .order_by("pk")
    )
    nets, first, taken = nets_of(rows, has_visits=has_visits), dict[Group, Charge](), dict[Group, int]()
    for row in rows:
        group = group_of(row, has_visits=has_visits)
        if group is None:
            continue
        taken[group] = taken.get(group, 0) + taking.charges[row.pk]
        if taking.charges[row.pk] or row.rated_id in taking.gives:
            first.setdefault(group, row)
    return [
        Affected(
            charge_value(row), nets[group].billed - taken[group], nets[group].waiting,
            _draws(row) if row.rated_id in taking.gives and group[0] != "way" else (), group,
        )
        for group, row in first.items()
    ]  # fmt: skip


def _draws(charge: Charge) -> tuple[values.Draw, ...]:
    """The hours that a stint holds, unless it was taken back."""
    rated = charge.rated
    if rated is None or rated.stint is None or hasattr(rated, "voided"):
        return ()
    return net_draws(draws_of(rated, rated.pk))


def lose(client: Client, lost: Mapping[int, int], cause: Cause) -> None:
    """Keep what of charges, by their keys, is written off now: more or less than before."""
    kept = Forgone.objects.filter(charge__in=list(lost), is_lost=True).order_by().values_list("charge")
    before = dict(kept.annotate(sum=Sum("amount")).values_list("charge", "sum"))
    rows = [
        Forgone(client=client, charge_id=key, amount=more, is_lost=True, cause=cause.key, on=cause.on)
        for key, cents in lost.items()
        if (more := cents - before.get(key, 0))
    ]
    while rows:
        try:
            with transaction.atomic():
                step(load_position(client), [Outcome()])  # whoever voids meanwhile looks again
                Forgone.objects.bulk_create(rows)
                return
        except Moved:
            continue
