import django.db.models.deletion
from django.db import migrations, models

from rounds.people.guards import guard


class Migration(migrations.Migration):
    """The old columns go; what came, what was understood and the rules are never edited from here on."""

    dependencies = [("mail", "0003_readings_of_mails")]

    operations = [
        migrations.RemoveIndex(model_name="alertmail", name="mail_by_result"),
        *(migrations.RemoveField(model_name="alertmail", name=name) for name in ("raw", "result", "why", "read_by")),
        migrations.AlterField(
            model_name="alertmail",
            name="raw_mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="mail.rawmail"
            ),
        ),
        *(
            migrations.AlterField(
                model_name="alertmail", name=name, field=models.CharField(blank=True, max_length=size)
            )
            for name, size in (("spf", 12), ("dkim", 12), ("dmarc", 12), ("trust_why", 300))
        ),
        migrations.AddIndex(
            model_name="alertmail", index=models.Index(fields=["source", "-received_at"], name="mail_of_source")
        ),
        migrations.AddIndex(model_name="alertmail", index=models.Index(fields=["-received_at"], name="mail_by_time")),
        guard("mail_rawmail", "mail_alertmail", "mail_admission", "mail_reading", "mail_shoprule", "mail_rulelist"),
    ]
