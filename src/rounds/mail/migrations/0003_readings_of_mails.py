from hashlib import sha256

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from rounds.core.alerts import topic


def carry_over(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What was in the columns of a mail becomes rows: its bytes, and what was understood of it or that it waits."""
    mails, raws, readings, waiting = (
        apps.get_model("mail", name) for name in ("AlertMail", "RawMail", "Reading", "Waiting")
    )
    for mail in mails.objects.select_related("source").order_by("pk").iterator(chunk_size=20):
        raw = bytes(mail.raw)
        kept, _ = raws.objects.get_or_create(sha256=sha256(raw).hexdigest(), defaults={"raw": raw})
        mails.objects.filter(pk=mail.pk).update(raw_mail=kept, trust_why="it came to the source's own address")
        if mail.result == "unknown":
            waiting.objects.create(mail=mail, waits_for="rule", why=mail.why)
            continue
        source = mail.source
        readings.objects.create(
            mail=mail, client_id=source.client_id, machine_id=source.machine_id, result=mail.result,
            severity="trouble" if mail.result == "failure" else "",
            about=topic(mail.subject, source.failure_words, source.success_words),
            rule="" if mail.read_by_id else "words", why=mail.why, at=mail.received_at, by_id=mail.read_by_id,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_mail_kept_once")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
