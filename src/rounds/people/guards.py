"""Guards of append-only tables: makes the migrations that let a database itself refuse UPDATE, DELETE and TRUNCATE.

What happened is not edited: a change of mind is a new row. On SQLite a migration that alters a column, or adds one with
a default, makes the table anew and drops its triggers: every such migration ends with `guard` once more. The guards'
test finds a table without its own.
"""

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


def _take_down(tables: tuple[str, ...], schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in tables:
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_append_only_{verb}", params=None)
        else:
            for name in (f"{table}_is_append_only", f"{table}_is_append_only_truncate"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}", params=None)
