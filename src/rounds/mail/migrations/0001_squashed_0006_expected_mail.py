import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("mail", "0001_initial"),
        ("mail", "0002_mail_kept_once"),
        ("mail", "0003_readings_of_mails"),
        ("mail", "0004_mail_append_only"),
        ("mail", "0005_mailboxes"),
        ("mail", "0006_expected_mail"),
    ]

    dependencies = [
        ("clients", "0001_squashed_0011_next_block"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="RawMail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("raw", models.BinaryField()),
                        ("is_cut", models.BooleanField(default=False)),
                    ],
                ),
                migrations.CreateModel(
                    name="RuleList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("rules", models.JSONField(default=list)),
                        ("off", models.JSONField(default=list)),
                        ("what", models.CharField(max_length=200)),
                        (
                            "replaces",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="mail.rulelist",
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("-pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.comparison.Coalesce("replaces", 0),
                                name="one_first_list_of_rules",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Source",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.client",
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
                        ("name", models.CharField(max_length=120)),
                        ("local_part", models.CharField(max_length=64, unique=True)),
                        ("failure_words", models.JSONField(blank=True, default=list)),
                        ("success_words", models.JSONField(blank=True, default=list)),
                        ("may_send", models.JSONField(blank=True, default=list)),
                        ("is_unchecked", models.BooleanField(default=False)),
                        ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="AlertMail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="mail.source"
                            ),
                        ),
                        (
                            "raw_mail",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="mail.rawmail"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("sender", models.CharField(blank=True, max_length=320)),
                        ("subject", models.CharField(blank=True, max_length=500)),
                        (
                            "way",
                            models.CharField(
                                choices=[("smtp", "sent to the address"), ("imap", "fetched from a mailbox")],
                                default="smtp",
                                max_length=4,
                            ),
                        ),
                        ("spf", models.CharField(blank=True, max_length=12)),
                        ("dkim", models.CharField(blank=True, max_length=12)),
                        ("dmarc", models.CharField(blank=True, max_length=12)),
                        ("is_trusted", models.BooleanField(default=True)),
                        ("trust_why", models.CharField(blank=True, max_length=300)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "ordering": ("-received_at", "-pk"),
                        "indexes": [
                            models.Index(fields=["source", "-received_at"], name="mail_of_source"),
                            models.Index(fields=["-received_at"], name="mail_by_time"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("source", "digest"), name="each_mail_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Waiting",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="mail.alertmail"
                            ),
                        ),
                        (
                            "waits_for",
                            models.CharField(
                                choices=[
                                    ("rule", "no rule knows it"),
                                    ("sender", "its sender is not trusted"),
                                    ("client", "it does not say whose it is"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("why", models.CharField(blank=True, max_length=300)),
                        ("tried_with", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ("mail",),
                        "indexes": [models.Index(fields=["waits_for", "tried_with"], name="waiting_to_be_tried")],
                    },
                ),
                migrations.CreateModel(
                    name="Admission",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="admission",
                                to="mail.alertmail",
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
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name="Reading",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="reading", to="mail.alertmail"
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
                        (
                            "result",
                            models.CharField(
                                choices=[
                                    ("failure", "Failure"),
                                    ("success", "Success"),
                                    ("notice", "Nothing to do"),
                                    ("unknown", "Not understood"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("severity", models.CharField(blank=True, max_length=8)),
                        ("product", models.CharField(blank=True, max_length=120)),
                        ("machine_name", models.CharField(blank=True, max_length=80)),
                        ("job", models.CharField(blank=True, max_length=120)),
                        ("about", models.CharField(blank=True, max_length=150)),
                        ("happened_at", models.DateTimeField(null=True)),
                        ("rule", models.CharField(blank=True, max_length=80)),
                        ("why", models.CharField(blank=True, max_length=300)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["client", "result"], name="reading_by_client"),
                            models.Index(fields=["result", "mail"], name="reading_by_result"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShopRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("spec", models.JSONField()),
                        (
                            "source",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="mail.source",
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
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="clients.machine",
                            ),
                        ),
                        (
                            "made_from",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="mail.alertmail",
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Expectation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="expectations",
                                to="mail.source",
                            ),
                        ),
                        ("about", models.CharField(blank=True, max_length=150)),
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
                        ("weekdays", models.CharField(default="MTWTFSS", max_length=7)),
                        ("month_day", models.PositiveSmallIntegerField(default=0)),
                        ("by_minute", models.PositiveSmallIntegerField(default=420)),
                        ("hours_before", models.PositiveSmallIntegerField(default=14)),
                        ("grace_minutes", models.PositiveSmallIntegerField(default=30)),
                        ("since", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("source", "about"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("source", "about"),
                                name="one_expectation_of_a_mail",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mailbox",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=600, unique=True)),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mail.source"
                            ),
                        ),
                        ("uid_validity", models.BigIntegerField(default=0)),
                        ("last_uid", models.BigIntegerField(default=0)),
                        ("next_look_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("looked_at", models.DateTimeField(null=True)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        ("error_since", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="Letter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=120, unique=True)),
                        ("to", models.JSONField()),
                        ("subject", models.CharField(max_length=200)),
                        ("body", models.TextField()),
                        ("attachment_name", models.CharField(blank=True, max_length=120)),
                        ("attachment", models.BinaryField(null=True)),
                        ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("next_try_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("last_error", models.CharField(blank=True, max_length=300)),
                        ("sent_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ("-written_at", "-pk"),
                    },
                ),
            ]
        ),
        guard(
            "mail_rawmail",
            "mail_alertmail",
            "mail_admission",
            "mail_reading",
            "mail_shoprule",
            "mail_rulelist",
        ),
    ]
