"""Offers: what a client's own past year would have cost under each plan."""
