"""Takes the one tax out of the shop's prices: the tax codes have it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clients", "0006_tax_of_before")]

    operations = [
        migrations.RemoveField("shopterms", "tax_rate"),
        migrations.RemoveField("shopterms", "taxable"),
    ]
