import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_brand"),
        ("people", "0003_sells_in_portal"),
    ]

    dependencies = []

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("owner", "Owner"),
                                    ("technician", "Technician"),
                                    ("bookkeeper", "Bookkeeper"),
                                    ("contact", "Client's contact"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Shop",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(default="My shop", max_length=120)),
                        ("address", models.TextField(blank=True)),
                        ("country", models.CharField(blank=True, max_length=2)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        ("tax_number", models.CharField(blank=True, max_length=40)),
                        ("bank_details", models.TextField(blank=True)),
                        ("time_zone", models.CharField(default="UTC", max_length=64)),
                        ("currency", models.CharField(default="USD", max_length=3)),
                        ("sells_in_portal", models.BooleanField(default=True)),
                        ("is_sample", models.BooleanField(default=False)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name="Brand",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("accent", models.CharField(max_length=7)),
                        ("logo", models.TextField(blank=True)),
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
                    ],
                    options={
                        "ordering": ("at", "pk"),
                    },
                ),
            ]
        ),
        guard(
            "people_brand",
        ),
    ]
