"""Lets PostgreSQL check the balance of the postings that are added, and not look through all of them for that.

Entries that balance, and to which only what balances is added, balance: so what is added is enough to look at. The
plan for looking up all postings of an entry was made, and kept, when there were next to none.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT entry_id, commodity, sum(amount) AS off_by INTO wrong FROM added
    GROUP BY entry_id, commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % %', wrong.entry_id, wrong.off_by, wrong.commodity
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""


def balance(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION, params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_chain")]
    operations = [migrations.RunPython(balance, migrations.RunPython.noop)]
