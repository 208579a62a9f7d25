"""Orders, time worked and parts used, for other programs: a time tracker posts what it measured here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

from django.db.models import Model, QuerySet, Sum
from django.shortcuts import get_object_or_404

from rounds.api import shapes
from rounds.api.models import Scope
from rounds.api.operations import TECHNICIAN, Asked, operation
from rounds.api.paging import page_of, shown_at, shown_at_if, since, within
from rounds.api.problems import Problem
from rounds.api.shop_operations import money_if
from rounds.charges.models import Rated
from rounds.clients.models import Client, Machine, Site
from rounds.core.money import parse_amount, show_hours
from rounds.work import ordering, timing
from rounds.work.forms import categories
from rounds.work.models import Order, Part, Stint
from rounds.work.voiding import may_void, void


class OrderQuery(shapes.Changed, frozen=True, kw_only=True):
    """Which orders."""

    q: shapes.Words | None = None
    client: shapes.Id | None = None
    state: Literal["open", "on-hold", "done", "called-off", "all"] = "open"
    sort: Literal["opened_at", "-opened_at", "id", "-id", "changed_at", "-changed_at"] = "-opened_at"


ORDER_SORTS = {"opened_at": "opened_at", "id": "pk", "changed_at": "changed_at"}


@operation("GET /orders", "Work", shapes.Page[shapes.Order], takes=OrderQuery)
def list_orders(asked: Asked) -> shapes.Page[shapes.Order]:
    """Orders, at first the open ones, on which time can be recorded; `q` looks in their titles."""
    query = asked.query
    rows = since(Order.objects.with_hold().in_state(query.state), query.updated_since, "changed_at")
    if query.client:
        rows = rows.filter(client=query.client)
    if query.q:
        rows = rows.filter(title__icontains=query.q)
    return page_of(asked, rows.prefetch_related("client", "site", "machine"), ORDER_SORTS, _orders)


@operation("GET /orders/{order}", "Work", shapes.Order)
def show_order(asked: Asked, order: int) -> shapes.Order:
    """One order."""
    del asked
    return _orders(
        [get_object_or_404(Order.objects.with_hold().select_related("client", "site", "machine"), pk=order)]
    )[0]


@operation("POST /orders", "Work", shapes.Order, takes=shapes.NewOrder, who=TECHNICIAN, scope=Scope.WORK)
def create_order(asked: Asked) -> shapes.Order:
    """Open an order for unplanned work: somebody called."""
    told = asked.body
    client = named(Client.objects.all(), told.client, "client")
    machine = named(Machine.objects.select_related("site"), told.machine, "machine") if told.machine else None
    site = named(Site.objects.all(), told.site, "site") if told.site else None
    _refuse_category(told.category)
    call = ordering.Call(client, told.title, machine, told.category, told.note, site)
    return show_order(asked, ordering.take_order(call, by=asked.person, at=asked.at).pk)


def _orders(rows: Sequence[Order]) -> list[shapes.Order]:
    worked = Stint.objects.filter(order__in=rows, void=None).order_by().values_list("order").annotate(Sum("minutes"))
    minutes: dict[int, int] = dict(worked)
    return [
        shapes.Order(
            id=row.pk, client=shapes.Ref(row.client_id, row.client.name),
            site=shapes.Ref(row.site.pk, row.site.name) if row.site else None,
            machine=shapes.Ref(row.machine.pk, row.machine.name) if row.machine else None, title=row.title,
            category=row.category, note=row.note, is_planned=row.is_planned, state=_state(row),
            minutes_worked=minutes.get(row.pk, 0), opened_at=shown_at(row.opened_at),
            done_at=shown_at_if(row.done_at), called_off_at=shown_at_if(row.called_off_at),
            changed_at=shown_at(row.changed_at),
        )
        for row in rows
    ]  # fmt: skip


def _state(row: Order) -> Literal["open", "on-hold", "done", "called-off"]:
    if row.called_off_at is not None:
        return "called-off"
    if row.done_at is not None:
        return "done"
    return "on-hold" if row.is_on_hold else "open"


class StintQuery(shapes.Days, frozen=True, kw_only=True):
    """Which time: by the day on which it began."""

    client: shapes.Id | None = None
    order: shapes.Id | None = None
    who: shapes.Id | None = None
    state: Literal["kept", "waits-for-approval", "void", "all"] = "all"
    sort: Literal["started_at", "-started_at", "recorded_at", "-recorded_at", "id", "-id"] = "-started_at"


STINT_SORTS = {"started_at": "started_at", "recorded_at": "recorded_at", "id": "pk"}


@operation("GET /stints", "Work", shapes.Page[shapes.Stint], takes=StintQuery)
def list_stints(asked: Asked) -> shapes.Page[shapes.Stint]:
    """Time worked. A stint is never edited; what changes about it (approval, taking back) counts as an update."""
    query = asked.query
    rows: Any = within(Stint.objects.all(), "started_at", query.first, query.last)
    rows = since(rows, query.updated_since, "recorded_at", "void__at", "approval__at")
    if query.client:
        rows = rows.filter(order__in=Order.objects.filter(client=query.client).values("pk"))
    for name in ("order", "who"):
        if value := getattr(query, name):
            rows = rows.filter(**{name: value})
    if query.state == "waits-for-approval":
        rows = rows.unapproved()
    elif query.state == "void":
        rows = rows.filter(void__isnull=False)
    elif query.state == "kept":
        rows = rows.filter(void=None).exclude(pk__in=Stint.objects.unapproved().values("pk"))
    return page_of(asked, _with_all(rows), STINT_SORTS, _stints)


@operation("GET /stints/{stint}", "Work", shapes.Stint)
def show_stint(asked: Asked, stint: int) -> shapes.Stint:
    """One stint."""
    del asked
    return _stints([get_object_or_404(_with_all(Stint.objects.all()), pk=stint)])[0]


@operation("POST /stints", "Work", shapes.Stint, takes=shapes.NewStint, who=TECHNICIAN, scope=Scope.WORK)
def create_stint(asked: Asked) -> shapes.Stint:
    """Record time worked by the token's person, for good; a mistake is taken back and sent anew.

    409: it overlaps time that the person has recorded already.
    """
    told = asked.body
    order = named(Order.objects.select_related("client", "machine"), told.order, "order")
    category = told.category or order.category
    _refuse_category(category, order.category)
    worked = timing.Worked(
        told.started_at, _minutes(told), category, told.place, told.after_hours, told.no_charge, told.cause, told.note
    )
    if not worked.minutes and not told.note.strip():
        raise wrong("note", "say what a visit without time was for")
    same = [] if told.keep_anyway else timing.overlapping(asked.person, worked)
    if same:
        where = ", ".join(f"stint {one.pk} on order {one.order_id}" for one in same)
        raise Problem(409, f"It overlaps {where}. Send it with keep_anyway if both are right.")
    return show_stint(asked, timing.enter(order, worked, who=asked.person, at=asked.at).pk)


@operation("POST /stints/{stint}/void", "Work", shapes.Stint, takes=shapes.NewVoid, scope=Scope.WORK)
def void_stint(asked: Asked, stint: int) -> shapes.Stint:
    """Take time back that was recorded by mistake: hours return to where they came from, what it cost is charged back.

    A technician may on the day on which it was recorded, bookkeepers and owners at any time.
    """
    row = get_object_or_404(Stint, pk=stint)
    _take_back(asked, row)
    return show_stint(asked, row.pk)


def _minutes(told: shapes.NewStint) -> int:
    """How long it was, from what was told of minutes and end."""
    if told.ended_at is None:
        if told.minutes is None:
            raise wrong("minutes", "say how many minutes, or when it ended")
        return told.minutes
    if told.ended_at <= told.started_at:
        raise wrong("ended_at", "the end is not after the start")
    between = timing.whole_minutes(told.started_at, told.ended_at)
    if told.minutes not in {None, between}:
        raise wrong("minutes", f"from start to end it is {between} minutes: send one of the two")
    return between


def _with_all(rows: QuerySet[Stint]) -> QuerySet[Stint]:
    # Prefetched, not joined: SQLite would begin a join at the clients, and sort all time ever worked for one page.
    return rows.prefetch_related("order__client", "who", "void", "approval")


def _stints(rows: Sequence[Stint]) -> list[shapes.Stint]:
    rated = Rated.objects.filter(stint__in=rows).order_by()
    seconds = dict(rated.values_list("stint", "billable_seconds"))
    return [_stint(row, seconds.get(row.pk)) for row in rows]


def _stint(row: Stint, billable: int | None) -> shapes.Stint:
    back, approval = _taken_back(row), getattr(row, "approval", None)
    waits = row.needs_approval and approval is None
    return shapes.Stint(
        id=row.pk, order=shapes.Ref(row.order_id, row.order.title),
        client=shapes.Ref(row.order.client_id, row.order.client.name),
        who=shapes.Ref(row.who.pk, row.who.name) if row.who else None, started_at=shown_at(row.started_at),
        ended_at=shown_at(row.started_at + timedelta(minutes=row.minutes)), minutes=row.minutes, category=row.category,
        place=row.place, after_hours=row.is_after_hours, no_charge=row.is_no_charge,  # type: ignore[arg-type]
        cause=row.cause, note=row.note,  # type: ignore[arg-type]
        state="void" if back else "waits-for-approval" if waits else "kept",
        billable_hours=None if billable is None else show_hours(billable), recorded_at=shown_at(row.recorded_at),
        approved_at=shown_at(approval.at) if approval else None, void=back,
    )  # fmt: skip


class PartQuery(shapes.Days, frozen=True, kw_only=True):
    """Which parts: by the day on which they were used."""

    client: shapes.Id | None = None
    order: shapes.Id | None = None
    sort: Literal["used_at", "-used_at", "recorded_at", "-recorded_at", "id", "-id"] = "-used_at"


PART_SORTS = {"used_at": "used_at", "recorded_at": "recorded_at", "id": "pk"}


@operation("GET /parts", "Work", shapes.Page[shapes.Part], takes=PartQuery)
def list_parts(asked: Asked) -> shapes.Page[shapes.Part]:
    """Parts used on orders."""
    query = asked.query
    rows = within(Part.objects.all(), "used_at", query.first, query.last)
    rows = since(rows, query.updated_since, "recorded_at", "void__at")
    if query.client:
        rows = rows.filter(order__in=Order.objects.filter(client=query.client).values("pk"))
    if query.order:
        rows = rows.filter(order=query.order)
    return page_of(asked, _parts_with_all(rows), PART_SORTS, lambda found: [_part(asked, row) for row in found])


@operation("GET /parts/{part}", "Work", shapes.Part)
def show_part(asked: Asked, part: int) -> shapes.Part:
    """One part."""
    return _part(asked, get_object_or_404(_parts_with_all(Part.objects.all()), pk=part))


@operation("POST /parts", "Work", shapes.Part, takes=shapes.NewPart, who=TECHNICIAN, scope=Scope.WORK)
def create_part(asked: Asked) -> shapes.Part:
    """Record a part used on an order: at a price to the client, or at cost, to which the shop's markup is added."""
    told = asked.body
    order = named(Order.objects.all(), told.order, "order")
    part = Part(
        order=order, name=told.name.strip(), quantity=told.quantity, price=read_money(asked, told.price, "price"),
        cost=read_money(asked, told.cost, "cost"), used_at=told.used_at or asked.at,
    )  # fmt: skip
    return show_part(asked, ordering.use_part(order, part, by=asked.person, at=asked.at).pk)


