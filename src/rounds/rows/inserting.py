"""Inserts many new rows of one model: plain ones in, the same with their keys out.

Django's `bulk_create` asks every field of every row how it is saved, at 20 µs and more a row; a month's end of 100,000
stints keeps a million rows. Our tables have no fields that change when they are saved, so the values go as they stand,
and only those that the database takes in another form (days, moments, JSON) are asked for it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import batched
from typing import Any

from django.db import connection, models, transaction

ROWS_AT_ONCE = 2_000  # in one statement on SQLite, which reads a long one slowly
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
    at_once = ROWS_AT_ONCE if connection.vendor == "sqlite" else len(new)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for batch in batched(new, at_once):
            cursor.execute(_statement(model, has_keys, len(batch)), _values(batch, columns))
            if not has_keys:
                for row, (key,) in zip(batch, cursor.fetchall(), strict=True):
                    row.pk = key
    for row in new:
        row._state.adding, row._state.db = False, connection.alias
    return new


def _values(rows: Sequence[models.Model], columns: Sequence[models.Field[Any, Any]]) -> list[Any]:
    """The values of some rows, one after another; what is converted is converted once."""
    names = [column.attname for column in columns]
    values = [kept[name] for kept in map(vars, rows) for name in names]
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
def _columns(model: type[models.Model], has_keys: bool) -> tuple[models.Field[Any, Any], ...]:  # noqa: FBT001 - a key of the cache
    fields = model._meta.concrete_fields
    for field in fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            raise TypeError(f"{field} changes as it is saved: use bulk_create")
    return tuple(field for field in fields if has_keys or not field.primary_key)


def _statement(model: type[models.Model], has_keys: bool, count: int) -> str:  # noqa: FBT001 - as above
    quote, columns = connection.ops.quote_name, _columns(model, has_keys)
    row = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(quote(column.column or "") for column in columns)
    key = quote(model._meta.pk.column or "")
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES {', '.join([row] * count)}"  # noqa: S608
    return statement if has_keys else f"{statement} RETURNING {key}"
