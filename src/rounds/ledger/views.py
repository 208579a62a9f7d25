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
from rounds.core.chart import client_number, folded
from rounds.ledger.balancing import Balances, balances
from rounds.ledger.earning import causes_of
from rounds.ledger.models import Entry, Posting, Proof
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
        "proof": Proof.objects.first(),
        "wrong": f"“{asked}” is not a day; write it like {today}" if asked and on is None else "",
    }
    return render(request, "ledger/books.html", reply, status=422 if reply["wrong"] else 200)


@bookkeeper
def account(request: SignedIn, account: str) -> HttpResponseBase:
    """One account and, unless it is asked for alone, everything below it; the entries that moved it."""
    is_alone = request.GET.get("alone") == "1"
    below = Q(account=account) if is_alone else Q(account=account) | Q(account__startswith=f"{account}:")
    postings = Posting.objects.filter(below).select_related("entry__client")
    commodity = postings.values_list("commodity", flat=True).first()
    if commodity is None:
        raise Http404("nothing has been booked on such an account")
    asked = _asked(request)
    postings = postings.filter(asked.of_entries("entry__"))
    sorts = {"day": ("-entry__on", "-entry_id"), "amount": ("-amount",)}
    listing = Listing(request, postings, sorts=sorts, noun="postings")
    if listing.is_csv:
        return as_csv(listing, account.replace(":", "-"), _columns())
    total = postings.aggregate(sum=Sum("amount"))["sum"] or 0
    parts = [] if asked.narrows or is_alone else _parts(account, asked.through)
    reply = {
        "account": account,
        "asked": asked,
        "is_alone": is_alone,
        "is_hours": commodity == HOURS,
        "total": Row(account, total),
        "parts": parts if len(parts) > 1 else [],
        "client": Client.objects.filter(pk=client_number(account) or 0).first(),
        "listing": listing,
        "rows": _with_balance(listing, total) if listing.sort == "day" else [(one, None) for one in listing.rows],
    }
    return render(request, "ledger/account.html", reply)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries of an account or of the journal are asked for, by the address."""

    first: date | None
    through: date | None
    client: Client | None
    who: str

    @property
    def narrows(self) -> bool:
        """Is it less than everything through a day?"""
        return bool(self.first or self.client or self.who)

    def of_entries(self, prefix: str = "") -> Q:
        """The question as a filter."""
        found = Q()
        if self.first:
            found &= Q(**{f"{prefix}on__gte": self.first})
        if self.through:
            found &= Q(**{f"{prefix}on__lte": self.through})
        if self.client:
            found &= Q(**{f"{prefix}client": self.client})
        return found & Q(**{f"{prefix}cause__in": causes_of(int(self.who))}) if self.who else found


def _asked(request: SignedIn) -> Asked:
    """Read `from`, `to` (or `on`), `client` and `who` (a technician's number)."""
    through = _day(request.GET.get("to", "") or request.GET.get("on", ""))
    client, who = request.GET.get("client", ""), request.GET.get("who", "")
    return Asked(
        _day(request.GET.get("from", "")),
        through,
        Client.objects.filter(pk=client).first() if client.isdecimal() and len(client) < 10 else None,
        who if who.isdecimal() and len(who) < 10 else "",
    )


def _parts(account: str, on: date | None) -> list[Row]:
    """The accounts one step below, the largest first, with the names of their clients."""
    totals: dict[str, int] = {}
    depth = account.count(":") + 2
    for (name, _commodity), total in balances(on, below=f"{account}:").items():
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
    asked, text = _asked(request), request.GET.get("q", "")
    rows = Entry.objects.select_related("client").prefetch_related("postings").filter(asked.of_entries())
    if text.strip():
        rows = rows.filter(Q(what__icontains=text.strip()) | Q(client__name__icontains=text.strip()))
    listing = Listing(request, rows, sorts={"day": ("-on", "-pk"), "what": ("what",)}, noun="entries")
    if listing.is_csv:
        return _journal_csv(request, rows)
    reply = {"listing": listing, "q": text, "asked": asked, "hours": HOURS}
    return render(request, "ledger/journal.html", reply)


def _journal_csv(request: SignedIn, rows: QuerySet[Entry]) -> HttpResponseBase:
    """The journal's postings as CSV, one a line."""
    postings = Posting.objects.filter(entry__in=rows.order_by()).select_related("entry__client")
    listing = Listing(request, postings, sorts={"day": ("entry__on", "entry_id")})
    return as_csv(listing, "journal", _columns())


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None
