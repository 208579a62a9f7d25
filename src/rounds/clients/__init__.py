"""Clients, their sites, contacts and machines, and the agreements under which the shop works for them."""
