import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("agents", "0001_initial"),
        ("agents", "0002_guards"),
        ("agents", "0003_samples"),
        ("agents", "0004_copies_and_changes"),
        ("agents", "0005_machines_that_wait"),
        ("agents", "0006_reinstalled_machines"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="FactVersion",
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
                        ("name", models.CharField(max_length=40)),
                        ("from_at", models.DateTimeField()),
                        ("digest", models.CharField(max_length=64)),
                        ("value", models.JSONField()),
                    ],
                    options={
                        "ordering": ("-from_at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(fields=("machine", "name", "from_at"), name="fact_once_a_moment")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LogEvent",
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
                        ("event_sha256", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        ("source", models.CharField(blank=True, max_length=100)),
                        ("level", models.CharField(max_length=20)),
                        ("text", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ("-at", "-pk"),
                        "indexes": [models.Index(fields=["machine", "-at"], name="events_of_a_machine")],
                        "constraints": [models.UniqueConstraint(fields=("machine", "event_sha256"), name="event_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Distinction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "newcomer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("newcomer", "machine"), name="told_apart_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Chunk",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("body", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="SealTurn",
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
                        ("claimed_until", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Retention",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "raw_days",
                            models.PositiveIntegerField(
                                default=90,
                                validators=[
                                    django.core.validators.MinValueValidator(10),
                                    django.core.validators.MaxValueValidator(3660),
                                ],
                                verbose_name="Every sample, days",
                            ),
                        ),
                        (
                            "rolled_months",
                            models.PositiveIntegerField(
                                default=13,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(240),
                                ],
                                verbose_name="Five minutes and hours, months",
                            ),
                        ),
                        (
                            "day_years",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="Days, years",
                            ),
                        ),
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
                ),
                migrations.CreateModel(
                    name="Cursor",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reader", models.CharField(max_length=40, unique=True)),
                        ("last_id", models.BigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Job",
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
                        ("kind", models.CharField(max_length=40)),
                        ("params", models.JSONField(default=dict)),
                        ("cause", models.CharField(max_length=80, unique=True)),
                        ("ordered_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(db_index=True)),
                        ("within_seconds", models.PositiveIntegerField(default=3600)),
                    ],
                    options={
                        "ordering": ("-ordered_at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="JobResult",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "job",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="result", to="agents.job"
                            ),
                        ),
                        ("check_in_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField()),
                        ("is_ok", models.BooleanField()),
                        ("report", models.JSONField(default=dict)),
                        ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name="Token",
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
                        ("token_sha256", models.CharField(max_length=64, unique=True)),
                        ("uses", models.PositiveIntegerField(default=1)),
                        ("uses_left", models.PositiveIntegerField(default=1)),
                        (
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        (
                            "machine_kind",
                            models.CharField(
                                choices=[
                                    ("server", "Server"),
                                    ("workstation", "Workstation"),
                                    ("device", "Network device"),
                                ],
                                default="server",
                                max_length=12,
                            ),
                        ),
                        ("needs_approval", models.BooleanField(default=False)),
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
                        ("expires_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("-made_at",),
                    },
                ),
                migrations.CreateModel(
                    name="Applicant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "token",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applicants",
                                to="agents.token",
                            ),
                        ),
                        ("instance", models.CharField(max_length=32, unique=True)),
                        ("secret_sha256", models.CharField(max_length=64, unique=True)),
                        ("hints", models.JSONField(default=dict)),
                        ("asked_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("asked_at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Verdict",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "applicant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="verdict",
                                to="agents.applicant",
                            ),
                        ),
                        ("is_admitted", models.BooleanField()),
                        (
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Agent",
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
                        (
                            "token",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="agents", to="agents.token"
                            ),
                        ),
                        ("instance", models.CharField(max_length=32, unique=True)),
                        ("secret_sha256", models.CharField(max_length=64, unique=True)),
                        ("hints", models.JSONField(blank=True, default=dict)),
                        ("enrolled_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at", None)),
                                fields=("machine",),
                                name="one_agent_of_a_machine",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
                            ),
                        ),
                        (
                            "newcomer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                            ),
                        ),
                        (
                            "replaced",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agents.agent",
                            ),
                        ),
                        ("state_before", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="MergeUndoing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "merge",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="undoing", to="agents.merge"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="SealedNumbers",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agents.agent",
                            ),
                        ),
                        ("epoch", models.PositiveIntegerField()),
                        ("first", models.PositiveBigIntegerField()),
                        ("last", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "epoch", "last"), name="sealed_numbers_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckIn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agents.agent",
                            ),
                        ),
                        ("epoch", models.PositiveIntegerField()),
                        ("number", models.PositiveBigIntegerField()),
                        ("taken_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("body", models.BinaryField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["agent", "taken_at"], name="check_in_by_moment")],
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "epoch", "number"), name="each_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="State",
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
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
                            ),
                        ),
                        ("taken_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(db_index=True)),
                        ("first_seen_at", models.DateTimeField()),
                        ("check_ins", models.PositiveBigIntegerField(default=0)),
                        ("samples", models.JSONField(default=dict)),
                        ("disks", models.JSONField(default=dict)),
                        ("facts", models.JSONField(default=dict)),
                        ("facts_at", models.JSONField(default=dict)),
                        ("probes", models.JSONField(default=dict)),
                        ("os_name", models.CharField(blank=True, max_length=120)),
                        ("processor_percent", models.FloatField(null=True)),
                        ("memory_percent", models.FloatField(null=True)),
                        ("fullest_disk", models.CharField(blank=True, max_length=255)),
                        ("fullest_disk_percent", models.FloatField(null=True)),
                        ("updates_pending", models.IntegerField(null=True)),
                        ("updates_security", models.IntegerField(null=True)),
                        ("needs_reboot", models.BooleanField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Refusal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("hour", models.DateTimeField()),
                        ("code", models.CharField(max_length=20)),
                        (
                            "agent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agents.agent",
                            ),
                        ),
                        ("count", models.PositiveIntegerField(default=0)),
                        ("reason", models.CharField(max_length=200)),
                        ("last_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("agent__isnull", False)),
                                fields=("hour", "code", "agent"),
                                name="refusals_of_an_agent",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("agent", None)), fields=("hour", "code"), name="refusals_of_nobody"
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="token",
            name="copy_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
            ),
        ),
        guard(
            "agents_applicant",
            "agents_verdict",
            "agents_merge",
            "agents_mergeundoing",
            "agents_distinction",
            "agents_jobresult",
        ),
    ]
