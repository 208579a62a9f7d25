"""Decides whether somebody is told of a finding now: what is known of it and the moment in; why not, or nothing, out.

The state is never held back, only the message: what is held stays open on every page with the reason beside it. A
reason that passes lets the message out, if the finding is still open then: what began inside a maintenance window and
still holds is told at its end, what is over by then is not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SETTLING = timedelta(minutes=2)  # a finding of one machine waits, for a common cause to speak first


class Hold(StrEnum):
    """Why nobody is told now."""

    NEW = "new"
    COMMON_CAUSE = "common-cause"
    WINDOW = "window"
    MUTED = "muted"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    FLAPPING = "flapping"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an open finding that bears on telling it.

    `window_until` and `muted_until` are None where the end is not known. `has_common_cause`: something wider explains
    it (its site is offline, or we are deaf); `may_have_common_cause`: something wider may yet be found to.
    """

    opened_at: datetime
    has_common_cause: bool = False
    may_have_common_cause: bool = False
    is_in_window: bool = False
    window_until: datetime | None = None
    is_muted: bool = False
    muted_until: datetime | None = None
    snoozed_until: datetime | None = None
    is_acknowledged: bool = False
    is_flapping: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Why a finding is not told, and until when at the least, where that is known."""

    why: Hold
    until: datetime | None = None


def hold(situation: Situation, at: datetime) -> Held | None:
    """Say why nobody is told of a finding at a moment; None: somebody should be."""
    said = situation
    is_muted = said.is_muted and (said.muted_until is None or at < said.muted_until)
    is_snoozed = said.snoozed_until is not None and at < said.snoozed_until
    is_new = said.may_have_common_cause and at - said.opened_at < SETTLING
    reasons = (
        (said.has_common_cause, Held(Hold.COMMON_CAUSE)),
        (is_muted, Held(Hold.MUTED, said.muted_until)),
        (said.is_in_window, Held(Hold.WINDOW, said.window_until)),
        (said.is_acknowledged, Held(Hold.ACKNOWLEDGED)),
        (is_snoozed, Held(Hold.SNOOZED, said.snoozed_until)),
        (said.is_flapping, Held(Hold.FLAPPING)),
        (is_new, Held(Hold.NEW, said.opened_at + SETTLING)),
    )
    return next((held for holds, held in reasons if holds), None)
