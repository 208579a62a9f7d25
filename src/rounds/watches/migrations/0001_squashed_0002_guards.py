import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("watches", "0001_watches"),
        ("watches", "0002_guards"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Watch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ping", "Ping"),
                                    ("tcp", "Port"),
                                    ("http", "Web address"),
                                    ("tls", "Certificate"),
                                    ("dns", "Name server"),
                                    ("smtp", "Mail server"),
                                    ("snmp", "Device by SNMP"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("target", models.CharField(max_length=500)),
                        ("settings", models.JSONField(default=dict)),
                        ("secrets", models.JSONField(default=dict)),
                        ("every_minutes", models.PositiveIntegerField(default=1)),
                        (
                            "runner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("changed_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("site", "name"),
                                name="one_watch_of_a_name",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Turn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "watch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="turns", to="watches.watch"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        ("from_at", models.DateTimeField()),
                        ("why", models.CharField(max_length=120)),
                    ],
                    options={
                        "ordering": ("-pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Sighting",
                    fields=[
                        (
                            "watch",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="sighting",
                                serialize=False,
                                to="watches.watch",
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("is_ok", models.BooleanField(null=True)),
                        ("why", models.CharField(blank=True, max_length=300)),
                        ("figures", models.JSONField(default=dict)),
                        ("facts", models.JSONField(default=dict)),
                        ("measured_at", models.DateTimeField(null=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("milliseconds", models.FloatField(null=True)),
                    ],
                ),
            ]
        ),
        guard(
            "watches_turn",
        ),
    ]
