from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_what_they_are_about(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Open findings of alert mail were about a source; now each is about one of the things that the source reports."""
    findings, readings = apps.get_model("findings", "Finding"), apps.get_model("mail", "Reading")
    for finding in findings.objects.filter(rule="alert-mail", closed_at=None):
        reading = readings.objects.filter(mail=finding.evidence.get("mail")).first()
        if reading is not None and reading.about:
            findings.objects.filter(pk=finding.pk).update(subject=f"{finding.subject}: {reading.about}"[:200])


class Migration(migrations.Migration):
    dependencies = [("findings", "0003_telling"), ("mail", "0004_mail_append_only")]
    operations = [migrations.RunPython(name_what_they_are_about, migrations.RunPython.noop)]
