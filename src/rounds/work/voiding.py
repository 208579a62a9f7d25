"""Voiding: a stint or a part that was recorded by mistake is taken back, with the reason; the row itself stays."""

from datetime import datetime

from django.db import transaction

from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work.models import Part, Stint, Void


def may_void(user: User, row: Stint | Part, at: datetime) -> bool:
    """Whoever does the work may take it back on the day on which it was recorded; the bookkeeper at any time."""
    if user.is_bookkeeper:
        return True
    return user.is_technician and local_day(row.recorded_at) == local_day(at)


@transaction.atomic
def void(row: Stint | Part, *, why: str, by: User | None, at: datetime) -> Void:
    """Take a stint or part back: what it drew is given back, and what it cost is charged back. Twice keeps the first.

    Refused: no reason, a moment before it was recorded, and a later approval of what is void (`answering.approve`).
    """
    if not why.strip():
        raise Refused("say why: the reason is kept, and the client may ask for it")
    if at <= row.recorded_at:
        raise Refused("it was not recorded yet at that moment")
    about = {"stint": row} if isinstance(row, Stint) else {"part": row}
    kept, _is_new = Void.objects.get_or_create(**about, defaults={"why": why.strip()[:300], "by": by, "at": at})
    return kept
