"""Seals entries: puts them into the chain, in one order without a gap, and adds them to the totals of their months.

Posting only leaves an entry as `Unsealed`, so many can post at once without waiting for each other. Whoever seals holds
the one row of `Chain` for his transaction: there may be many sealers, and they take turns.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from rounds.core import books, chain
from rounds.ledger.balancing import entry_values
from rounds.ledger.models import Chain, Entry, MonthTotal, Seal, Unsealed
from rounds.rows.inserting import insert

AT_ONCE = 500  # entries in one transaction
type Place = tuple[str, str, date]
type Booked = tuple[int, datetime, books.Entry]  # its key, and when it was booked


def pull() -> int:
    """Seal every entry that is not sealed yet, in the order booked; says how many."""
    count = 0
    while sealed := _seal_some():
        count += sealed
    return count


def _seal_some() -> int:
    if not Unsealed.objects.exists():
        return 0
    Chain.objects.get_or_create(pk=1, defaults={"last": chain.FIRST})
    with transaction.atomic():
        Chain.objects.filter(pk=1).update(length=F("length"))  # others wait
        head = Chain.objects.get(pk=1)
        entries = entry_values(Entry.objects.filter(unsealed__isnull=False).order_by("pk")[:AT_ONCE])

        seals, last = _seals(entries, head)

        insert(seals)
        _add_to_months(entries)
        Unsealed.objects.filter(entry__in=[key for key, *_ in entries]).delete()
        Chain.objects.filter(pk=1).update(length=head.length + len(seals), last=last)
    return len(seals)


def _seals(entries: Sequence[Booked], head: Chain) -> tuple[list[Seal], str]:
    seals, last = [], head.last
    for place, (key, booked_at, entry) in enumerate(entries, start=head.length + 1):
        last = chain.seal(last, entry, booked_at)
        seals.append(Seal(pk=place, entry_id=key, hash=last))
    return seals, last


def _add_to_months(entries: Sequence[Booked]) -> None:
    """Add entries to the totals of their months; what adds up to nothing stays as a row of nothing."""
    added: Counter[Place] = Counter()
    for _key, _booked_at, entry in entries:
        for posting in entry.postings:
            added[posting.account, posting.commodity, entry.on.replace(day=1)] += posting.amount
    accounts, months = {place[0] for place in added}, {place[2] for place in added}
    kept = MonthTotal.objects.filter(account__in=accounts, month__in=months)
    before = {(row.account, row.commodity, row.month): row.amount for row in kept}
    MonthTotal.objects.bulk_create(
        (
            MonthTotal(account=account, commodity=commodity, month=month, amount=before.get(place, 0) + amount)
            for place, amount in sorted(added.items())
            for account, commodity, month in [place]
        ),
        update_conflicts=True, unique_fields=["account", "commodity", "month"], update_fields=["amount"],
    )  # fmt: skip
