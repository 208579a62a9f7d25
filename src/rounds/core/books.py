"""Double entry in money and hours: entries that balance, what they add up to, and how old the receivables are.

billing-rules.md, "The books behind it". Amounts are whole cents of one commodity of money, hours whole seconds of the
commodity SEC; a positive posting is a debit. `entries` turns what the rules say into entries.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rounds.core.settling import Receivable
from rounds.core.taxing import PLAIN

HOURS = "SEC"
TAX = "liabilities:tax"
OVERDUE_DAYS = (30, 60, 90)


class Unbalanced(ValueError):
    """An entry whose postings do not add up to nothing, commodity by commodity: a mistake of the program."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Cents or seconds onto (+, debit) or off (-, credit) an account; its name has parts divided by colons."""

    account: str
    amount: int
    commodity: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the books; `key` names its cause, so that it is booked once.

    `client` is the number by which the books know whose it is, `who` his name for people: both are empty where it is
    the shop's own, or where nobody asks.
    """

    key: str
    on: date
    what: str
    postings: tuple[Posting, ...]
    client: str = ""
    who: str = ""

    def __post_init__(self) -> None:
        if not self.postings:
            raise Unbalanced(f"{self.what}: no postings")
        for commodity, off_by in sums(self.postings).items():
            if off_by:
                raise Unbalanced(f"{self.what}: off by {off_by} {commodity}")


def sums(postings: Iterable[Posting]) -> dict[str, int]:
    """Add postings up, commodity by commodity."""
    totals: dict[str, int] = {}
    for posting in postings:
        totals[posting.commodity] = totals.get(posting.commodity, 0) + posting.amount
    return totals


def make_entry(key: str, on: date, what: str, postings: Iterable[Posting]) -> Entry | None:
    """Make an entry with one posting for each account and commodity; None where nothing moves."""
    totals: dict[tuple[str, str], int] = {}
    for posting in postings:
        place = (posting.account, posting.commodity)
        totals[place] = totals.get(place, 0) + posting.amount
    moved = tuple(Posting(account, amount, unit) for (account, unit), amount in totals.items() if amount)
    return Entry(key, on, what, moved) if moved else None


def move(amount: int, *, debit: str, credit: str, commodity: str) -> Iterator[Posting]:
    """Post an amount from one account to another; a negative amount goes the other way."""
    yield Posting(debit, amount, commodity)
    yield Posting(credit, -amount, commodity)


@dataclass(frozen=True, slots=True)
class Chart:
    """The names of one client's accounts, and of the shop's; `client` is the key by which the books know the client."""

    client: str
    money: str = "USD"

    def __post_init__(self) -> None:
        if not self.client or any(sign in self.client for sign in ":;\n\r\t") or "  " in self.client:
            raise ValueError(f"“{self.client}” cannot be part of an account's name")

    @property
    def receivable(self) -> str:
        """What the client owes on invoices."""
        return f"assets:receivable:{self.client}"

    @property
    def unbilled(self) -> str:
        """What the client will be billed for on the next first of the month."""
        return f"assets:unbilled:{self.client}"

    @property
    def bank(self) -> str:
        """Where payments arrive."""
        return "assets:bank"

    @property
    def retainer(self) -> str:
        """The client's money on the retainer."""
        return f"liabilities:retainer:{self.client}"

    @property
    def asked(self) -> str:
        """Retainer money that invoices ask for and that has not arrived."""
        return f"liabilities:asked:{self.client}"

    @property
    def credit(self) -> str:
        """What the client has paid too much."""
        return f"liabilities:credit:{self.client}"

    def tax(self, code: str) -> str:
        """Tax that invoices charged by a code, and the shop has to pay on; a shop with one tax has all of it in one."""
        return TAX if code == PLAIN else f"{TAX}:{code}"

    @property
    def bad_debt(self) -> str:
        """What was written off of invoices."""
        return "expenses:bad-debt"

    @property
    def opening(self) -> str:
        """Where the money comes from that stood in the old books; hours come from `hours:opening`."""
        return f"equity:opening:{self.client}"

    def deferred(self, kind: str) -> str:
        """A fee or monitoring that was billed in advance and is not earned yet."""
        return f"liabilities:deferred:{kind}:{self.client}"

    def deferred_hours(self, block: object) -> str:
        """What a block was sold for and has not been earned."""
        return f"liabilities:deferred:hours:{self.client}:{block}"

    def holding(self, block: object) -> str:
        """The seconds that the client may still use of a block."""
        return f"holdings:hours:{self.client}:{block}"

    def hours(self, fate: str) -> str:
        """Where a client's seconds come from (issued, or opening: the old books) and go to: used, lapsed, refunded."""
        return f"hours:{fate}:{self.client}"

    def income(self, kind: str) -> str:
        """Revenue of a kind; `credited` is what credit notes took back of it."""
        return f"income:{kind}"


def balances(entries: Iterable[Entry], on: date | None = None) -> dict[tuple[str, str], int]:
    """Add up every account in every commodity, through a day; what adds up to nothing is left out."""
    totals: dict[tuple[str, str], int] = {}
    for entry in entries:
        if on is None or entry.on <= on:
            for posting in entry.postings:
                place = (posting.account, posting.commodity)
                totals[place] = totals.get(place, 0) + posting.amount
    return {place: total for place, total in sorted(totals.items()) if total}


def balance(totals: Mapping[tuple[str, str], int], account: str, commodity: str) -> int:
    """Add up an account and everything below it."""
    return sum(
        total
        for (name, unit), total in totals.items()
        if unit == commodity and (name == account or name.startswith(f"{account}:"))
    )


@dataclass(frozen=True, slots=True)
class Ageing:
    """Open cents by how late they are on a day."""

    not_due: int
    to_30: int
    to_60: int
    to_90: int
    over_90: int

    @property
    def total(self) -> int:
        """Everything open."""
        return self.not_due + self.to_30 + self.to_60 + self.to_90 + self.over_90


def ageing(invoices: Iterable[Receivable], on: date) -> Ageing:
    """Sort what is open by days past the due day: none, 1 to 30, 31 to 60, 61 to 90, more."""
    open_cents = [0] * 5
    for invoice in invoices:
        late = (on - invoice.due).days
        open_cents[(late > 0) + sum(late > days for days in OVERDUE_DAYS)] += invoice.open
    return Ageing(*open_cents)
