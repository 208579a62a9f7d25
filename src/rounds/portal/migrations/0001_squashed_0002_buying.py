import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("portal", "0001_initial"),
        ("portal", "0002_buying"),
    ]

    dependencies = [
        ("charges", "0006_squashed_0011_given_back_by_credits"),
        ("clients", "0001_squashed_0011_next_block"),
        ("work", "0001_squashed_0006_follow_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="HelpRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(unique=True)),
                        (
                            "contact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.contact"
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.order"
                            ),
                        ),
                        ("text", models.TextField()),
                        ("photo", models.BinaryField(null=True)),
                        ("photo_type", models.CharField(blank=True, max_length=20)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="PortalPurchase",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        ("after", models.PositiveBigIntegerField()),
                        ("name", models.CharField(max_length=120)),
                        ("address", models.CharField(blank=True, max_length=45)),
                        ("text", models.TextField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("-at", "-pk"),
                        "constraints": [models.UniqueConstraint(fields=("client", "after"), name="a_page_buys_once")],
                    },
                ),
            ]
        ),
        guard(
            "portal_portalpurchase",
        ),
    ]
