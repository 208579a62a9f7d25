"""Adds channels and the messages that they are told."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import rounds.core.telling


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0002_quiet"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("mail", "Mail"),
                            ("webhook", "Webhook (JSON)"),
                            ("ntfy", "ntfy"),
                            ("slack", "Slack"),
                            ("teams", "Microsoft Teams"),
                        ],
                        max_length=8,
                    ),
                ),
                ("address", models.CharField(max_length=400)),
                (
                    "at_once",
                    models.CharField(
                        choices=[("trouble", "Trouble"), ("all", "Everything"), ("nothing", "Nothing")],
                        default=rounds.core.telling.Urgency["TROUBLE"],
                        max_length=8,
                    ),
                ),
                ("hours", models.CharField(blank=True, max_length=200)),
                ("delay_minutes", models.PositiveIntegerField(default=0)),
                ("digest_at", models.TimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("delay_minutes", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField(blank=True)),
                ("link", models.CharField(blank=True, max_length=400)),
                ("severity", models.CharField(blank=True, max_length=8)),
                ("written_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(db_index=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="findings.channel"
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="findings.finding",
                    ),
                ),
            ],
            options={
                "ordering": ("-written_at", "-pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("name",), name="one_channel_of_a_name"
            ),
        ),
    ]
