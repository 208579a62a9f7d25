"""Lets an order say at which site its work is done."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0005_tax_codes"),
        ("work", "0004_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="site",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
            ),
        ),
    ]
