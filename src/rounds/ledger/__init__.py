"""The books: append-only double entry of money and of prepaid hours."""
