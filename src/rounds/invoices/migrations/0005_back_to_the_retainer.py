"""Lets a credit note say what goes back to the retainer that had paid the invoice."""

from django.db import migrations, models
from django.db.models import F, Q

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [("invoices", "0004_opening")]

    operations = [
        migrations.RemoveConstraint(model_name="creditnote", name="a_credit_goes_somewhere"),
        migrations.AddField(
            model_name="creditnote",
            name="to_retainer",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=Q(amount=F("lowers") + F("over") + F("to_retainer")), name="a_credit_goes_somewhere"
            ),
        ),
        guard("invoices_creditnote"),
    ]
