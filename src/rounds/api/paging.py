"""Lists in parts that stay right while rows are added: a cursor names the last row shown, not a number of rows."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db.models import DateField, DateTimeField, IntegerField, Model, Q, QuerySet
from django.utils import timezone

from rounds.api.operations import Asked
from rounds.api.problems import Problem
from rounds.api.shapes import Page
from rounds.work.asking import midnight

type Show[M: Model] = Callable[[Sequence[M]], list[Any]]


def page_of[M: Model](asked: Asked, rows: QuerySet[M], sorts: Mapping[str, str], show: Show[M]) -> Page[Any]:
    """The part of a list that is asked for; `sorts` gives the field behind each word, `show` the shapes of rows."""
    sort: str = asked.query.sort
    field, way = sorts[sort.removeprefix("-")], "-" if sort.startswith("-") else ""
    order = [f"{way}pk"] if field == "pk" else [f"{way}{field}", f"{way}pk"]
    if asked.query.cursor:
        value, key = _read(asked.query.cursor, sort, rows.model, field)
        rows = rows.filter(_after(field, way, value, key))
    found = list(rows.order_by(*order)[: asked.query.limit + 1])
    shown = found[: asked.query.limit]
    following = None
    if len(found) > len(shown):
        last = shown[-1]
        following = _address(asked, urlsafe_b64encode(msgspec.json.encode([sort, getattr(last, field), last.pk])))
    return Page(show(shown), following)


def _after(field: str, way: str, value: Any, key: int) -> Q:
    """Rows after the one named, in their order; its first part lets an index find them."""
    than = "lt" if way else "gt"
    if field == "pk":
        return Q(**{f"pk__{than}": key})
    beyond = Q(**{f"{field}__{than}": value}) | Q(**{field: value, f"pk__{than}": key})
    return Q(**{f"{field}__{than}e": value}) & beyond


def _read(cursor: str, sort: str, model: type[Model], field: str) -> tuple[Any, int]:
    """The row that a cursor names. A cursor that is none of this list is refused."""
    kept = model._meta.get_field(field if field != "pk" else "id")
    kinds: dict[type, type] = {DateTimeField: datetime, DateField: date, IntegerField: int}
    kind = next((kind for one, kind in kinds.items() if isinstance(kept, one)), str)
    try:
        told = msgspec.json.decode(urlsafe_b64decode(cursor.encode()), type=tuple[str, Any, int])
        value: Any = msgspec.convert(told[1], kind)
    except (NotBase64, msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        raise _not_of_this_list() from None
    is_strange = "\0" in str(value) or (isinstance(value, int) and abs(value) > 2**53)
    if told[0] != sort or abs(told[2]) > 2**53 or is_strange or (kind is datetime and value.tzinfo is None):
        raise _not_of_this_list()
    return value, told[2]


def _not_of_this_list() -> Problem:
    told = "take the address in “next” as it is, with the sort that it came with"
    return Problem(422, "The cursor is not one of this list.", errors={"cursor": told})


def _address(asked: Asked, cursor: bytes) -> str:
    query = asked.request.GET.copy()
    query["cursor"] = cursor.decode()
    return f"{asked.request.path}?{query.urlencode()}"


def within(rows: QuerySet[Any], field: str, first: date | None, last: date | None) -> QuerySet[Any]:
    """Rows whose moment is within days of the shop's calendar."""
    if first is not None:
        rows = rows.filter(**{f"{field}__gte": midnight(first)})
    if last is not None:
        rows = rows.filter(**{f"{field}__lt": midnight(last + timedelta(days=1))})
    return rows


def since(rows: QuerySet[Any], moment: datetime | None, *fields: str) -> QuerySet[Any]:
    """Rows of which any of these moments is at or after one."""
    if moment is None:
        return rows
    wanted = Q()
    for field in fields:
        wanted |= Q(**{f"{field}__gte": moment})
    return rows.filter(wanted)


def shown_at(moment: datetime) -> datetime:
    """A moment on the shop's clock."""
    return timezone.localtime(moment)


def shown_at_if(moment: datetime | None) -> datetime | None:
    """A moment on the shop's clock, if there is one."""
    return timezone.localtime(moment) if moment else None
