"""A database by the migrations of before, and what is in one: `python -m tests.faults.migrated before COUNT|schema`."""

import json
import os
import re
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402

POSTGRESQL = {
    "columns": """SELECT table_name, column_name, udt_name, character_maximum_length, is_nullable, column_default,
                         is_identity FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, CASE WHEN contype = 'n' THEN '' ELSE conname END,
                             pg_get_constraintdef(oid)
                      FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


def as_before() -> MigrationLoader:
    """The migrations as a program of before has them: it knows none that replaces others, and keeps none as applied."""
    loader = MigrationLoader(connection, replace_migrations=False)
    while loader.replacements:
        key, migration = loader.replacements.popitem()
        loader.graph.remove_replacement_node(key, migration.replaces)
    return loader


def migrate_as_before(targets: list[tuple[str, str]] | None = None, *, first: int | None = None) -> None:
    """Migrate without what replaces others: to what is said, or as many of all as is said."""
    executor = MigrationExecutor(connection)
    executor.loader = as_before()
    targets = targets or executor.loader.graph.leaf_nodes()
    executor.migrate(targets, executor.migration_plan(targets)[:first])


def schema() -> dict[str, list[Any]]:
    """What the database is made of, in an order of its own: what the columns' order is does not matter."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return {kind: _rows(cursor, asked) for kind, asked in POSTGRESQL.items()}
        made = _rows(cursor, "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    made = [[*row, _parts(sql)] for *row, sql in made]
    return {kind: [row for row in made if row[0] == kind] for kind in ("table", "index", "trigger")}


def _rows(cursor: Any, asked: str) -> list[Any]:
    cursor.execute(asked)
    return sorted(([*row] for row in cursor.fetchall()), key=str)


def _parts(sql: str) -> list[str]:
    """The columns and constraints of a table, or the text of an index or trigger, without its line ends."""
    text = re.sub(r"\s+", " ", sql)
    if not text.startswith("CREATE TABLE"):
        return [text]
    parts, depth = [""], 0
    for sign in text[text.index("(") + 1 : text.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return sorted(part.strip() for part in parts)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["before", count]:
            migrate_as_before(first=None if count == "all" else int(count))
        case ["schema"]:
            print(json.dumps(schema()))
