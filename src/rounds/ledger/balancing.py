"""What the books add up to, through any day or between two: from the totals of months, and the days at their edges."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet, Subquery, Sum, Value

from rounds.core import books
from rounds.core.days import add_months
from rounds.ledger.models import Entry, MonthTotal, Posting

type Balances = dict[tuple[str, str], int]


def balances(on: date | None = None, below: str = "") -> Balances:
    """Add up every account in every commodity, through a day; `below` narrows it to accounts with that beginning."""
    return movements(None, on, below)


def movements(first: date | None, last: date | None, below: str = "") -> Balances:
    """Add up what moved on every account from one day through another (None: from the beginning, to the end).

    Whole months come from their totals; entries of the months at the edges, and those that are not sealed yet, one by
    one; all in one question to the database, so that nothing is missed or counted twice while somebody seals.
    """
    begins = None if first is None else first if first.day == 1 else add_months(first.replace(day=1), 1)
    ends = None if last is None else (last + timedelta(days=1)).replace(day=1)  # the first day after the whole months
    in_months = _between("month", begins, ends)
    if begins is not None and ends is not None and begins >= ends:
        parts = [_each(_on_days(first, last), below)]
    else:
        unsealed = _between("entry__on", begins, ends) & Q(entry__unsealed__isnull=False)
        parts = [_sums(MonthTotal.objects.filter(in_months), below), _each(unsealed, below)]
        if first is not None and begins is not None and first < begins:
            parts.append(_each(_on_days(first, begins - timedelta(days=1)), below))
        if last is not None and ends is not None and ends <= last:
            parts.append(_each(_on_days(ends, last), below))
    found: Balances = {}
    for account, commodity, total in parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]:
        place = (account, commodity)
        found[place] = found.get(place, 0) + int(total)  # PostgreSQL adds bigints up to a decimal
    return {place: total for place, total in sorted(found.items()) if total}


def _sums(rows: QuerySet[MonthTotal], below: str) -> QuerySet[Any, Any]:
    """The sums of totals, account by account."""
    narrowed = rows.filter(account__startswith=below) if below else rows
    return narrowed.order_by().values_list("account", "commodity").annotate(total=Sum("amount"))


def _each(which: Q, below: str) -> QuerySet[Any, Any]:
    """Postings one by one: grouped here, SQLite would read them all in the order of accounts to find a few."""
    rows = Posting.objects.filter(which)
    narrowed = rows.filter(account__startswith=below) if below else rows
    return narrowed.order_by().values_list("account", "commodity", "amount")


def _between(field: str, begins: date | None, ends: date | None) -> Q:
    """From a day on, and before another."""
    found = Q()
    if begins is not None:
        found &= Q(**{f"{field}__gte": begins})
    return found if ends is None else found & Q(**{f"{field}__lt": ends})


def _on_days(first: date | None, last: date | None) -> Q:
    """Postings from a day through another.

    That they lie between the first and the last entry of these days follows, but PostgreSQL does not know it: it would
    read all postings to find those of a month, whose entries were mostly booked one after the other. (And without the
    added nothing it would look for the first by walking along the keys, from the first entry of all.)
    """
    days = _between("on", first, None if last is None else last + timedelta(days=1))
    key = F("pk") + 0
    ends = Entry.objects.filter(days).order_by().values(all=Value(1)).annotate(first=Min(key), last=Max(key))
    among = Q(entry__gte=Subquery(ends.values("first")), entry__lte=Subquery(ends.values("last")))
    return among & _between("entry__on", first, None if last is None else last + timedelta(days=1))


def entry_value(row: Entry, who: str = "") -> books.Entry:
    """An entry as the value that it was kept from; made again, it checks again that it balances."""
    postings = tuple(books.Posting(one.account, one.amount, one.commodity) for one in row.postings.all())
    return books.Entry(row.cause, row.on, row.what, postings, str(row.client_id or ""), who)


def entry_values(rows: QuerySet[Entry]) -> list[tuple[int, datetime, books.Entry]]:
    """Many entries as values, each with its key and when it was booked, in two questions and without rows."""
    found = list(rows.values_list("pk", "booked_at", "cause", "on", "what", "client_id"))
    postings: dict[int, list[books.Posting]] = {}
    moved = Posting.objects.filter(entry__in=[key for key, *_ in found]).order_by("pk")
    for key, account, amount, commodity in moved.values_list("entry_id", "account", "amount", "commodity"):
        postings.setdefault(key, []).append(books.Posting(account, amount, commodity))
    return [
        (key, booked_at, books.Entry(cause, on, what, tuple(postings.get(key, ())), str(client or "")))
        for key, booked_at, cause, on, what, client in found
    ]
