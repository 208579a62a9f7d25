"""Commands about invoices."""
