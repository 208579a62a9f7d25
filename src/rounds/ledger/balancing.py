"""What the books add up to, on any day; and the books as plain text for other programs."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from rounds.core import books
from rounds.core.journal import render_journal
from rounds.ledger.models import Entry, Posting

type Balances = dict[tuple[str, str], int]


def balances(on: date | None = None, below: str = "") -> Balances:
    """Add up every account in every commodity, through a day; `below` narrows it to accounts with that beginning."""
    postings = Posting.objects.order_by()
    if on is not None:
        postings = postings.filter(entry__on__lte=on)
    if below:
        postings = postings.filter(account__startswith=below)
    sums = postings.values_list("account", "commodity").annotate(total=Sum("amount"))
    return {(account, commodity): total for account, commodity, total in sums if total}


def entry_values(rows: Iterator[Entry]) -> Iterator[books.Entry]:
    """Entries as the values that they were kept from; each checks again that it balances."""
    for row in rows:
        postings = tuple(books.Posting(one.account, one.amount, one.commodity) for one in row.postings.all())
        yield books.Entry(row.cause, row.on, row.what, postings)


def journal() -> str:
    """The whole books as a journal that hledger and ledger read."""
    rows = Entry.objects.prefetch_related("postings").order_by("on", "pk")
    return render_journal(entry_values(rows.iterator(chunk_size=2000)))
