import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Not a mail has its effect on findings, but what was understood of it: of a table each row."""

    dependencies = [("findings", "0007_usual_hours"), ("mail", "0008_rows_of_mails")]

    operations = [
        migrations.RemoveConstraint(model_name="taken", name="one_thing_was_taken"),
        migrations.AddField(
            model_name="taken",
            name="reading",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mail.reading"
            ),
        ),
    ]
