import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from rounds.people.guards import guard
from rounds.people.migrating import Statements, Together

# All postings of an entry come in one statement; it costs nothing measurable that way (a trigger for each row would).
# Entries that balance, and to which only what balances is added, balance: so what is added is enough to look at.
FUNCTION = """
CREATE FUNCTION ledger_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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
TRIGGER = """
CREATE TRIGGER ledger_posting_balances AFTER INSERT ON ledger_posting
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_balance()
"""


def balance(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION, params=None)
        schema_editor.execute(TRIGGER, params=None)


def trust(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER ledger_posting_balances ON ledger_posting", params=None)
        schema_editor.execute("DROP FUNCTION ledger_entries_balance", params=None)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("ledger", "0001_initial"),
        ("ledger", "0002_guards"),
        ("ledger", "0003_chain"),
        ("ledger", "0004_balance_of_what_is_added"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(db_index=True)),
                        ("what", models.CharField(max_length=200)),
                        ("cause", models.CharField(max_length=60, unique=True)),
                        (
                            "client",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.client",
                            ),
                        ),
                        ("booked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "ordering": ("on", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Unsealed",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="unsealed", to="ledger.entry"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="ledger.entry"
                            ),
                        ),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Chain",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("length", models.PositiveBigIntegerField(default=0)),
                        ("last", models.CharField(max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name="MonthTotal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("account", models.CharField(max_length=120)),
                        ("commodity", models.CharField(max_length=8)),
                        ("month", models.DateField()),
                        ("amount", models.BigIntegerField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "commodity", "month", "amount"], name="month_sums")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "commodity", "month"), name="each_month_total_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Proof",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(unique=True)),
                        ("at", models.DateTimeField()),
                        ("wrong", models.JSONField(default=list)),
                    ],
                    options={
                        "ordering": ("-on",),
                    },
                ),
                migrations.CreateModel(
                    name="Booked",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "client",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        ("turn", models.PositiveBigIntegerField(default=0)),
                        ("earned_through", models.DateField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="ledger.entry"
                            ),
                        ),
                        ("account", models.CharField(max_length=120)),
                        ("commodity", models.CharField(max_length=8)),
                        ("amount", models.BigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["account", "commodity", "amount"], name="posting_sums")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), _negated=True), name="a_posting_moves_something"
                            )
                        ],
                    },
                ),
            ]
        ),
        guard(
            "ledger_entry",
            "ledger_seal",
            "ledger_proof",
            "ledger_posting",
        ),
        Statements(balance, trust),
    ]
