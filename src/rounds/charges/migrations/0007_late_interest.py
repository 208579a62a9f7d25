"""Lets a charge be interest on a late invoice, which is for neither a stint nor a part."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0006_lines_with_their_tax"),
        ("clients", "0008_late_interest"),
    ]

    operations = [
        migrations.AlterField(
            model_name="charge",
            name="rated",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="charges.rated"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("rated__isnull", False), ("kind", "interest"), _connector="XOR"),
                name="a_charge_has_a_cause",
            ),
        ),
        guard("charges_charge"),
    ]
