"""Guards of append-only tables: makes the migrations that let a database itself refuse UPDATE, DELETE and TRUNCATE.

What happened is not edited: a change of mind is a new row. On SQLite a migration that alters a column, or adds one with
a default, makes the table anew and drops its triggers: every such migration ends with `guard` once more. The guards'
test finds a table without its own.
"""

from dataclasses import dataclass
from functools import partial

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from rounds.people.migrating import Statements

SQLITE = """
CREATE TRIGGER {table}_is_append_only_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
POSTGRESQL_ROWS = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION is_append_only()
"""
POSTGRESQL_WHOLE = """
CREATE TRIGGER {table}_is_append_only_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()
"""

# One change goes through: a column is emptied, once, and a moment says when. All others stay as they were.
EMPTIED = "OLD.{moment} IS NULL AND NEW.{moment} IS NOT NULL AND length(NEW.{emptied}) = 0"
SQLITE_EMPTIED = """
CREATE TRIGGER {table}_is_append_only_UPDATE BEFORE UPDATE ON {table} WHEN NOT ({allowed})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_EMPTIED = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE ON {table}
FOR EACH ROW WHEN (NOT ({allowed})) EXECUTE FUNCTION is_append_only()
"""
POSTGRESQL_DELETE = """
CREATE TRIGGER {table}_is_append_only_delete BEFORE DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION is_append_only()
"""


@dataclass(frozen=True, slots=True)
class Emptied:
    """What may be changed of a row: a column emptied, and the moment at which it was; `same` are the others."""

    table: str
    column: str
    moment: str
    same: tuple[str, ...]


def guard_but(emptied: Emptied) -> Statements:
    """Make the step that guards a table, but lets a column of a row be emptied once; its moment stays with it."""
    return Statements(partial(_put_up_but, emptied), partial(_put_up, (emptied.table,)))


def guard(*tables: str) -> Statements:
    """Make the step of a migration that guards tables; a table that is guarded already gets its guards anew."""
    return Statements(partial(_put_up, tables), partial(_take_down, tables))


def unguard(*tables: str) -> Statements:
    """Make the step of a migration that lets tables be changed: only to keep what they say in another form."""
    return Statements(partial(_take_down, tables), partial(_put_up, tables))


def _put_up(tables: tuple[str, ...], schema_editor: BaseDatabaseSchemaEditor) -> None:
    _take_down(tables, schema_editor)
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    if not is_sqlite:
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)  # None: the % in it is not a placeholder
    for table in tables:
        made = (
            [SQLITE.format(table=table, verb=verb) for verb in ("UPDATE", "DELETE")]
            if is_sqlite
            else [POSTGRESQL_ROWS.format(table=table), POSTGRESQL_WHOLE.format(table=table)]
        )
        for trigger in made:
            schema_editor.execute(trigger, params=None)


def _put_up_but(emptied: Emptied, schema_editor: BaseDatabaseSchemaEditor) -> None:
    table, is_sqlite = emptied.table, schema_editor.connection.vendor == "sqlite"
    _take_down((table,), schema_editor)
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in emptied.same)
    allowed = f"{EMPTIED.format(moment=emptied.moment, emptied=emptied.column)} AND {same}"
    made = [SQLITE_EMPTIED, SQLITE.replace("{verb}", "DELETE")]
    if not is_sqlite:
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)
        made = [POSTGRESQL_EMPTIED, POSTGRESQL_DELETE, POSTGRESQL_WHOLE]
    for trigger in made:
        schema_editor.execute(trigger.format(table=table, allowed=allowed), params=None)


def _take_down(tables: tuple[str, ...], schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in tables:
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_append_only_{verb}", params=None)
        else:
            for more in ("", "_delete", "_truncate"):
                name = f"{table}_is_append_only{more}"
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}", params=None)
