"""Lets the shop say whether clients can buy hours in the portal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_brand")]

    operations = [migrations.AddField("shop", "sells_in_portal", models.BooleanField(default=True))]
