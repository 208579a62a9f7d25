"""Recomputes the chain and the totals of months from the entries, and names the first entry that is not as it was."""

from collections.abc import Iterator
from itertools import batched

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from rounds.core import chain
from rounds.core.books import Unbalanced
from rounds.core.money import show_amount
from rounds.ledger.balancing import entry_value
from rounds.ledger.models import Chain, Entry, MonthTotal, Posting, Seal
from rounds.ledger.sealing import Place

AT_ONCE = 2000


def faults() -> list[str]:
    """Everything in which entries, chain and totals differ, in words; nothing, if all is well."""
    return [*chain_faults(), *_loose_entries(), *_wrong_months()]


def head() -> tuple[int, str]:
    """How many entries are sealed, and the last seal: written down elsewhere, it proves all of them."""
    row = Chain.objects.filter(pk=1).first()
    return (row.length, row.last) if row else (0, chain.FIRST)


def chain_faults() -> Iterator[str]:
    """Make every seal anew, from the first; the first that comes out otherwise is told, and ends it."""
    length, kept = head()
    place, last = 0, chain.FIRST
    for seals in batched(Seal.objects.filter(pk__lte=length).order_by("pk").iterator(AT_ONCE), AT_ONCE):
        entries = Entry.objects.filter(pk__in=[seal.entry_id for seal in seals]).prefetch_related("postings").in_bulk()
        for seal in seals:
            place += 1
            entry = entries.get(seal.entry_id)
            if seal.pk != place or entry is None:
                yield f"an entry is missing at place {place} of the chain"
                return
            last = _sealed(last, entry)
            if last != seal.hash:
                yield f"entry {entry.pk} ({entry.cause}, {entry}) is not what was sealed at place {place} of the chain"
                return
    if (place, last) != (length, kept):
        yield f"the chain ends at place {place}, and {length} entries have been sealed"


def _sealed(last: str, entry: Entry) -> str:
    try:
        return chain.seal(last, entry_value(entry), entry.booked_at)
    except Unbalanced:
        return "off balance"


def _loose_entries() -> Iterator[str]:
    """Entries that came into the books past the one verb that posts."""
    for entry in Entry.objects.filter(seal=None, unsealed=None).order_by("pk")[:20]:
        yield f"entry {entry.pk} ({entry.cause}, {entry}) was never given to the chain"


def _sums_of_months() -> Iterator[tuple[Place, int]]:
    """What the sealed entries moved on each account in each month, from the postings themselves."""
    sealed = Posting.objects.filter(entry__seal__isnull=False).annotate(month=TruncMonth("entry__on")).order_by()
    sums = sealed.values_list("account", "commodity", "month").annotate(sum=Sum("amount"))
    for account, commodity, month, amount in sums.iterator():
        yield (account, commodity, month), int(amount)


def _wrong_months() -> Iterator[str]:
    kept = {
        (row.account, row.commodity, row.month): row.amount
        for row in MonthTotal.objects.exclude(amount=0).iterator(AT_ONCE)
    }
    for place, amount in _sums_of_months():
        if kept.pop(place, 0) != amount:
            yield _told(place, amount)
    yield from (_told(place, 0) for place in kept)


def _told(place: Place, amount: int) -> str:
    account, commodity, month = place
    shown = show_amount(amount) if commodity != "SEC" else str(amount)
    return f"the total of {account} for {month:%B %Y} is not its entries' {shown} {commodity}; `rounds books rebuild`"


def rebuild() -> int:
    """Make the totals of all months anew from the sealed entries; says how many there are."""
    with transaction.atomic():
        Chain.objects.filter(pk=1).update(length=F("length"))  # nobody seals meanwhile
        MonthTotal.objects.all().delete()
        MonthTotal.objects.bulk_create(
            (
                MonthTotal(account=account, commodity=commodity, month=month, amount=amount)
                for (account, commodity, month), amount in _sums_of_months()
            ),
            batch_size=AT_ONCE,
        )
    return MonthTotal.objects.count()
