"""Writes what is now known of many things in one statement: `upsert`, `update` (what is there), `add` (what is not).

For tables of latest states, which are written again and again: Django's `bulk_create` asks every field of every row how
it is saved, and compiles a statement as long as the rows are many.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models

type Plain = Sequence[Any]  # a row's values: moments as datetimes, JSON as what msgspec can write


def upsert(model: type[models.Model], names: Sequence[str], rows: Sequence[Plain]) -> None:
    """Write rows, each the values of the named fields, the first of which is the key."""
    _write(_upserting(connection.vendor, model, tuple(names)), model, names, rows)


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Plain]) -> None:
    """Write over the named fields of rows that are there, the last of which is the key."""
    _write(_updating(connection.vendor, model, tuple(names)), model, names, rows)


def add(model: type[models.Model], names: Sequence[str], rows: Sequence[Plain]) -> None:
    """Add rows, each the values of the named fields; what is there already, by whatever must be unique, stays."""
    _write(f"{_adding(connection.vendor, model, tuple(names))} ON CONFLICT DO NOTHING", model, names, rows)


def _write(statement: str, model: type[models.Model], names: Sequence[str], rows: Sequence[Plain]) -> None:
    if not rows:
        return
    converters = [_converter(connection.vendor, field.get_internal_type()) for field in _fields(model, names)]
    values = [
        [
            convert(value) if convert and value is not None else value
            for convert, value in zip(converters, row, strict=True)
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field[Any, Any]]:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(field.column or "") for field in _fields(model, names)]


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


@cache
def _adding(_vendor: str, model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = _columns(model, names)
    marks = ", ".join("%s" for _ in columns)
    return f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our names


@cache
def _upserting(vendor: str, model: type[models.Model], names: tuple[str, ...]) -> str:
    key, *columns = _columns(model, names)
    kept = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"{_adding(vendor, model, names)} ON CONFLICT ({key}) DO UPDATE SET {kept}"


@cache
def _updating(_vendor: str, model: type[models.Model], names: tuple[str, ...]) -> str:
    *columns, key = _columns(model, names)
    kept = ", ".join(f"{column} = %s" for column in columns)
    return f"UPDATE {_table(model)} SET {kept} WHERE {key} = %s"  # noqa: S608 - our names


def _converter(vendor: str, kind: str) -> Callable[[Any], Any] | None:
    if kind == "JSONField":
        return _as_json
    return connection.ops.adapt_datetimefield_value if kind == "DateTimeField" and vendor == "sqlite" else None


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
