"""Reads rows' keys from addresses and forms, which may hold anything."""


def as_key(text: str | None) -> int:
    """A row's key as an address has it; 0, which no row has, for what is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else 0
