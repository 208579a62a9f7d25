"""Inserts many new rows of one model: plain ones in, the same with their keys out.

Django's `bulk_create` asks every field of every row how it is saved, at 20 µs and more a row; a month's end of 100,000
stints keeps a million rows. Our tables have no fields that change when they are saved, so the values go as they stand,
and only those that the database takes in another form (days, moments, JSON) are asked for it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import batched, chain
from typing import Any

from django.db import connection, models, transaction

ROWS_AT_ONCE = 2_000  # in one statement on SQLite, which reads a long one slowly
type Columns = tuple[models.Field[Any, Any], ...]
CONVERTED = (models.DateField, models.JSONField, models.DecimalField, models.BinaryField)


def insert[Row: models.Model](rows: Iterable[Row]) -> list[Row]:
    """Insert new rows of one model, in their order, and give each its key; all of them or none.

    On PostgreSQL in one statement, as its guard of balances looks at statements. Rows that conflict with others raise
    Django's IntegrityError.
    """
    new = list(rows)
    if not new:
        return new
    model, has_keys = type(new[0]), new[0].pk is not None
    columns = _columns(model, has_keys)
    names = [column.attname for column in columns]
    keys = _put(model, columns, [[kept[name] for name in names] for kept in map(vars, new)])
    for row, key in zip(new, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    return new


def insert_values(model: type[models.Model], names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> list[int]:
    """Insert rows that nobody needs as objects, each the values of the named columns, and give their keys in order."""
    new = list(rows)
    return _put(model, _named(model, names), new) if new else []


def _put(model: type[models.Model], columns: Columns, rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert values and give the keys."""
    at_once, keys = ROWS_AT_ONCE if connection.vendor == "sqlite" else len(rows), []
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for batch in batched(rows, at_once):
            cursor.execute(_statement(model, columns, len(batch)), _flat(batch, columns))
            keys += [key for (key,) in cursor.fetchall()]
    return keys


def _flat(rows: Sequence[Sequence[Any]], columns: Columns) -> list[Any]:
    """The values of some rows, one after another; what is converted is converted once."""
    values = list(chain.from_iterable(rows))
    for place, column in enumerate(columns):
        if isinstance(column, CONVERTED):
            convert = _converter(column)
            values[place :: len(columns)] = [
                None if value is None else convert(value) for value in values[place :: len(columns)]
            ]
    return values


def _converter(column: models.Field[Any, Any]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return column.get_db_prep_save(value, connection)

    return cache(convert) if isinstance(column, models.DateField) else convert  # a batch has few days and moments


@cache
def _columns(model: type[models.Model], has_keys: bool) -> Columns:  # noqa: FBT001 - a key of the cache
    return _plain(field for field in model._meta.concrete_fields if has_keys or not field.primary_key)


@cache
def _named(model: type[models.Model], names: tuple[str, ...]) -> Columns:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return _plain(by_name[name] for name in names)


def _plain(columns: Iterable[models.Field[Any, Any]]) -> Columns:
    found = tuple(columns)
    for column in found:
        if getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False):
            raise TypeError(f"{column} changes as it is saved: use bulk_create")
    return found


def _statement(model: type[models.Model], columns: Columns, count: int) -> str:
    head, row, tail = _words(connection.vendor, model, columns)
    return f"{head}{', '.join([row] * count)}{tail}"


@cache
def _words(_vendor: str, model: type[models.Model], columns: Columns) -> tuple[str, str, str]:
    """What stands before the rows of a statement, a row, and what stands behind them."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.column or "") for column in columns)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 - our own names
    return head, f"({', '.join(['%s'] * len(columns))})", f" RETURNING {quote(model._meta.pk.column or '')}"
