import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("invoices", "0001_initial"),
        ("invoices", "0002_guards"),
        ("invoices", "0003_late"),
        ("invoices", "0004_opening"),
        ("invoices", "0005_back_to_the_retainer"),
        ("invoices", "0006_refunds"),
        ("invoices", "0007_taxes_of_a_credit_note"),
        ("invoices", "0008_taxes_of_before"),
    ]

    dependencies = [
        ("charges", "0001_squashed_0005_taxes_of_a_closing"),
        ("clients", "0001_squashed_0011_next_block"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="OpeningDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=8)),
                        ("on", models.DateField()),
                        ("file_name", models.CharField(max_length=200)),
                        ("encoding", models.CharField(max_length=20)),
                        ("text", models.TextField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Opening",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=8)),
                        ("on", models.DateField()),
                        ("file_name", models.CharField(max_length=200)),
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
                        "ordering": ("-pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Undoing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "opening",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="undoing",
                                to="invoices.opening",
                            ),
                        ),
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
                ),
                migrations.CreateModel(
                    name="ReminderStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(unique=True)),
                        ("days_late", models.PositiveIntegerField()),
                        ("text", models.TextField()),
                        ("fee", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ("number",),
                    },
                ),
                migrations.CreateModel(
                    name="Payout",
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
                            "how",
                            models.CharField(
                                choices=[
                                    ("transfer", "Bank transfer"),
                                    ("cheque", "Cheque"),
                                    ("card", "Back to his card"),
                                    ("cash", "Cash"),
                                ],
                                default="transfer",
                                max_length=10,
                            ),
                        ),
                        ("reference", models.CharField(blank=True, max_length=140)),
                        ("why", models.CharField(max_length=200)),
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
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="a_payout_has_an_amount")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutReturn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "payout",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taken_back",
                                to="invoices.payout",
                            ),
                        ),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("why", models.CharField(max_length=200)),
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
                    },
                ),
                migrations.CreateModel(
                    name="Series",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=12, unique=True)),
                        ("first", models.PositiveIntegerField(default=1)),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Invoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "closing",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="charges.closing"
                            ),
                        ),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        ("series", models.CharField(max_length=12)),
                        ("number", models.PositiveIntegerField()),
                        ("issued_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("issued_at", models.DateTimeField()),
                        ("currency", models.CharField(max_length=3)),
                        ("shop_name", models.CharField(max_length=120)),
                        ("shop_address", models.TextField(blank=True)),
                        ("shop_country", models.CharField(blank=True, max_length=2)),
                        ("shop_email", models.EmailField(blank=True, max_length=254)),
                        ("shop_phone", models.CharField(blank=True, max_length=40)),
                        ("shop_tax_number", models.CharField(blank=True, max_length=40)),
                        ("shop_bank_details", models.TextField(blank=True)),
                        ("client_name", models.CharField(max_length=120)),
                        ("client_address", models.TextField(blank=True)),
                        ("client_country", models.CharField(blank=True, max_length=2)),
                        ("client_tax_number", models.CharField(blank=True, max_length=40)),
                        ("tax", models.BigIntegerField()),
                        ("total", models.BigIntegerField()),
                        ("from_retainer", models.BigIntegerField()),
                        ("asked", models.BigIntegerField()),
                        ("old_number", models.CharField(blank=True, max_length=40)),
                        ("tax_rate", models.CharField(max_length=12)),
                    ],
                    options={
                        "ordering": ("-issued_on", "-pk"),
                        "indexes": [models.Index(fields=["client", "due_on"], name="invoice_by_client_and_due")],
                        "constraints": [
                            models.UniqueConstraint(fields=("series", "number"), name="each_invoice_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_offs",
                                to="invoices.invoice",
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                        ("asked", models.BigIntegerField(default=0)),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("why", models.CharField(max_length=200)),
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
                                condition=models.Q(("amount", 0), _negated=True), name="a_write_off_has_an_amount"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="invoices.invoice",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("open", models.BigIntegerField()),
                        ("fee", models.BigIntegerField(default=0)),
                        ("text", models.TextField()),
                    ],
                    options={
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.UniqueConstraint(fields=("invoice", "number"), name="each_reminder_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReminderPause",
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
                            "invoice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminder_pauses",
                                to="invoices.invoice",
                            ),
                        ),
                        ("why", models.CharField(blank=True, max_length=200)),
                        ("since", models.DateTimeField()),
                        (
                            "by",
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
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("client", None), ("invoice", None), _connector="XOR"),
                                name="a_pause_has_one_subject",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="invoices.invoice"
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        ("kind", models.CharField(max_length=12)),
                        ("text", models.CharField(max_length=300)),
                        ("amount", models.BigIntegerField()),
                        ("seconds", models.IntegerField(null=True)),
                        ("rate", models.BigIntegerField(null=True)),
                        ("quantity", models.IntegerField(null=True)),
                        ("first_day", models.DateField(null=True)),
                        ("last_day", models.DateField(null=True)),
                        ("done_on", models.DateField(null=True)),
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
                        (
                            "charge",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="charges.charge",
                            ),
                        ),
                        ("is_taxable", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("invoice", "position"),
                        "constraints": [
                            models.UniqueConstraint(fields=("invoice", "position"), name="each_invoice_line_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
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
                            "invoice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="invoices.invoice",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
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
                                condition=models.Q(("amount__gt", 0)), name="a_payment_has_an_amount"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BroughtOver",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "opening",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="invoices.opening"
                            ),
                        ),
                        ("key", models.CharField(max_length=200)),
                        ("told", models.JSONField()),
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
                            "block",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="charges.block",
                            ),
                        ),
                        (
                            "hours",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="charges.broughthours",
                            ),
                        ),
                        (
                            "move",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="charges.retainermove",
                            ),
                        ),
                        (
                            "payment",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brought",
                                to="invoices.payment",
                            ),
                        ),
                        (
                            "invoice",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brought",
                                to="invoices.invoice",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Release",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "payment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="release",
                                to="invoices.payment",
                            ),
                        ),
                        ("even_if_needed", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Reversal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "payment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="invoices.payment",
                            ),
                        ),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("has_bounced", models.BooleanField(default=False)),
                        ("why", models.CharField(max_length=200)),
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
                    },
                ),
                migrations.CreateModel(
                    name="CreditNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_notes",
                                to="invoices.invoice",
                            ),
                        ),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        ("series", models.CharField(max_length=12)),
                        ("number", models.PositiveIntegerField()),
                        ("amount", models.BigIntegerField()),
                        ("lowers", models.BigIntegerField()),
                        ("over", models.BigIntegerField()),
                        ("asked", models.BigIntegerField(default=0)),
                        ("to_retainer", models.BigIntegerField(default=0)),
                        ("from_retainer", models.BigIntegerField(default=0)),
                        ("tax", models.BigIntegerField(default=0)),
                        ("untaxed", models.BigIntegerField(default=0)),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("why", models.CharField(max_length=200)),
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
                            models.UniqueConstraint(fields=("series", "number"), name="each_credit_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="a_credit_has_an_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("lowers"), "+", models.F("over")
                                            ),
                                            "+",
                                            models.F("to_retainer"),
                                        ),
                                    )
                                ),
                                name="a_credit_goes_somewhere",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "note",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="invoices.creditnote",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credits",
                                to="invoices.invoiceline",
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                    ],
                    options={
                        "ordering": ("note", "line__position"),
                        "constraints": [
                            models.UniqueConstraint(fields=("note", "line"), name="each_line_once_on_a_credit_note"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="a_credited_line_has_an_amount"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditTax",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "note",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taxes",
                                to="invoices.creditnote",
                            ),
                        ),
                        (
                            "row",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="charges.closingtax"
                            ),
                        ),
                        ("base", models.BigIntegerField()),
                        ("tax", models.BigIntegerField()),
                    ],
                    options={
                        "ordering": ("note", "row__position"),
                        "constraints": [
                            models.UniqueConstraint(fields=("note", "row"), name="each_tax_once_on_a_credit_note")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allocation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="invoices.invoice",
                            ),
                        ),
                        (
                            "payout",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="invoices.payout",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="invoices.payment",
                            ),
                        ),
                        (
                            "credit_note",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="invoices.creditnote",
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                        ("on", models.DateField()),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("payment", None), ("credit_note", None), _connector="XOR"),
                                name="an_allocation_has_a_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("invoice", None), ("payout", None), _connector="XOR"),
                                name="an_allocation_goes_somewhere",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    models.Q(
                                        ("amount__lt", 0),
                                        models.Q(
                                            ("payment__isnull", False), ("payout__isnull", False), _connector="OR"
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_allocation_has_an_amount",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("account", models.CharField(max_length=40)),
                        ("read_at", models.DateTimeField()),
                        (
                            "read_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-pk",),
                        "constraints": [
                            models.UniqueConstraint(fields=("fingerprint", "account"), name="each_bank_file_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="invoices.bankfile",
                            ),
                        ),
                        ("account", models.CharField(max_length=40)),
                        ("key", models.CharField(max_length=32)),
                        ("on", models.DateField()),
                        ("amount", models.BigIntegerField()),
                        ("name", models.CharField(blank=True, max_length=140)),
                        ("from_account", models.CharField(blank=True, max_length=40)),
                        ("text", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ("-on", "-pk"),
                        "constraints": [models.UniqueConstraint(fields=("account", "key"), name="each_bank_line_once")],
                    },
                ),
                migrations.CreateModel(
                    name="BankDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="invoices.bankline",
                            ),
                        ),
                        ("turn", models.PositiveIntegerField()),
                        (
                            "what",
                            models.CharField(
                                blank=True,
                                choices=[("matched", "Matched"), ("ignored", "Ignored"), ("", "New")],
                                max_length=8,
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_decisions",
                                to="invoices.payment",
                            ),
                        ),
                        (
                            "reversal",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_decision",
                                to="invoices.reversal",
                            ),
                        ),
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
                        "ordering": ("line", "turn"),
                        "constraints": [
                            models.UniqueConstraint(fields=("line", "turn"), name="each_bank_decision_once")
                        ],
                    },
                ),
            ]
        ),
        guard(
            "invoices_opening",
            "invoices_undoing",
            "invoices_broughtover",
            "invoices_writeoff",
            "invoices_reminder",
            "invoices_creditline",
            "invoices_credittax",
            "invoices_release",
            "invoices_payout",
            "invoices_payoutreturn",
            "invoices_invoice",
            "invoices_invoiceline",
            "invoices_payment",
            "invoices_reversal",
            "invoices_creditnote",
            "invoices_allocation",
            "invoices_bankfile",
            "invoices_bankline",
            "invoices_bankdecision",
        ),
    ]
