"""Lets a void bill the rest of a visit anew."""

import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0008_ended_early"),
        ("clients", "0010_visits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rerated",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seconds", models.IntegerField()),
                ("trace", models.JSONField(default=list)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="draw",
            name="a_draw_takes_time",
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seconds__gt", 0), models.Q(("seconds__lt", 0), ("voided__isnull", False)), _connector="OR"
                ),
                name="a_draw_takes_time",
            ),
        ),
        migrations.AddField(
            model_name="rerated",
            name="rated",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rerated", to="charges.rated"
            ),
        ),
        migrations.AddField(
            model_name="rerated",
            name="voided",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rerated", to="charges.voided"
            ),
        ),
        migrations.AddConstraint(
            model_name="rerated",
            constraint=models.UniqueConstraint(fields=("voided", "rated"), name="a_void_rerates_an_entry_once"),
        ),
        guard("charges_draw", "charges_rerated"),
    ]
