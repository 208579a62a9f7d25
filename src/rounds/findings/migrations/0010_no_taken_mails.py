from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("findings", "0009_readings_of_taken_mails")]

    operations = [
        migrations.RemoveField(model_name="taken", name="mail"),
        migrations.AddConstraint(
            model_name="taken",
            constraint=models.CheckConstraint(
                condition=models.Q(("reading", None), ("evidence", None), _connector="XOR"), name="one_thing_was_taken"
            ),
        ),
    ]
