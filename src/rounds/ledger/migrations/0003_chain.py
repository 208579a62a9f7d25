"""Adds the chain of seals, the totals of months, and the proofs; entries that are there wait to be sealed."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from rounds.people.guards import guard


def leave_to_be_sealed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del schema_editor
    entries = apps.get_model("ledger", "Entry").objects.order_by("pk").values_list("pk", flat=True)
    unsealed = apps.get_model("ledger", "Unsealed")
    unsealed.objects.bulk_create((unsealed(entry_id=key) for key in entries), batch_size=2000)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("length", models.PositiveBigIntegerField(default=0)),
                ("last", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(unique=True)),
                ("at", models.DateTimeField()),
                ("wrong", models.JSONField(default=list)),
            ],
            options={
                "ordering": ("-on",),
            },
        ),
        migrations.CreateModel(
            name="MonthTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=120)),
                ("commodity", models.CharField(max_length=8)),
                ("month", models.DateField()),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["account", "commodity", "month", "amount"], name="month_sums")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "commodity", "month"), name="each_month_total_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="ledger.entry"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unsealed", to="ledger.entry"
                    ),
                ),
            ],
        ),
        migrations.RunPython(leave_to_be_sealed, migrations.RunPython.noop),
        guard("ledger_seal", "ledger_proof"),
    ]
