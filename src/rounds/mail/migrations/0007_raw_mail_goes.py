import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from rounds.people.guards import Emptied, guard_but, unguard


class Migration(migrations.Migration):
    """The bytes of old mails may go, and nothing else of them."""

    dependencies = [
        ("mail", "0001_squashed_0006_expected_mail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailRetention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "raw_months",
                    models.PositiveIntegerField(
                        blank=True,
                        default=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="Mails as they came, months",
                    ),
                ),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        unguard("mail_rawmail"),
        migrations.AddField(model_name="rawmail", name="let_go_at", field=models.DateTimeField(null=True)),
        migrations.AlterField(model_name="rawmail", name="sha256", field=models.CharField(max_length=64)),
        migrations.AddConstraint(
            model_name="rawmail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("let_go_at", None)), fields=("sha256",), name="bytes_of_mail_once"
            ),
        ),
        guard_but(Emptied("mail_rawmail", "raw", "let_go_at", same=("id", "sha256", "is_cut"))),
    ]
