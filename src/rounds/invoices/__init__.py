"""Invoices as issued, sent and paid: numbers without gaps, payments, credit notes, statements."""
