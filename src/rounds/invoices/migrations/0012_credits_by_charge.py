"""Tells charges and blocks what credit notes of before took of them, as voids must know of it.

A credit of an amount did not say of which lines it was; on the invoice of a block all of it is the block's.
"""

from django.db import migrations

LINES = """
INSERT INTO charges_forgone (client_id, charge_id, block_id, amount, is_lost, cause, "on")
SELECT n.client_id, l.charge_id, NULL, c.amount, FALSE, 'credit:' || n.id, n."on"
FROM invoices_creditline c
JOIN invoices_creditnote n ON n.id = c.note_id
JOIN invoices_invoiceline l ON l.id = c.line_id
JOIN charges_charge h ON h.id = l.charge_id
WHERE h.rated_id IS NOT NULL
ORDER BY c.id
"""
BLOCKS = """
INSERT INTO charges_forgone (client_id, charge_id, block_id, amount, is_lost, cause, "on")
SELECT n.client_id, NULL, b.id, n.amount - n.tax, FALSE, 'credit:' || n.id, n."on"
FROM invoices_creditnote n
JOIN invoices_invoice i ON i.id = n.invoice_id
JOIN charges_closing c ON c.id = i.closing_id
JOIN charges_block b ON b.purchase_id = c.purchase_id
WHERE n.amount <> n.tax
ORDER BY n.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0011_given_back_by_credits"),
        ("invoices", "0011_interest_on_reminders"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (LINES, BLOCKS)]
