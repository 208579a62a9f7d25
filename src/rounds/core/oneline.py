"""Makes any text one plain line, as formats with a line an entry want it."""


def one_line(text: str) -> str:
    """Put line ends, tabs and what cannot be printed (directions, zero widths, controls) down to single spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
