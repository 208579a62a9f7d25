"""Gives the closings, invoices and credit notes of before their taxes: the one code, at the rate they were issued with.

The guards are down only while lines are told which tax they have, which said no more than whether they had one.
"""

from django.db import migrations

from rounds.people.guards import guard, unguard

TAXES = """
INSERT INTO charges_closingtax (closing_id, position, code, words, category, reason, rate, base, amount)
SELECT c.id, 1, CASE WHEN c.reason = 'opening' THEN 'old-books' ELSE 'tax' END, 'Tax', 'S', '',
       COALESCE(i.tax_rate, (SELECT r.rate FROM clients_taxrate r WHERE r.since <= c."on"
                             ORDER BY r.since DESC, r.id DESC LIMIT 1), '0%'),
       l.base, c.tax
FROM charges_closing c
JOIN (SELECT closing_id, SUM(amount) AS base FROM charges_closingline WHERE is_taxable GROUP BY closing_id) l
  ON l.closing_id = c.id
LEFT JOIN invoices_invoice i ON i.closing_id = c.id
ORDER BY c.id
"""
CLOSING_LINES = """
UPDATE charges_closingline SET tax_id =
    (SELECT t.id FROM charges_closingtax t WHERE t.closing_id = charges_closingline.closing_id)
WHERE is_taxable
"""
INVOICE_LINES = """
UPDATE invoices_invoiceline SET tax_id =
    (SELECT t.id FROM charges_closingtax t JOIN invoices_invoice i ON i.closing_id = t.closing_id
     WHERE i.id = invoices_invoiceline.invoice_id)
WHERE is_taxable
"""
CREDITS = """
INSERT INTO invoices_credittax (note_id, row_id, base, tax)
SELECT n.id, t.id, n.amount - n.asked - n.from_retainer - n.tax - n.untaxed, n.tax
FROM invoices_creditnote n
JOIN invoices_invoice i ON i.id = n.invoice_id
JOIN charges_closingtax t ON t.closing_id = i.closing_id
WHERE n.tax <> 0 OR n.amount - n.asked - n.from_retainer - n.tax - n.untaxed <> 0
ORDER BY n.id
"""
LINES = ("charges_closingline", "invoices_invoiceline")


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0006_tax_of_before"),
        ("charges", "0005_taxes_of_a_closing"),
        ("invoices", "0007_taxes_of_a_credit_note"),
    ]

    operations = [
        unguard(*LINES),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (TAXES, CLOSING_LINES, INVOICE_LINES, CREDITS)),
        guard(*LINES),
    ]
