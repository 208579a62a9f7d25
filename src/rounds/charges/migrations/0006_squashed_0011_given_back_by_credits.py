"""Takes off lines whether they were taxed; adds interest, early ends, visits, next blocks and credits, in one step.

It is a step of its own because what the taxes of before were told by stands between (`invoices`, 0008).
"""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard
from rounds.people.migrating import Together


class Migration(migrations.Migration):
    replaces = [
        ("charges", "0006_lines_with_their_tax"),
        ("charges", "0007_late_interest"),
        ("charges", "0008_ended_early"),
        ("charges", "0009_visits"),
        ("charges", "0010_next_block"),
        ("charges", "0011_given_back_by_credits"),
    ]

    dependencies = [
        ("charges", "0001_squashed_0005_taxes_of_a_closing"),
        ("clients", "0001_squashed_0011_next_block"),
        ("invoices", "0001_squashed_0008_taxes_of_before"),
    ]

    operations = [
        migrations.RemoveField("closingline", "is_taxable"),
        Together(
            [
                migrations.CreateModel(
                    name="Curtailment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                        ("on", models.DateField()),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        (
                            "line",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="curtailment",
                                to="charges.closingline",
                            ),
                        ),
                    ],
                    options={"ordering": ("pk",)},
                ),
                migrations.CreateModel(
                    name="Rerated",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seconds", models.IntegerField()),
                        ("trace", models.JSONField(default=list)),
                        (
                            "rated",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="rerated", to="charges.rated"
                            ),
                        ),
                        (
                            "voided",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="rerated", to="charges.voided"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(fields=("voided", "rated"), name="a_void_rerates_an_entry_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forgone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                        ("is_lost", models.BooleanField(default=False)),
                        ("cause", models.CharField(max_length=60)),
                        ("on", models.DateField()),
                        (
                            "block",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="forgone",
                                to="charges.block",
                            ),
                        ),
                        (
                            "charge",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="forgone",
                                to="charges.charge",
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
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("charge", None), ("block", None), _connector="XOR"),
                                name="forgone_of_a_charge_or_a_block",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), _negated=True), name="forgone_has_an_amount"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Returned",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("cause", models.CharField(max_length=60)),
                        ("on", models.DateField()),
                        ("trace", models.JSONField(default=list)),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                            ),
                        ),
                        (
                            "rated",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="returned", to="charges.rated"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pk",),
                        "constraints": [models.UniqueConstraint(fields=("cause", "rated"), name="each_return_once")],
                    },
                ),
            ]
        ),
        migrations.AddField("refund", "cause", models.CharField(blank=True, max_length=60)),
        migrations.AddField("refund", "was_credited", models.BooleanField(default=False)),
        migrations.AddField(
            model_name="purchase",
            name="agreement",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
            ),
        ),
        migrations.AddField("purchase", "cause", models.CharField(max_length=60, null=True)),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cause__isnull", False)),
                fields=("client", "cause"),
                name="a_cause_buys_one_block",
            ),
        ),
        *(
            migrations.AddField(
                model_name="standing",
                name=name,
                field=models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.agreement"
                ),
            )
            for name in ("low_stop_told", "low_back_told")
        ),
        migrations.AlterField(
            model_name="charge",
            name="rated",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="charges.rated"
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="returned",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="charges.returned"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("rated__isnull", False), ("kind", "interest"), _connector="XOR"),
                name="a_charge_has_a_cause",
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="returned",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="draws", to="charges.returned"
            ),
        ),
        migrations.RemoveConstraint(model_name="draw", name="a_draw_takes_time"),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seconds__gt", 0),
                    models.Q(
                        ("seconds__lt", 0),
                        models.Q(("voided__isnull", False), ("returned__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="a_draw_takes_time",
            ),
        ),
        guard(
            "charges_closingline",
            "charges_curtailment",
            "charges_rerated",
            "charges_forgone",
            "charges_returned",
            "charges_refund",
            "charges_purchase",
            "charges_charge",
            "charges_draw",
        ),
    ]
