"""Makes the one tax that the shop's prices had a code, "tax", with its rates and kinds of line from the same days on."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_code(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep a rate for each day on which it changed, and the kinds of line that were taxed."""
    del schema_editor
    versions = list(apps.get_model("clients", "ShopTerms").objects.order_by("since"))
    if not any(row.taxable for row in versions):
        return
    code = apps.get_model("clients", "TaxCode").objects.create(name="tax", at=versions[0].recorded_at)
    rate, kinds = "", []
    for row in versions:
        kept = {"since": row.since, "at": row.recorded_at, "by": row.recorded_by}
        if row.tax_rate != rate:
            rates = apps.get_model("clients", "TaxRate").objects
            rates.create(code=code, rate=row.tax_rate, words="Tax", category="S", **kept)
        if row.taxable != kinds:
            choices = apps.get_model("clients", "TaxChoice").objects
            choices.create(codes=dict.fromkeys(row.taxable, "tax"), **kept)
        rate, kinds = row.tax_rate, row.taxable


class Migration(migrations.Migration):
    dependencies = [("clients", "0005_tax_codes")]

    operations = [migrations.RunPython(make_code, migrations.RunPython.noop)]
