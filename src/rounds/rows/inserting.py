"""Inserts many new rows of one model: plain ones in, the same with their keys out.

Django's `bulk_create` asks every field of every row how it is saved, at 20 µs and more a row; a month's end of 100,000
stints keeps a million rows. Our tables have no fields that change when they are saved, so the values go as they stand,
and only those that the database takes in another form (days, moments, JSON) are asked for it.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import batched, chain
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

from rounds.rows import prepared

ROWS_AT_ONCE = 2_000  # in one statement on SQLite, which reads a long one slowly
type Columns = tuple[models.Field[Any, Any], ...]
DAYS = {"DateField": models.DateField[Any, Any](), "DateTimeField": models.DateTimeField[Any, Any]()}
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
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return new


def insert_values(model: type[models.Model], names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> list[int]:
    """Insert rows that nobody needs as objects, each the values of the named columns, and give their keys in order."""
    new = list(rows)
    return _put(model, _named(model, names), new) if new else []


def _put(model: type[models.Model], columns: Columns, rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert values and give the keys."""
    vendor = connection.vendor
    if vendor == "sqlite" and len(rows) > ROWS_AT_ONCE:
        with transaction.atomic(savepoint=False):
            return [key for some in batched(rows, ROWS_AT_ONCE) for key in _put(model, columns, some)]
    with prepared.cursor() as cursor:
        cursor.execute(*_statement(vendor, model, columns, rows))
        return [key for (key,) in cursor.fetchall()]


def _statement(
    vendor: str, model: type[models.Model], columns: Columns, rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """A statement and what it is given: on PostgreSQL a list a column, on SQLite every value by itself."""
    head, row, tail = _words(vendor, model, columns)
    if vendor == "postgresql":
        by_column = zip(columns, zip(*rows, strict=True), strict=True)
        return f"{head}{row}{tail}", [_converted(vendor, column, values) for column, values in by_column]
    values = list(chain.from_iterable(rows))
    for place, column in enumerate(columns):
        if isinstance(column, CONVERTED):
            values[place :: len(columns)] = _converted(vendor, column, values[place :: len(columns)])
    return f"{head}{', '.join([row] * len(rows))}{tail}", values


def _converted(vendor: str, column: models.Field[Any, Any], values: Sequence[Any]) -> list[Any]:
    """Values as the database takes them; a day or moment, of which there are few, is converted once."""
    if isinstance(column, models.DateField):
        kind = column.get_internal_type()
        return [None if value is None else _day(vendor, kind, value) for value in values]
    if isinstance(column, models.JSONField):
        return [None if value is None else json.dumps(value, cls=column.encoder) for value in values]
    if isinstance(column, models.CharField | models.TextField):  # a list of words has words of one kind
        return [None if value is None else str(value) for value in values]
    if isinstance(column, CONVERTED):
        return [None if value is None else column.get_db_prep_save(value, connection) for value in values]
    return list(values)


@lru_cache(1_000)
def _day(_vendor: str, kind: str, value: date) -> Any:
    """A day or moment as the database takes it."""
    return DAYS[kind].get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


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


@cache
def _words(vendor: str, model: type[models.Model], columns: Columns) -> tuple[str, str, str]:
    """What stands before the values of a statement, where they stand, and what stands behind them."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.column or "") for column in columns)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) "
    tail = f" RETURNING {quote(model._meta.pk.column or '')}"
    if vendor == "sqlite":
        return f"{head}VALUES ", f"({', '.join(['%s'] * len(columns))})", tail
    types = [str(column.db_type(connection)) for column in columns]
    lists = ", ".join(f"%s::{'text' if _is_text(kind) else kind}[]" for kind in types)
    taken = ", ".join(f"v{place}::jsonb" if kind == "jsonb" else f"v{place}" for place, kind in enumerate(types))
    places = ", ".join(f"v{place}" for place in range(len(types)))
    return f"{head}SELECT {taken} FROM ", f"unnest({lists}) AS given ({places})", tail  # noqa: S608


def _is_text(kind: str) -> bool:
    """Is a column given as text? One with a length would cut what is too long, if it were named."""
    return kind == "jsonb" or "char" in kind
