"""The pages of the books: the trial balance of a day, what each account is made of, the journal, and its export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from rounds.clients.models import Client
from rounds.core.books import HOURS
from rounds.ledger.balancing import Balances, balances, journal
from rounds.ledger.models import Entry, Posting
from rounds.pages.listing import PAGE_SIZE, Listing, as_csv, as_number
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.shop import local_day


@dataclass(frozen=True, slots=True)
class Row:
    """An account, or several folded into one, with its balance: a debit (+) or a credit (-), in cents or seconds."""

    account: str
    balance: int
    title: str = ""

    @property
    def debit(self) -> int | None:
        """The balance, where it is a debit."""
        return self.balance if self.balance > 0 else None

    @property
    def credit(self) -> int | None:
        """The balance, where it is a credit."""
        return -self.balance if self.balance < 0 else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Accounts in one commodity, and what both sides add up to."""

    rows: Sequence[Row]

    @property
    def debit(self) -> int:
        """The sum of the left side."""
        return sum(row.debit or 0 for row in self.rows)

    @property
    def credit(self) -> int:
        """The sum of the right side."""
        return sum(row.credit or 0 for row in self.rows)


def folded(account: str) -> str:
    """An account without the client's number and what is below it: `assets:receivable:12` is `assets:receivable`."""
    parts = account.split(":")
    numbers = [place for place, part in enumerate(parts) if part.isdecimal()]
    return ":".join(parts[: numbers[0]]) if numbers else account


def client_number(account: str) -> int | None:
    """The number of the client whose account it is; None: the shop's own."""
    return next((int(part) for part in account.split(":") if part.isdecimal()), None)


def _folded_sheet(found: Balances, *, is_hours: bool) -> Sheet:
    totals: dict[str, int] = {}
    for (account, commodity), total in found.items():
        if (commodity == HOURS) == is_hours:
            totals[folded(account)] = totals.get(folded(account), 0) + total
    return Sheet([Row(account, total) for account, total in sorted(totals.items()) if total])


@bookkeeper
def trial_balance(request: SignedIn) -> HttpResponse:
    """What every account adds up to at the end of a day; both sides are equal."""
    today = local_day(timezone.now())
    asked = request.GET.get("on", "")
    on = _day(asked)
    found = balances(on if on and on < today else None)
    reply = {
        "money": _folded_sheet(found, is_hours=False),
        "time": _folded_sheet(found, is_hours=True),
        "on": on or today,
        "wrong": f"“{asked}” is not a day; write it like {today}" if asked and on is None else "",
    }
    return render(request, "ledger/books.html", reply, status=422 if reply["wrong"] else 200)


@bookkeeper
def account(request: SignedIn, account: str) -> HttpResponseBase:
    """One account and everything below it: the accounts it is made of, and the entries that moved it."""
    below = Q(account=account) | Q(account__startswith=f"{account}:")
    postings = Posting.objects.filter(below).select_related("entry__client")
    if not postings.exists():
        raise Http404("nothing has been booked on such an account")
    commodity = postings.values_list("commodity", flat=True)[0]
    sorts = {"day": ("-entry__on", "-entry_id"), "amount": ("-amount",)}
    listing = Listing(request, postings, sorts=sorts, noun="postings")
    if listing.is_csv:
        return as_csv(listing, account.replace(":", "-"), _columns())
    total = postings.aggregate(sum=Sum("amount"))["sum"] or 0
    parts = _parts(account)
    reply = {
        "account": account,
        "is_hours": commodity == HOURS,
        "total": Row(account, total),
        "parts": parts if len(parts) > 1 else [],
        "client": Client.objects.filter(pk=client_number(account) or 0).first(),
        "listing": listing,
        "rows": _with_balance(listing, total) if listing.sort == "day" else [(one, None) for one in listing.rows],
    }
    return render(request, "ledger/account.html", reply)


def _parts(account: str) -> list[Row]:
    """The accounts one step below, the largest first, with the names of their clients."""
    totals: dict[str, int] = {}
    depth = account.count(":") + 2
    for (name, _commodity), total in balances(below=f"{account}:").items():
        part = ":".join(name.split(":")[:depth])
        totals[part] = totals.get(part, 0) + total
    numbers = {name: number for name in totals if (number := client_number(name)) is not None}
    names = dict(Client.objects.filter(pk__in=numbers.values()).values_list("pk", "name"))
    rows = (Row(name, total, names.get(numbers.get(name, 0), "")) for name, total in totals.items())
    return sorted(rows, key=lambda row: -abs(row.balance))


def _with_balance(listing: Listing[Posting], total: int) -> list[tuple[Posting, int]]:
    """The page's postings, the newest first, each with the balance after it."""
    before_page = (listing.page - 1) * PAGE_SIZE
    balance = total - sum(listing.all_rows.values_list("amount", flat=True)[:before_page])
    rows = []
    for posting in listing.rows:
        rows.append((posting, balance))
        balance -= posting.amount
    return rows


def _columns() -> dict[str, Callable[[Posting], object]]:
    return {
        "Day": lambda row: row.entry.on.isoformat(),
        "What": lambda row: row.entry.what,
        "Client": lambda row: str(row.entry.client or ""),
        "Account": lambda row: row.account,
        "Amount": lambda row: row.amount if row.commodity == HOURS else as_number(row.amount),
        "Commodity": lambda row: row.commodity,
    }


@bookkeeper
def entries(request: SignedIn) -> HttpResponseBase:
    """The journal: every entry with its postings, by days and clients."""
    first, last, text = _day(request.GET.get("from", "")), _day(request.GET.get("to", "")), request.GET.get("q", "")
    rows = Entry.objects.select_related("client").prefetch_related("postings")
    rows = rows.filter(on__gte=first) if first else rows
    rows = rows.filter(on__lte=last) if last else rows
    if text.strip():
        rows = rows.filter(Q(what__icontains=text.strip()) | Q(client__name__icontains=text.strip()))
    listing = Listing(request, rows, sorts={"day": ("-on", "-pk"), "what": ("what",)}, noun="entries")
    if listing.is_csv:
        return _journal_csv(request, rows)
    reply = {"listing": listing, "q": text, "first": first, "last": last, "hours": HOURS}
    return render(request, "ledger/journal.html", reply)


def _journal_csv(request: SignedIn, rows: QuerySet[Entry]) -> HttpResponseBase:
    """The journal's postings as CSV, one a line."""
    postings = Posting.objects.filter(entry__in=rows.order_by()).select_related("entry__client")
    listing = Listing(request, postings, sorts={"day": ("entry__on", "entry_id")})
    return as_csv(listing, "journal", _columns())


@bookkeeper
def export(_request: SignedIn) -> HttpResponse:
    """The whole books as a journal that hledger and ledger read."""
    reply = HttpResponse(journal(), content_type="text/plain; charset=utf-8")
    reply["Content-Disposition"] = 'attachment; filename="rounds.journal"'
    return reply


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None
