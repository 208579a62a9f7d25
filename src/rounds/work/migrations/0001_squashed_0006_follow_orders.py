import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("work", "0001_initial"),
        ("work", "0002_guards"),
        ("work", "0003_visits_without_time"),
        ("work", "0004_holds"),
        ("work", "0005_site_of_an_order"),
        ("work", "0006_follow_orders"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        ("findings", "0001_squashed_0005_what_watches_gave"),
        ("upkeep", "0001_squashed_0003_evidence_taken_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Proposal",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        (
                            "finding",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="findings.finding",
                            ),
                        ),
                        (
                            "duty",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="upkeep.duty",
                            ),
                        ),
                        ("title", models.CharField(max_length=160)),
                        ("why", models.TextField(blank=True)),
                        ("category", models.CharField(default="maintenance", max_length=20)),
                        ("minutes", models.PositiveIntegerField()),
                        ("price", models.BigIntegerField(blank=True, null=True)),
                        ("risk", models.TextField(blank=True)),
                        ("idle_hours_low", models.PositiveIntegerField(blank=True, null=True)),
                        ("idle_hours_high", models.PositiveIntegerField(blank=True, null=True)),
                        ("idle_people", models.PositiveIntegerField(blank=True, null=True)),
                        ("idle_hour_cost", models.BigIntegerField(default=3000)),
                        ("made_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("made_at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "proposal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="work.proposal"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("agree", "Agreed"), ("defer", "Deferred"), ("decline", "Declined")],
                                max_length=8,
                            ),
                        ),
                        ("until", models.DateField(blank=True, null=True)),
                        ("who", models.CharField(max_length=120)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("phone", "by phone"),
                                    ("portal", "in the portal"),
                                    ("mail", "by mail"),
                                    ("in-person", "in person"),
                                    ("agreement", "by the agreement"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("verdict", "defer")), fields=["until"], name="deferrals_by_day"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Order",
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
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.site",
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
                            "proposal",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="work.proposal",
                            ),
                        ),
                        ("title", models.CharField(max_length=160)),
                        ("category", models.CharField(default="support", max_length=20)),
                        ("note", models.TextField(blank=True)),
                        ("is_planned", models.BooleanField(default=False)),
                        ("call_month", models.DateField(blank=True, null=True)),
                        ("opened_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        (
                            "opened_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("called_off_at", models.DateTimeField(blank=True, null=True)),
                        ("changed_at", models.DateTimeField(auto_now=True, db_index=True)),
                    ],
                    options={
                        "ordering": ("-opened_at", "-pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("called_off_at", None), ("done_at", None)),
                                fields=["-opened_at"],
                                name="orders_still_open",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("client", "call_month"), name="one_call_a_month")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="work.order"
                            ),
                        ),
                        ("why", models.CharField(max_length=200)),
                        ("since", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("lifted_at", None)), fields=("order",), name="one_hold_at_a_time"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consequence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "answer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.answer"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.order"
                            ),
                        ),
                        ("idle_minutes", models.PositiveIntegerField(default=0)),
                        ("idle_people", models.PositiveIntegerField(default=0)),
                        ("note", models.TextField(blank=True)),
                        ("linked_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "linked_by",
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
                            models.UniqueConstraint(fields=("answer", "order"), name="each_consequence_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Timer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "who",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.order"
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Stint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="stints", to="work.order"
                            ),
                        ),
                        (
                            "who",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("started_at", models.DateTimeField(db_index=True)),
                        ("minutes", models.PositiveIntegerField()),
                        ("category", models.CharField(default="support", max_length=20)),
                        ("place", models.CharField(default="remote", max_length=8)),
                        ("is_after_hours", models.BooleanField(null=True)),
                        ("is_no_charge", models.BooleanField(default=False)),
                        ("is_protected", models.BooleanField(default=False)),
                        ("cause", models.CharField(default="unknown", max_length=12)),
                        ("note", models.TextField(blank=True)),
                        ("needs_approval", models.BooleanField(default=False)),
                        ("recorded_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                    options={
                        "ordering": ("started_at", "pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("needs_approval", True)),
                                fields=["recorded_at"],
                                name="stints_to_be_approved",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Approval",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "stint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="approval", to="work.stint"
                            ),
                        ),
                        ("who", models.CharField(max_length=120)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("phone", "by phone"),
                                    ("portal", "in the portal"),
                                    ("mail", "by mail"),
                                    ("in-person", "in person"),
                                    ("agreement", "by the agreement"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Part",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="work.order"
                            ),
                        ),
                        ("name", models.CharField(max_length=160)),
                        ("quantity", models.PositiveIntegerField(default=1)),
                        ("price", models.BigIntegerField(blank=True, null=True)),
                        ("cost", models.BigIntegerField(blank=True, null=True)),
                        ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("recorded_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("used_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("price", None), ("cost", None), _connector="XOR"),
                                name="a_part_has_a_price_or_a_cost",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gt", 0)), name="a_part_has_a_quantity"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Void",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "stint",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="void",
                                to="work.stint",
                            ),
                        ),
                        (
                            "part",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="void",
                                to="work.part",
                            ),
                        ),
                        ("why", models.CharField(max_length=300)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("stint", None), ("part", None), _connector="XOR"),
                                name="void_is_of_a_stint_or_part",
                            )
                        ],
                    },
                ),
            ]
        ),
        guard(
            "work_answer",
            "work_approval",
            "work_void",
        ),
    ]
