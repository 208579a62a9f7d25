"""What a daily report says of what is watched from outside."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rounds.core.daily import MISSING, SOON, TROUBLE, WELL, Row
from rounds.core.daily_machines import Look, Wrong
from rounds.core.daily_watches import Looked, watched

UNTIL = datetime(2026, 4, 14, 10, tzinfo=UTC)
LOOK = Look(UNTIL - timedelta(days=1), UNTIL, ZoneInfo("America/New_York"), date(2026, 4, 13))
SEEN: dict[str, Any] = {"is_old": False, "measured_at": UNTIL - timedelta(minutes=1)}
LOW = Wrong("supply-low", "soon", "Printer: Black is at 7 %")
FAILED = Wrong("part-failed", "trouble", "Printer: Drum has failed")


@pytest.mark.parametrize(
    ("looked", "row"),
    [
        (Looked(name="Printer", is_ok=True, shows="Black 43 %", **SEEN), Row(WELL, "Printer", "Black 43 %")),
        (Looked(name="Printer", is_ok=True, wrong=(LOW,), **SEEN), Row(SOON, "Printer", "Black is at 7 %")),
        (
            Looked(name="Printer", is_ok=True, wrong=(LOW, FAILED), **SEEN),
            Row(TROUBLE, "Printer", "Black is at 7 %; Drum has failed"),
        ),
        (Looked(name="Door", is_ok=False, shows="it is off", **SEEN), Row(SOON, "Door", "it is off")),
        (Looked(name="Door"), Row(MISSING, "Door", "missing: nothing has come yet")),
        (Looked(name="Door", is_ok=None, **SEEN), Row(MISSING, "Door", "missing: last seen 05:59")),
        (
            Looked(name="Door", is_ok=True, is_old=True, measured_at=UNTIL - timedelta(hours=20), wrong=(FAILED,)),
            Row(MISSING, "Door", "missing: last seen Mon 10:00"),
        ),
    ],
)  # fmt: skip
def test_a_watch_is_a_row_and_what_was_not_measured_is_missing(looked: Looked, row: Row) -> None:
    assert watched([looked], LOOK).rows == (row,)