@operation("POST /parts/{part}/void", "Work", shapes.Part, takes=shapes.NewVoid, scope=Scope.WORK)
def void_part(asked: Asked, part: int) -> shapes.Part:
    """Take a part back that was recorded by mistake; as with time."""
    row = get_object_or_404(Part, pk=part)
    _take_back(asked, row)
    return show_part(asked, row.pk)


def _parts_with_all(rows: QuerySet[Part]) -> QuerySet[Part]:
    return rows.prefetch_related("order__client", "void")


def _part(asked: Asked, row: Part) -> shapes.Part:
    return shapes.Part(
        id=row.pk, order=shapes.Ref(row.order_id, row.order.title),
        client=shapes.Ref(row.order.client_id, row.order.client.name), name=row.name, quantity=row.quantity,
        price=money_if(asked, row.price), cost=money_if(asked, row.cost), used_at=shown_at(row.used_at),
        recorded_at=shown_at(row.recorded_at), void=_taken_back(row),
    )  # fmt: skip


def _take_back(asked: Asked, row: Stint | Part) -> None:
    if not may_void(asked.person, row, asked.at):
        raise Problem(403, "A technician takes back what was recorded today; older things a bookkeeper or an owner.")
    void(row, why=asked.body.why, by=asked.person, at=asked.at)


