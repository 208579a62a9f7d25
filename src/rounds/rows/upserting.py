"""Writes what is now known of many things in one statement: rows that are there are written over, others are added.

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
        cursor.executemany(_statement(connection.vendor, model, tuple(names)), values)


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field[Any, Any]]:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


@cache
def _statement(_vendor: str, model: type[models.Model], names: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    columns = [quote(field.column or "") for field in _fields(model, names)]
    kept = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    marks = ", ".join("%s" for _ in columns)
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608 - our names
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {kept}"
    )


def _converter(vendor: str, kind: str) -> Callable[[Any], Any] | None:
    if kind == "JSONField":
        return _as_json
    return connection.ops.adapt_datetimefield_value if kind == "DateTimeField" and vendor == "sqlite" else None


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
