"""What was agreed from when to when: signs, changes and ends agreements, and gives a client's terms to `core`."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from rounds.clients.exempting import shops_for
from rounds.clients.models import Agreement, AgreementEnd, Client, ShopTerms
from rounds.clients.reading import parse_monitoring
from rounds.clients.rows import agreement_row, agreement_value, last_day, shop_row, shop_value
from rounds.clients.taxing import keep_told, taxes_over_time
from rounds.core import terms
from rounds.core.days import first_of_month, last_of_month
from rounds.core.money import Refused
from rounds.core.taxing import UNTAXED, Taxes
from rounds.core.terms import Plan, Shops, Terms
from rounds.people.models import User
from rounds.people.shop import local_day

MANY = 500
BEFORE_ALL = date(1970, 1, 1)
DAY = timedelta(days=1)


def agreement_rows(client: Client) -> list[Agreement]:
    """A client's agreements that came into force or will, in order; those withdrawn before they began are left out."""
    return agreement_rows_of([client]).get(client.pk, [])


def agreement_rows_of(clients: Iterable[Client]) -> dict[int, list[Agreement]]:
    """The same for many clients, by their keys; who has none is left out."""
    found: dict[int, list[Agreement]] = {}
    rows = Agreement.objects.filter(client__in=clients).select_related("end").order_by("starts", "pk")
    for row in rows:
        if (last := last_day(row)) is None or last >= row.starts:
            found.setdefault(row.client_id, []).append(row)
    for held in found.values():
        mark_followed(held)
    return found


def mark_followed(rows: Sequence[Agreement]) -> None:
    """Say of one client's agreements which are replaced by another for blocks of hours: those end, but go on."""
    followed = {row.replaces_id for row in rows if row.plan == Plan.BLOCK}
    for row in rows:
        row.goes_on = row.pk in followed


def shop_versions(typed: ShopTerms | None = None) -> Shops:
    """The shop's settings by the day from which they hold; the defaults, until the owner has set his own.

    `typed` is a version that is not kept: what they would be with it.
    """
    rows = list(ShopTerms.objects.order_by("since")) or [ShopTerms(since=BEFORE_ALL)]
    if typed is not None:
        rows = sorted((*(row for row in rows if row.since != typed.since), typed), key=lambda row: row.since)
    taxes = taxes_over_time()
    if not taxes:
        return tuple((row.since, shop_value(row)) for row in rows)
    days = sorted({*(row.since for row in rows), *(since for since, _taxes in taxes)})
    return tuple((day, shop_value(_held(rows, day), _held_taxes(taxes, day))) for day in days)


def _held(rows: Sequence[ShopTerms], day: date) -> ShopTerms:
    return next((row for row in reversed(rows) if row.since <= day), rows[0])


def _held_taxes(taxes: Sequence[tuple[date, Taxes]], day: date) -> Taxes:
    return next((held for since, held in reversed(taxes) if since <= day), UNTAXED)


def terms_of(client: Client, shops: Shops | None = None) -> Terms:
    """All terms of a client over time; `shops` (from `shop_versions`) saves a query where many clients are read."""
    agreements = tuple(agreement_value(row) for row in agreement_rows(client))
    return Terms(shops_for(client, shops or shop_versions()), agreements)


def agreement_on(client: Client, day: date) -> Agreement | None:
    """The agreement in force on a day; None: the client is reactive."""
    rows = (row for row in agreement_rows(client) if row.starts <= day)
    return next((row for row in rows if (last := last_day(row)) is None or day <= last), None)


def plan_on(client: Client, day: date) -> Plan:
    """The plan in force on a day; without an agreement it is reactive."""
    row = agreement_on(client, day)
    return Plan(row.plan) if row else Plan.REACTIVE


def in_force(day: date) -> QuerySet[Agreement]:
    """The agreements of all clients in force on a day: at most one a client."""
    begun = Agreement.objects.filter(starts__lte=day).exclude(end__ends__lt=day)
    return begun.filter(Q(ends=None) | Q(ends__gte=day) | Q(end__ends__gte=day))


def plans_on(clients: Iterable[Client], day: date) -> dict[int, Agreement]:
    """The agreements in force on a day, by the client's key; who is not in it is reactive."""
    rows = of_clients(in_force(day), [client.pk for client in clients])
    return {row.client_id: row for row in rows.select_related("end")}


def of_clients[Row: Model](rows: QuerySet[Row], keys: Collection[int]) -> QuerySet[Row]:
    """The rows of some clients; of very many, the rows of all: so long a list costs more than what it leaves out."""
    return rows if len(keys) > MANY else rows.filter(client__in=keys)


def with_plan(rows: QuerySet[Client], day: date) -> QuerySet[Client]:
    """Clients, each with `plan`: the one in force on a day; without an agreement it is reactive."""
    held = in_force(day).filter(client=OuterRef("pk")).order_by().values("plan")[:1]
    return rows.annotate(plan=Coalesce(Subquery(held), Value(str(Plan.REACTIVE))))


