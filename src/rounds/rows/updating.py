"""Updates one row by a statement that is written once: what is named in, whether the row was as it was said out.

Django writes the statement of an update anew each time, at a quarter of a millisecond; a month's end updates the row
that says how far an account is ten times a client.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection, models

from rounds.rows import prepared
from rounds.rows.inserting import CONVERTED


def update_row(model: type[models.Model], before: Mapping[str, Any], **values: Any) -> bool:
    """Give the row that has some values in its columns others; False if there is none. None stands for no value."""
    nothing = tuple(name for name, value in before.items() if value is None)
    statement, fields = _statement(connection.vendor, model, tuple(values), tuple(before), nothing)
    given = [*values.values(), *(value for value in before.values() if value is not None)]
    converted = [
        field.get_db_prep_save(value, connection) if isinstance(field, CONVERTED) else value
        for field, value in zip(fields, given, strict=True)
    ]
    with prepared.cursor() as cursor:
        cursor.execute(statement, converted)
        return bool(cursor.rowcount)


@cache
def _statement(
    _vendor: str, model: type[models.Model], names: tuple[str, ...], before: tuple[str, ...], nothing: tuple[str, ...]
) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    """The statement, and the fields of what it is given."""
    fields, quote = {field.attname: field for field in model._meta.concrete_fields}, connection.ops.quote_name
    kept = ", ".join(f"{quote(fields[name].column or '')} = %s" for name in names)
    as_it_was = " AND ".join(
        f"{quote(fields[name].column or '')} {'IS NULL' if name in nothing else '= %s'}" for name in before
    )
    statement = f"UPDATE {quote(model._meta.db_table)} SET {kept} WHERE {as_it_was}"  # noqa: S608 - our own names
    return statement, tuple(fields[name] for name in (*names, *(name for name in before if name not in nothing)))
