import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    """Tables for the bytes of mails, what was understood of them, what waits, and rules; the old columns stay as yet."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("mail", "0001_initial"),
        ("clients", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="source",
            name="client",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.client",
            ),
        ),
        migrations.AddField(model_name="source", name="may_send", field=models.JSONField(blank=True, default=list)),
        migrations.AddField(model_name="source", name="is_unchecked", field=models.BooleanField(default=False)),
        migrations.CreateModel(
            name="RawMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("raw", models.BinaryField()),
                ("is_cut", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="alertmail",
            name="raw_mail",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="mail.rawmail"
            ),
        ),
        migrations.AddField(
            model_name="alertmail",
            name="way",
            field=models.CharField(
                choices=[("smtp", "sent to the address"), ("imap", "fetched from a mailbox")],
                default="smtp",
                max_length=4,
            ),
        ),
        *(
            migrations.AddField(
                model_name="alertmail", name=name, field=models.CharField(blank=True, default="", max_length=12)
            )
            for name in ("spf", "dkim", "dmarc")
        ),
        migrations.AddField(model_name="alertmail", name="is_trusted", field=models.BooleanField(default=True)),
        migrations.AddField(
            model_name="alertmail", name="trust_why", field=models.CharField(blank=True, default="", max_length=300)
        ),
        migrations.AddField(model_name="alertmail", name="sent_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "mail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="mail.alertmail"
                    ),
                ),
            ],
            options={
                "ordering": ("mail",),
                "indexes": [models.Index(fields=["waits_for", "tried_with"], name="waiting_to_be_tried")],
            },
        ),
        migrations.CreateModel(
            name="Admission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="admission", to="mail.alertmail"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "machine",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                    ),
                ),
                (
                    "mail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reading", to="mail.alertmail"
                    ),
                ),
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
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("spec", models.JSONField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "machine",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.machine"
                    ),
                ),
                (
                    "made_from",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mail.alertmail"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mail.source"
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.CreateModel(
            name="RuleList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rules", models.JSONField(default=list)),
                ("off", models.JSONField(default=list)),
                ("what", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="mail.rulelist",
                    ),
                ),
            ],
            options={"ordering": ("-pk",)},
        ),
        migrations.AddConstraint(
            model_name="rulelist",
            constraint=models.UniqueConstraint(Coalesce("replaces", 0), name="one_first_list_of_rules"),
        ),
    ]
