"""The client's own pages: his machines in plain words, his hours and invoices, and what waits for his answer."""
