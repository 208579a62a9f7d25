"""Lets the database refuse changes of the books, and (PostgreSQL) entries that do not balance in every commodity."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from rounds.people.guards import guard

# All postings of an entry come in one statement; it costs nothing measurable that way (a trigger for each row would).
FUNCTION = """
CREATE FUNCTION ledger_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT entry_id, commodity, sum(amount) AS off_by INTO wrong FROM ledger_posting
    WHERE entry_id IN (SELECT entry_id FROM added)
    GROUP BY entry_id, commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % %', wrong.entry_id, wrong.off_by, wrong.commodity
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER ledger_posting_balances AFTER INSERT ON ledger_posting
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_balance()
"""


def balance(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION, params=None)
        schema_editor.execute(TRIGGER, params=None)


def trust(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER ledger_posting_balances ON ledger_posting", params=None)
        schema_editor.execute("DROP FUNCTION ledger_entries_balance", params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        guard(
            "ledger_entry",
            "ledger_posting",
        ),
        migrations.RunPython(balance, trust),
    ]
