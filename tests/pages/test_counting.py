"""Counts are told as people say them."""

import pytest

from rounds.pages.counting import counted


@pytest.mark.parametrize(
    ("count", "nouns", "told"),
    [
        (0, "mails", "0 mails"),
        (1, "mails", "1 mail"),
        (2000, "machines", "2,000 machines"),
        (1, "machines", "1 machine"),
        (1, "invoices", "1 invoice"),
        (1, "entries", "1 entry"),
        (1, "watches", "1 watch"),
    ],
)
def test_of_one_thing_the_noun_is_in_the_singular(count: int, nouns: str, told: str) -> None:
    assert counted(count, nouns) == told
