"""Adds the taxes of a closing, append-only, and the site of a charge."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0004_giving_back"),
        ("clients", "0005_tax_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="charge",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.site",
            ),
        ),
        migrations.CreateModel(
            name="ClosingTax",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=20)),
                ("words", models.CharField(max_length=60)),
                ("category", models.CharField(max_length=2)),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("rate", models.CharField(max_length=12)),
                ("base", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                (
                    "closing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taxes", to="charges.closing"
                    ),
                ),
            ],
            options={
                "ordering": ("closing", "position"),
            },
        ),
        migrations.AddField(
            model_name="closingline",
            name="tax",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="charges.closingtax",
            ),
        ),
        migrations.AddConstraint(
            model_name="closingtax",
            constraint=models.UniqueConstraint(fields=("closing", "position"), name="each_closing_tax_once"),
        ),
        guard("charges_closingtax", "charges_closingline", "charges_charge"),
    ]
