import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("clients", "0001_initial"),
        ("clients", "0002_guards"),
        ("clients", "0003_drafts"),
        ("clients", "0004_exemption"),
        ("clients", "0005_tax_codes"),
        ("clients", "0006_tax_of_before"),
        ("clients", "0007_prices_without_tax"),
        ("clients", "0008_late_interest"),
        ("clients", "0009_follow_clients"),
        ("clients", "0010_visits"),
        ("clients", "0011_next_block"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="TaxCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=20, unique=True)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="TaxRate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="rates", to="clients.taxcode"
                            ),
                        ),
                        ("since", models.DateField()),
                        ("rate", models.CharField(max_length=12)),
                        ("words", models.CharField(max_length=60)),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("S", "taxed at a rate"),
                                    ("Z", "zero-rated"),
                                    ("E", "exempt"),
                                    ("AE", "reverse charge: the client owes the tax"),
                                    ("O", "outside the scope of tax"),
                                ],
                                default="S",
                                max_length=2,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("since", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="ShopTerms",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateField(unique=True)),
                        ("hourly_rate", models.BigIntegerField(default=10000)),
                        ("increment_minutes", models.PositiveIntegerField(default=15)),
                        ("grace_minutes", models.PositiveIntegerField(default=0)),
                        ("minimum_remote_minutes", models.PositiveIntegerField(default=0)),
                        ("minimum_onsite_minutes", models.PositiveIntegerField(default=0)),
                        ("after_hours_multiplier", models.CharField(default="1.5", max_length=12)),
                        ("monitoring_fee", models.BigIntegerField(default=10000)),
                        ("parts_markup", models.CharField(default="0%", max_length=12)),
                        ("bonus_hours", models.JSONField(blank=True, default=list)),
                        ("net_days", models.PositiveIntegerField(default=10)),
                        ("business_hours", models.CharField(blank=True, max_length=200)),
                        ("holidays", models.TextField(blank=True)),
                        ("interest_rate", models.CharField(blank=True, max_length=20)),
                        ("interest_grace_days", models.PositiveIntegerField(default=0)),
                        ("interest_minimum", models.BigIntegerField(default=0)),
                        ("is_per_visit", models.BooleanField(default=False)),
                        ("trip_fee", models.BigIntegerField(default=0)),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("since",),
                    },
                ),
                migrations.CreateModel(
                    name="ImportDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=8)),
                        ("file_name", models.CharField(max_length=200)),
                        ("encoding", models.CharField(max_length=20)),
                        ("text", models.TextField()),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("imported_at", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="TaxChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateField()),
                        ("codes", models.JSONField(default=dict)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("since", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Client",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("business", "Business"), ("residential", "Residential")],
                                default="business",
                                max_length=12,
                            ),
                        ),
                        ("billing_address", models.TextField(blank=True)),
                        ("country", models.CharField(blank=True, max_length=2)),
                        ("tax_number", models.CharField(blank=True, max_length=40)),
                        ("note", models.TextField(blank=True)),
                        ("is_own", models.BooleanField(default=False)),
                        ("since", models.DateTimeField(default=django.utils.timezone.now)),
                        ("left_at", models.DateTimeField(blank=True, null=True)),
                        ("changed_at", models.DateTimeField(auto_now=True, db_index=True)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="TaxExemption",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tax_exemptions",
                                to="clients.client",
                            ),
                        ),
                        ("since", models.DateField()),
                        ("is_exempt", models.BooleanField()),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        ("certificate", models.CharField(blank=True, max_length=60)),
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
                        "ordering": ("since", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Site",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="clients.client"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("address", models.TextField(blank=True)),
                        (
                            "environment",
                            models.CharField(
                                choices=[
                                    ("office", "Office"),
                                    ("shared", "Shared space"),
                                    ("dusty", "Dusty (workshop, building site)"),
                                    ("server-room", "Server room"),
                                ],
                                default="office",
                                max_length=12,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [models.UniqueConstraint(fields=("client", "name"), name="one_site_of_a_name")],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="clients.client",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        ("best_time", models.CharField(blank=True, max_length=80)),
                        ("may_decide", models.BooleanField(default=False)),
                        ("gets_invoices", models.BooleanField(default=False)),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("left_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="Machine",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="machines", to="clients.site"
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("server", "Server"),
                                    ("workstation", "Workstation"),
                                    ("device", "Network device"),
                                ],
                                default="workstation",
                                max_length=12,
                            ),
                        ),
                        ("is_protected", models.BooleanField(default=False)),
                        ("note", models.TextField(blank=True)),
                        ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("retired_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("retired_at", None)),
                                fields=("site", "name"),
                                name="one_machine_of_a_name",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Agreement",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="clients.client",
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
                                max_length=20,
                            ),
                        ),
                        ("starts", models.DateField()),
                        ("ends", models.DateField(blank=True, null=True)),
                        ("hourly_rate", models.BigIntegerField(blank=True, null=True)),
                        ("net_days", models.PositiveIntegerField(blank=True, null=True)),
                        ("discount", models.CharField(default="0%", max_length=12)),
                        ("overage_discount", models.CharField(blank=True, max_length=12)),
                        ("included_seconds", models.PositiveIntegerField(blank=True, null=True)),
                        ("fee", models.BigIntegerField(blank=True, null=True)),
                        ("roll_months", models.PositiveIntegerField(default=0)),
                        ("low_at_seconds", models.PositiveIntegerField(blank=True, null=True)),
                        ("low_at_amount", models.BigIntegerField(blank=True, null=True)),
                        ("top_up_to", models.BigIntegerField(blank=True, null=True)),
                        ("hours_lapse_months", models.PositiveIntegerField(blank=True, null=True)),
                        ("monitoring", models.CharField(blank=True, max_length=20)),
                        ("hourly", models.JSONField(blank=True, default=list)),
                        (
                            "spyware",
                            models.CharField(
                                choices=[
                                    ("covered", "Covered like any support"),
                                    ("hourly", "Always by the hour"),
                                    ("if-protected", "Covered if the machine was protected and no user caused it"),
                                ],
                                default="covered",
                                max_length=12,
                            ),
                        ),
                        ("business_hours", models.CharField(blank=True, max_length=200)),
                        ("holidays", models.TextField(blank=True)),
                        ("waives_interest", models.BooleanField(default=False)),
                        ("is_per_visit", models.BooleanField(blank=True, null=True)),
                        ("trip_fee", models.BigIntegerField(blank=True, null=True)),
                        ("next_block_hours", models.PositiveIntegerField(blank=True, null=True)),
                        ("next_block_rate", models.BigIntegerField(blank=True, null=True)),
                        ("next_block_below", models.PositiveIntegerField(blank=True, null=True)),
                        ("next_block_late_days", models.PositiveIntegerField(blank=True, null=True)),
                        ("notice_days", models.PositiveIntegerField(blank=True, null=True)),
                        ("renew_months", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.agreement",
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("starts",),
                    },
                ),
                migrations.CreateModel(
                    name="AgreementEnd",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "agreement",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="end", to="clients.agreement"
                            ),
                        ),
                        ("ends", models.DateField()),
                        ("why", models.CharField(blank=True, max_length=200)),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                ),
                migrations.CreateModel(
                    name="AgreementDraft",
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
                        ("terms", models.JSONField()),
                        ("text", models.TextField()),
                        (
                            "changes",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.agreement",
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
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
                        "ordering": ("-pk",),
                    },
                ),
                migrations.CreateModel(
                    name="DraftSending",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "draft",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sending",
                                to="clients.agreementdraft",
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
                    name="DraftWithdrawal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "draft",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="withdrawal",
                                to="clients.agreementdraft",
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
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "draft",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signature",
                                to="clients.agreementdraft",
                            ),
                        ),
                        (
                            "agreement",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signature",
                                to="clients.agreement",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "channel",
                            models.CharField(choices=[("portal", "in the portal"), ("paper", "by hand")], max_length=8),
                        ),
                        ("address", models.CharField(blank=True, max_length=45)),
                        (
                            "contact",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.contact",
                            ),
                        ),
                        ("text", models.TextField()),
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
                ),
            ]
        ),
        migrations.AddField(
            model_name="taxchoice",
            name="site",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.site"
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="billing_site",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="clients.site"
            ),
        ),
        guard(
            "clients_taxcode",
            "clients_taxrate",
            "clients_taxchoice",
            "clients_taxexemption",
            "clients_agreement",
            "clients_agreementend",
            "clients_agreementdraft",
            "clients_draftsending",
            "clients_draftwithdrawal",
            "clients_signature",
        ),
    ]
