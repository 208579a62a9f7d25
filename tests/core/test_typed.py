"""Amounts, hours and days are read as people and spreadsheets write them; what may mean two things is refused."""

from datetime import date

import pytest

from rounds.core.money import Refused
from rounds.core.typed import read_amount, read_day, read_hours


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1,234.50", 1234_50), ("1.234,50", 1234_50), ("$ 12.5", 12_50), ("1'234", 1234_00), ("1.234.567", 1234567_00),
     ("12,5", 12_50), ("USD 7", 7_00), ("0.50", 50), ("", 0)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, cents: int) -> None:
    assert read_amount(text) == cents


def test_hours_and_days_are_read_as_people_write_them() -> None:
    assert [read_hours(text) for text in ("5.5", "5,5", "5:30", "")] == [19_800, 19_800, 19_800, 0]
    same = [read_day(text) for text in ("2026-11-30", "30.11.2026", "11/30/2026", "30/11/2026")]
    assert set(same) == {date(2026, 11, 30)}
    for wrong in ("30.2.2026", "3/4/2026", "soon", "1.1.26"):
        with pytest.raises(Refused):
            read_day(wrong)