@transaction.atomic
def write_terms(client: Client, told: Terms, *, at: datetime) -> None:
    """Keep the terms that a story tells, for a shop that has none yet: its settings, and the client's agreements."""
    for since, shop in told.shops:
        shop_row(max(since, BEFORE_ALL), shop, at=at).save(force_insert=True)
    keep_told(told.shops, {}, since=BEFORE_ALL, at=at)
    for agreement in told.agreements:
        row = agreement_row(client, agreement)
        row.recorded_at = at
        row.save(force_insert=True)


def charges_in_advance(row: Agreement) -> bool:
    """Does it charge a month before it has passed: a fee, or monitoring by a fee or by hours?"""
    monitoring = parse_monitoring(row.monitoring)
    by_monitoring = monitoring is not None and (monitoring.fee is not None or monitoring.seconds is not None)
    return row.plan == Plan.SERVICE_AGREEMENT or by_monitoring


def earliest_end(row: Agreement, today: date) -> date:
    """The first day that may be an agreement's last one.

    What has not begun may be withdrawn (the day before its start). What has begun runs at least through today, and
    where the month is charged in advance, through the month: what a client was shown is never changed.
    """
    if row.starts > today:
        return row.starts - DAY
    return last_of_month(today) if charges_in_advance(row) else today


@transaction.atomic
def sign(agreement: Agreement, *, by: User | None, at: datetime) -> Agreement:
    """Keep a new agreement of a client. Refused: a start before this month, an overlap, terms that the rules refuse."""
    client = Client.objects.select_for_update().get(pk=agreement.client_id)
    held = [agreement_value(row) for row in agreement_rows(client)]
    if client.left_at is not None:
        raise Refused(f"{client} is no longer a client: bring him back first")
    if agreement.starts < (first := first_of_month(local_day(at))):
        raise Refused(f"an agreement starts on {first} or later: what was done before has been invoiced by other terms")

    terms.refuse_overlap([*held, agreement_value(agreement)])

    agreement.recorded_by, agreement.recorded_at = by, at
    agreement.save(force_insert=True)
    return agreement


@transaction.atomic
def end(agreement: Agreement, ends: date, *, why: str = "", by: User | None, at: datetime) -> AgreementEnd:
    """End an agreement with a last day of its own; one that renews itself, with its last day, is not renewed.

    Refused: a day too early, or one on which it is over anyway.
    """
    Client.objects.select_for_update().get(pk=agreement.client_id)
    kept = Agreement.objects.select_related("end").get(pk=agreement.pk)
    earliest, agreed = earliest_end(kept, local_day(at)), last_day(kept)
    if hasattr(kept, "end"):
        raise Refused(f"the agreement has already been ended, with {agreed}")
    if agreed is not None and (ends > agreed or (ends == agreed and not kept.renew_months)):
        raise Refused(f"the agreement ends on {agreed} anyway")
    if ends < earliest:
        raise Refused(_too_early(kept, earliest))

    return AgreementEnd.objects.create(agreement=kept, ends=ends, why=why, recorded_by=by, recorded_at=at)


@transaction.atomic
def end_early(agreement: Agreement, ends: date, *, why: str, by: User | None, at: datetime) -> AgreementEnd:
    """End an agreement with a day that is charged beyond already. Whoever charged it gives the rest back.

    Refused: a day before its start, one with which it ends or may be ended anyway, or an agreement that was ended.
    """
    Client.objects.select_for_update().get(pk=agreement.client_id)
    refuse_early_end(agreement, ends, at)
    return AgreementEnd.objects.create(agreement_id=agreement.pk, ends=ends, why=why, recorded_by=by, recorded_at=at)


def refuse_early_end(agreement: Agreement, ends: date, at: datetime) -> None:
    """Refuse what `end_early` refuses."""
    kept = Agreement.objects.select_related("end").get(pk=agreement.pk)
    agreed = last_day(kept)
    if hasattr(kept, "end"):
        raise Refused(f"the agreement has already been ended, with {agreed}")
    if ends < kept.starts:
        raise Refused(f"the agreement starts on {kept.starts}: that is its last day at the earliest")
    if agreed is not None and ends >= agreed:
        raise Refused(f"the agreement ends on {agreed} anyway")
    if ends >= (earliest := earliest_end(kept, local_day(at))):
        raise Refused(f"nothing is charged beyond {earliest}: end it as usual")


@transaction.atomic
def change(agreement: Agreement, changed: Agreement, *, by: User | None, at: datetime) -> Agreement:
    """Replace an agreement by another from the day on which that starts. Refused: as `end` and `sign` refuse."""
    kept = Agreement.objects.select_related("end").get(pk=agreement.pk)
    last, until = last_day(kept), changed.starts - DAY
    if Agreement.objects.filter(replaces=kept).exists():
        raise Refused("the agreement has been changed meanwhile: change the one that replaced it")
    if last is None or until < last:
        end(kept, until, why="changed", by=by, at=at)

    changed.client_id, changed.replaces = kept.client_id, kept
    return sign(changed, by=by, at=at)


def _too_early(row: Agreement, earliest: date) -> str:
    if charges_in_advance(row) and earliest == last_of_month(earliest):
        begins = first_of_month(earliest + DAY)
        return f"this month is charged in advance: it can end with {earliest}, or change from {begins} on"
    return f"it can end with {earliest} at the earliest, or change from {earliest + DAY} on"
