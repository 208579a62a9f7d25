"""Adds what keeps a finding from being told, limits by client, site and kind, and the plan of a finding."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_exemption"),
        ("findings", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallingOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Handling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("acknowledged", "Taken on"), ("snoozed", "Put off"), ("resumed", "Told again")],
                        max_length=12,
                    ),
                ),
                ("until", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(max_length=200)),
                ("first_on", models.DateField()),
                ("starts", models.TimeField()),
                ("minutes", models.PositiveIntegerField()),
                (
                    "repeats",
                    models.CharField(
                        choices=[("once", "once"), ("daily", "daily"), ("weekly", "weekly"), ("monthly", "monthly")],
                        max_length=8,
                    ),
                ),
                ("last_on", models.DateField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("why", models.CharField(max_length=300)),
                ("until", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="MuteLifting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WorkWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(max_length=60, unique=True)),
                ("why", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="setting",
            name="one_setting_of_the_shop",
        ),
        migrations.AddField(
            model_name="finding",
            name="is_entitled",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="finding",
            name="plan",
            field=models.CharField(
                choices=[
                    ("service-agreement", "service agreement"),
                    ("retainer", "retainer"),
                    ("block", "block of hours"),
                    ("call-first", "call first"),
                    ("reactive", "reactive"),
                ],
                default="reactive",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="setting",
            name="client",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
            ),
        ),
        migrations.AddField(
            model_name="setting",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("server", "Server"), ("workstation", "Workstation"), ("device", "Network device")],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="setting",
            name="site",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
            ),
        ),
        migrations.AddConstraint(
            model_name="setting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client__isnull", False)), fields=("rule", "client"), name="one_setting_of_a_client"
            ),
        ),
        migrations.AddConstraint(
            model_name="setting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("site__isnull", False)), fields=("rule", "site"), name="one_setting_of_a_site"
            ),
        ),
        migrations.AddConstraint(
            model_name="setting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", ""), _negated=True), fields=("rule", "kind"), name="one_setting_of_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="setting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client", None), ("kind", ""), ("machine", None), ("site", None)),
                fields=("rule",),
                name="one_setting_of_the_shop",
            ),
        ),
        migrations.AddConstraint(
            model_name="setting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("client", None), ("kind", ""), ("site", None)),
                    models.Q(("client", None), ("machine", None), ("site", None)),
                    models.Q(("client", None), ("kind", ""), ("machine", None)),
                    models.Q(("kind", ""), ("machine", None), ("site", None)),
                    _connector="OR",
                ),
                name="a_setting_names_one_scope",
            ),
        ),
        migrations.AddField(
            model_name="callingoff",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handling",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handling",
            name="finding",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handlings", to="findings.finding"
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="client",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="machine",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="site",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
            ),
        ),
        migrations.AddField(
            model_name="callingoff",
            name="window",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="calling_off", to="findings.maintenancewindow"
            ),
        ),
        migrations.AddField(
            model_name="mute",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mute",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="mute",
            name="machine",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
            ),
        ),
        migrations.AddField(
            model_name="mutelifting",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mutelifting",
            name="mute",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="lifting", to="findings.mute"
            ),
        ),
        migrations.AddField(
            model_name="workwindow",
            name="machine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
            ),
        ),
        migrations.AddConstraint(
            model_name="handling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("until__isnull", False), ("what", "snoozed")),
                    models.Q(models.Q(("what", "snoozed"), _negated=True), ("until", None)),
                    _connector="OR",
                ),
                name="only_a_snooze_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("client", None), ("site", None)),
                    models.Q(("client", None), ("machine", None)),
                    models.Q(("machine", None), ("site", None)),
                    _connector="OR",
                ),
                name="a_window_names_one_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="workwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"),
                name="a_work_window_ends_after_it_began",
            ),
        ),
        guard("findings_handling"),
        guard("findings_mute"),
        guard("findings_mutelifting"),
        guard("findings_maintenancewindow"),
        guard("findings_callingoff"),
    ]
