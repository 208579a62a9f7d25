"""Keeps who bought hours in the portal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0010_next_block"),
        ("clients", "0011_next_block"),
        ("portal", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PortalPurchase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.PositiveBigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.contact"
                    ),
                ),
                (
                    "purchase",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="charges.purchase"
                    ),
                ),
            ],
            options={"ordering": ("-at", "-pk")},
        ),
        migrations.AddConstraint(
            model_name="portalpurchase",
            constraint=models.UniqueConstraint(fields=("client", "after"), name="a_page_buys_once"),
        ),
        guard("portal_portalpurchase"),
    ]
