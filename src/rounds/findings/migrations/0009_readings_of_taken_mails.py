from django.db import migrations

FORWARDS = """
UPDATE findings_taken SET reading_id = (SELECT id FROM mail_reading WHERE mail_reading.mail_id = findings_taken.mail_id)
WHERE mail_id IS NOT NULL
"""
BACKWARDS = """
UPDATE findings_taken SET mail_id = (SELECT mail_id FROM mail_reading WHERE mail_reading.id = findings_taken.reading_id)
WHERE reading_id IS NOT NULL
"""


class Migration(migrations.Migration):
    """A mail that was taken had one reading."""

    dependencies = [("findings", "0008_taken_readings")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
