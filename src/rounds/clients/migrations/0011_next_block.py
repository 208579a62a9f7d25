"""Lets an agreement buy the next block by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0010_visits")]

    operations = [
        migrations.AddField("agreement", "next_block_hours", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("agreement", "next_block_rate", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("agreement", "next_block_below", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("agreement", "next_block_late_days", models.PositiveIntegerField(blank=True, null=True)),
    ]