def _taken_back(row: Stint | Part) -> shapes.TakenBack | None:
    back = getattr(row, "void", None)
    return shapes.TakenBack(back.why, shown_at(back.at)) if back else None


def read_money(asked: Asked, told: shapes.Money | None, where: str) -> int | None:
    """Cents of the shop's currency. Refused: another currency, less than nothing, more than can be meant."""
    if told is None:
        return None
    if told.currency != asked.shop.currency:
        raise wrong(where, f"the shop's currency is {asked.shop.currency}")
    cents = parse_amount(told.amount, where)
    if cents < 0:
        raise wrong(where, "an amount here is not negative")
    return cents


def named[M: Model](rows: QuerySet[M], key: int, where: str) -> M:
    """What a body names by its id."""
    row = rows.filter(pk=key).first()
    if row is None:
        raise wrong(where, f"there is no {where} {key}")
    return row


def _refuse_category(category: str, *also: str) -> None:
    """A word that no agreement knows is a slip of the pen, and would be billed by the hour."""
    known = [word for word, _label in categories(*also)]
    if category not in known:
        raise wrong("category", f"it may be {', '.join(known)}")


def wrong(where: str, what: str, of: str = "body") -> Problem:
    """What is wrong at one place of a body, or of an address."""
    return Problem(422, f"The {of} cannot be taken: see errors.", errors={where: what})
