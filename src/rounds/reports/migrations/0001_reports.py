"""Daily reports: how they are wanted, as they were made, and who reviewed them."""

import datetime

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0010_visits"),
        ("upkeep", "0003_evidence_taken_back"),
        ("work", "0006_follow_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="ClientChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "wanted",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "If anything of his is watched, or his plan pays for it"),
                                    ("always", "Always"),
                                    ("never", "Never"),
                                ],
                                default="",
                                max_length=8,
                            ),
                        ),
                        ("clock", models.TimeField(blank=True, null=True)),
                        ("zone", models.CharField(blank=True, max_length=64)),
                        ("staff", models.JSONField(blank=True, null=True)),
                        ("contacts", models.JSONField(blank=True, default=list)),
                        ("has_pdf", models.BooleanField(blank=True, null=True)),
                        ("is_in_portal", models.BooleanField(blank=True, null=True)),
                        ("records_time", models.BooleanField(blank=True, null=True)),
                        ("hour_since", models.DateTimeField()),
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
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="Report",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(db_index=True)),
                        ("zone", models.CharField(max_length=64)),
                        ("since", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("made_at", models.DateTimeField(db_index=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("trouble", "trouble"),
                                    ("soon", "to look at"),
                                    ("unmeasured", "missing"),
                                    ("well", "well"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField()),
                        ("words", models.CharField(max_length=200)),
                        ("trouble", models.PositiveIntegerField(default=0)),
                        ("soon", models.PositiveIntegerField(default=0)),
                        ("missing", models.PositiveIntegerField(default=0)),
                        ("to", models.TextField(blank=True)),
                        ("to_shop", models.TextField(blank=True)),
                        ("has_pdf", models.BooleanField(default=False)),
                        ("body", models.BinaryField()),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-day", "client__name"),
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(default=1)),
                        ("note", models.CharField(blank=True, max_length=200)),
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
                            "evidence",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="upkeep.evidence",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="reports.report"
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
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="ReviewOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField()),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.order"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ReviewUndoing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        (
                            "review",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="undoing", to="reports.review"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ShopChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("clock", models.TimeField(default=datetime.time(6, 0))),
                        ("staff", models.JSONField(blank=True, default=list)),
                        ("has_pdf", models.BooleanField(default=False)),
                        ("is_in_portal", models.BooleanField(default=False)),
                        ("records_time", models.BooleanField(default=True)),
                        ("hour_since", models.DateTimeField()),
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
                        (
                            "routine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="upkeep.routine",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pk",),
                    },
                ),
            ]
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("to", ""), ("to_shop", ""), _negated=True),
                fields=["made_at"],
                name="reports_to_be_mailed",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("client", "day"), name="one_report_a_day"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("report", "number"), name="one_review_at_a_time"),
        ),
        migrations.AddConstraint(
            model_name="revieworder",
            constraint=models.UniqueConstraint(fields=("client", "month"), name="one_order_of_reviews_a_month"),
        ),
        guard(
            "reports_shopchoice",
            "reports_clientchoice",
            "reports_report",
            "reports_review",
            "reports_reviewundoing",
            "reports_revieworder",
        ),
    ]
