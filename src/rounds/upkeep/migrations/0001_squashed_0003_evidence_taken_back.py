import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("upkeep", "0001_initial"),
        ("upkeep", "0002_guards"),
        ("upkeep", "0003_evidence_taken_back"),
    ]

    dependencies = [
        ("agents", "0001_squashed_0006_reinstalled_machines"),
        ("clients", "0001_squashed_0011_next_block"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Routine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("plans", models.JSONField(blank=True, default=list)),
                        ("cadence", models.CharField(max_length=20)),
                        ("is_floating", models.BooleanField(default=False)),
                        (
                            "per",
                            models.CharField(
                                choices=[
                                    ("client", "Client"),
                                    ("server", "Server"),
                                    ("workstation", "Workstation"),
                                    ("machine", "Server and workstation"),
                                ],
                                default="client",
                                max_length=12,
                            ),
                        ),
                        ("category", models.CharField(default="maintenance", max_length=20)),
                        ("minutes", models.PositiveIntegerField(default=15)),
                        ("checklist", models.JSONField(blank=True, default=list)),
                        ("job", models.CharField(blank=True, max_length=40)),
                        ("job_params", models.JSONField(blank=True, default=dict)),
                        ("starts", models.DateField()),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="upkeep.routine",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("is_stopped", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("name",),
                                name="one_running_routine_of_a_name",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Duty",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "routine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="duties", to="upkeep.routine"
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
                        ("due_on", models.DateField(db_index=True)),
                        ("missed", models.PositiveIntegerField(default=0)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("due_on", "pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)), fields=["due_on"], name="open_duties"
                            ),
                            models.Index(fields=["routine", "due_on"], name="duties_of_a_routine"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("machine__isnull", False)),
                                fields=("routine", "machine", "due_on"),
                                name="each_machine_duty_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("machine", None)),
                                fields=("routine", "client", "due_on"),
                                name="each_client_duty_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "duty",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="upkeep.duty"
                            ),
                        ),
                        ("is_good", models.BooleanField()),
                        ("is_skip", models.BooleanField(default=False)),
                        ("summary", models.CharField(max_length=200)),
                        ("details", models.JSONField(blank=True, default=dict)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("job_key", models.CharField(max_length=80, null=True, unique=True)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("is_good", False), ("is_skip", False), _connector="OR"),
                                name="a_skip_is_no_good_evidence",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Retraction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "evidence",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retraction",
                                to="upkeep.evidence",
                            ),
                        ),
                        ("why", models.CharField(max_length=200)),
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
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "duty",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="upkeep.duty"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "job",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.job"
                            ),
                        ),
                        ("ordered_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("number",),
                        "constraints": [models.UniqueConstraint(fields=("duty", "number"), name="each_attempt_once")],
                    },
                ),
                migrations.CreateModel(
                    name="BackupRepository",
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
                        ("path", models.CharField(max_length=400)),
                        ("password_file", models.CharField(max_length=400)),
                        ("since", models.DateTimeField()),
                        (
                            "set_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("machine",),
                                name="one_repository_of_a_machine",
                            )
                        ],
                    },
                ),
            ]
        ),
        guard(
            "upkeep_evidence",
            "upkeep_retraction",
        ),
    ]
