import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import rounds.core.telling
from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("findings", "0001_initial"),
        ("findings", "0002_quiet"),
        ("findings", "0003_telling"),
        ("findings", "0004_alert_mail_by_about"),
        ("findings", "0005_what_watches_gave"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        ("mail", "0001_squashed_0006_expected_mail"),
        ("upkeep", "0001_squashed_0003_evidence_taken_back"),
        ("watches", "0001_squashed_0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Mute",
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
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("rule", models.CharField(max_length=40)),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("why", models.CharField(max_length=300)),
                        ("until", models.DateTimeField(null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("-pk",),
                    },
                ),
                migrations.CreateModel(
                    name="MuteLifting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "mute",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lifting", to="findings.mute"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="MaintenanceWindow",
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
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.client",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.site",
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("why", models.CharField(max_length=200)),
                        ("first_on", models.DateField()),
                        ("starts", models.TimeField()),
                        ("minutes", models.PositiveIntegerField()),
                        (
                            "repeats",
                            models.CharField(
                                choices=[
                                    ("once", "once"),
                                    ("daily", "daily"),
                                    ("weekly", "weekly"),
                                    ("monthly", "monthly"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("last_on", models.DateField(null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "ordering": ("-pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("client", None), ("site", None)),
                                    models.Q(("client", None), ("machine", None)),
                                    models.Q(("machine", None), ("site", None)),
                                    _connector="OR",
                                ),
                                name="a_window_names_one_scope",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CallingOff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "window",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calling_off",
                                to="findings.maintenancewindow",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="WorkWindow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        ("cause", models.CharField(max_length=60, unique=True)),
                        ("why", models.CharField(max_length=200)),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("-pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                                ),
                                name="a_work_window_ends_after_it_began",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Channel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("delay_minutes", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)), fields=("name",), name="one_channel_of_a_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
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
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("rule", models.CharField(max_length=40)),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        (
                            "severity",
                            models.CharField(choices=[("trouble", "Trouble"), ("soon", "Soon")], max_length=8),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("evidence", models.JSONField(default=dict)),
                        ("opened_at", models.DateTimeField(db_index=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "plan",
                            models.CharField(
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
                        ("is_entitled", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("-opened_at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None), ("machine__isnull", False)),
                                fields=("machine", "rule", "subject"),
                                name="one_open_finding_of_a_machine",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None), ("machine", None)),
                                fields=("client", "rule", "subject"),
                                name="one_open_finding_of_a_client",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Handling",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "finding",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="handlings",
                                to="findings.finding",
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("acknowledged", "Taken on"),
                                    ("snoozed", "Put off"),
                                    ("resumed", "Told again"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("until", models.DateTimeField(null=True)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("until__isnull", False), ("what", "snoozed")),
                                    models.Q(models.Q(("what", "snoozed"), _negated=True), ("until", None)),
                                    _connector="OR",
                                ),
                                name="only_a_snooze_has_an_end",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=80, unique=True)),
                        (
                            "channel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="findings.channel",
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
                        ("title", models.CharField(max_length=200)),
                        ("body", models.TextField(blank=True)),
                        ("link", models.CharField(blank=True, max_length=400)),
                        ("severity", models.CharField(blank=True, max_length=8)),
                        ("written_at", models.DateTimeField()),
                        ("next_try_at", models.DateTimeField(db_index=True, null=True)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("last_error", models.CharField(blank=True, max_length=300)),
                        ("sent_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("-written_at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Watch",
                    fields=[
                        (
                            "machine",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="clients.machine",
                            ),
                        ),
                        ("chart", models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name="WatchMemory",
                    fields=[
                        (
                            "watch",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="watches.watch",
                            ),
                        ),
                        ("memories", models.JSONField(default=list)),
                    ],
                ),
                migrations.CreateModel(
                    name="Listening",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("looked_at", models.DateTimeField()),
                        ("since", models.DateTimeField()),
                        ("deaf_since", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Taken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "mail",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="mail.alertmail",
                            ),
                        ),
                        (
                            "evidence",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="upkeep.evidence",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("mail", None), ("evidence", None), _connector="XOR"),
                                name="one_thing_was_taken",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Setting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("rule", models.CharField(max_length=40)),
                        (
                            "client",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.client",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.site",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("server", "Server"),
                                    ("workstation", "Workstation"),
                                    ("device", "Network device"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("values", models.JSONField(default=dict)),
                        ("is_off", models.BooleanField(default=False)),
                        ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "set_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("machine__isnull", False)),
                                fields=("rule", "machine"),
                                name="one_setting_of_a_machine",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("client__isnull", False)),
                                fields=("rule", "client"),
                                name="one_setting_of_a_client",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("site__isnull", False)),
                                fields=("rule", "site"),
                                name="one_setting_of_a_site",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", ""), _negated=True),
                                fields=("rule", "kind"),
                                name="one_setting_of_a_kind",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("client", None), ("kind", ""), ("machine", None), ("site", None)),
                                fields=("rule",),
                                name="one_setting_of_the_shop",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("client", None), ("kind", ""), ("site", None)),
                                    models.Q(("client", None), ("machine", None), ("site", None)),
                                    models.Q(("client", None), ("kind", ""), ("machine", None)),
                                    models.Q(("kind", ""), ("machine", None), ("site", None)),
                                    _connector="OR",
                                ),
                                name="a_setting_names_one_scope",
                            ),
                        ],
                    },
                ),
            ]
        ),
        guard(
            "findings_handling",
            "findings_mute",
            "findings_mutelifting",
            "findings_maintenancewindow",
            "findings_callingoff",
        ),
    ]
