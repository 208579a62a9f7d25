import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("charges", "0001_initial"),
        ("charges", "0002_guards"),
        ("charges", "0003_brought_over"),
        ("charges", "0004_giving_back"),
        ("charges", "0005_taxes_of_a_closing"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        ("work", "0001_squashed_0006_follow_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Purchase",
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
                        ("hours", models.PositiveIntegerField()),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
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
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("hours__gt", 0)), name="a_purchase_has_hours")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deposit",
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
                        ("amount", models.BigIntegerField()),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
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
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="a_deposit_has_an_amount"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                        ("on", models.DateField()),
                        ("kind", models.CharField(max_length=20)),
                        ("cause", models.CharField(max_length=60)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(fields=("client", "kind", "cause", "on"), name="each_notice_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Standing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "client",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        ("turn", models.PositiveBigIntegerField(default=0)),
                        ("lapsed_through", models.DateField(null=True)),
                        ("opened_through", models.DateField(null=True)),
                        (
                            "low_hours_told",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.agreement",
                            ),
                        ),
                        (
                            "low_retainer_told",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.agreement",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Block",
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
                            "purchase",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="block",
                                to="charges.purchase",
                            ),
                        ),
                        ("bought_on", models.DateField()),
                        ("seconds", models.PositiveIntegerField()),
                        ("used_before", models.PositiveIntegerField(default=0)),
                        ("price", models.BigIntegerField()),
                        ("lapses_on", models.DateField(null=True)),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Withdrawal",
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
                            "block",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="withdrawal",
                                to="charges.block",
                            ),
                        ),
                        ("seconds", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Lapse",
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
                            "block",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lapse", to="charges.block"
                            ),
                        ),
                        ("on", models.DateField()),
                        ("seconds", models.PositiveIntegerField()),
                        ("earned", models.BigIntegerField()),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
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
                            "block",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="charges.block"
                            ),
                        ),
                        ("on", models.DateField()),
                        ("seconds", models.PositiveIntegerField()),
                        ("amount", models.BigIntegerField()),
                        ("earned", models.BigIntegerField(default=0)),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
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
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
                            ),
                        ),
                        ("month", models.DateField()),
                        ("last_month", models.DateField()),
                        ("seconds", models.PositiveIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(fields=("agreement", "month"), name="each_month_granted_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BroughtHours",
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
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="brought", to="charges.grant"
                            ),
                        ),
                        ("seconds", models.IntegerField()),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Advance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
                            ),
                        ),
                        ("first_day", models.DateField()),
                        ("on", models.DateField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(fields=("agreement", "first_day"), name="each_period_charged_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Held",
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
                            "stint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.stint"
                            ),
                        ),
                        ("on", models.DateField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Rated",
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
                            "stint",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="work.stint",
                            ),
                        ),
                        (
                            "part",
                            models.OneToOneField(
                                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.part"
                            ),
                        ),
                        ("done_on", models.DateField()),
                        ("recorded_on", models.DateField()),
                        ("billable_seconds", models.PositiveIntegerField(null=True)),
                        ("trace", models.JSONField(default=list)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["client", "done_on"], name="rated_by_client_and_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("stint", None), ("part", None), _connector="XOR"),
                                name="rated_is_a_stint_or_a_part",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Voided",
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
                            "void",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.void"
                            ),
                        ),
                        (
                            "rated",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="voided",
                                to="charges.rated",
                            ),
                        ),
                        ("on", models.DateField()),
                        ("trace", models.JSONField(default=list)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Draw",
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
                            "block",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draws",
                                to="charges.block",
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draws",
                                to="charges.grant",
                            ),
                        ),
                        (
                            "rated",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draws",
                                to="charges.rated",
                            ),
                        ),
                        (
                            "voided",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draws",
                                to="charges.voided",
                            ),
                        ),
                        ("opened_on", models.DateField(null=True)),
                        ("on", models.DateField()),
                        ("seconds", models.IntegerField()),
                        ("earned", models.BigIntegerField(default=0)),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["client", "turn"], name="draw_by_client_and_turn")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("block", None), ("grant", None), _connector="XOR"),
                                name="a_draw_is_on_a_block_or_a_grant",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rated", None), ("opened_on", None), _connector="XOR"),
                                name="a_draw_has_one_cause",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("seconds__gt", 0), ("voided", None)),
                                    models.Q(("seconds__lt", 0), ("voided__isnull", False)),
                                    _connector="OR",
                                ),
                                name="a_draw_takes_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Charge",
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
                            "rated",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="charges.rated"
                            ),
                        ),
                        (
                            "voided",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="charges",
                                to="charges.voided",
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("amount", models.BigIntegerField()),
                        ("seconds", models.IntegerField(null=True)),
                        ("rate", models.BigIntegerField(null=True)),
                        ("quantity", models.IntegerField(null=True)),
                        ("trace", models.JSONField(default=list)),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.site",
                            ),
                        ),
                        ("recorded_on", models.DateField()),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["client", "turn"], name="charge_by_client_and_turn")],
                    },
                ),
                migrations.CreateModel(
                    name="Closing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=60, unique=True)),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        ("on", models.DateField()),
                        ("due", models.DateField()),
                        ("reason", models.CharField(max_length=8)),
                        ("tax", models.BigIntegerField(default=0)),
                        ("from_retainer", models.BigIntegerField(default=0)),
                        ("asked", models.BigIntegerField(default=0)),
                        ("is_paid_at_once", models.BooleanField(default=False)),
                        (
                            "purchase",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closing",
                                to="charges.purchase",
                            ),
                        ),
                        (
                            "deposit",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closing",
                                to="charges.deposit",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["client", "turn"], name="closing_by_client_and_turn")],
                    },
                ),
                migrations.CreateModel(
                    name="ClosingTax",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "closing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="taxes", to="charges.closing"
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        ("code", models.CharField(max_length=20)),
                        ("words", models.CharField(max_length=60)),
                        ("category", models.CharField(max_length=2)),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        ("rate", models.CharField(max_length=12)),
                        ("base", models.BigIntegerField()),
                        ("amount", models.BigIntegerField()),
                    ],
                    options={
                        "ordering": ("closing", "position"),
                        "constraints": [
                            models.UniqueConstraint(fields=("closing", "position"), name="each_closing_tax_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClosingLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "closing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="charges.closing"
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        ("kind", models.CharField(max_length=12)),
                        ("amount", models.BigIntegerField()),
                        ("seconds", models.IntegerField(null=True)),
                        ("rate", models.BigIntegerField(null=True)),
                        ("quantity", models.IntegerField(null=True)),
                        (
                            "agreement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.agreement",
                            ),
                        ),
                        ("first_day", models.DateField(null=True)),
                        ("last_day", models.DateField(null=True)),
                        (
                            "charge",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="line",
                                to="charges.charge",
                            ),
                        ),
                        (
                            "tax",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="charges.closingtax",
                            ),
                        ),
                        ("is_taxable", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("closing", "position"),
                        "constraints": [
                            models.UniqueConstraint(fields=("closing", "position"), name="each_closing_line_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetainerMove",
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
                        ("on", models.DateField()),
                        ("amount", models.BigIntegerField(default=0)),
                        ("asked", models.BigIntegerField(default=0)),
                        ("cause", models.CharField(max_length=60, unique=True)),
                        (
                            "closing",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retainer_move",
                                to="charges.closing",
                            ),
                        ),
                        ("turn", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "indexes": [models.Index(fields=["client", "turn"], name="move_by_client_and_turn")],
                    },
                ),
            ]
        ),
        guard(
            "charges_broughthours",
            "charges_withdrawal",
            "charges_purchase",
            "charges_deposit",
            "charges_lapse",
            "charges_refund",
            "charges_notice",
            "charges_closingtax",
            "charges_block",
            "charges_grant",
            "charges_advance",
            "charges_held",
            "charges_rated",
            "charges_voided",
            "charges_draw",
            "charges_charge",
            "charges_closing",
            "charges_closingline",
            "charges_retainermove",
        ),
    ]
