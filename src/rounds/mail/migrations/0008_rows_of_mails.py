import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    """A mail may report by a table: then each of its rows is read, or waits, by itself."""

    dependencies = [("mail", "0007_raw_mail_goes")]

    operations = [
        *(
            migrations.AlterField(
                model_name=name,
                name="mail",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name=related, to="mail.alertmail"
                ),
            )
            for name, related in (("reading", "readings"), ("waiting", "waits"))
        ),
        *(
            migrations.AddField(model_name=name, name="row", field=models.PositiveIntegerField(default=0))
            for name in ("reading", "waiting")
        ),
        migrations.AlterModelOptions(name="waiting", options={"ordering": ("mail", "row")}),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(fields=("mail", "row"), name="each_row_read_once"),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.UniqueConstraint(fields=("mail", "row"), name="each_row_waits_once"),
        ),
        guard("mail_reading"),
    ]
