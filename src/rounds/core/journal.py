"""Writes the books as a plain-text journal that hledger and ledger read, with every account and commodity declared."""

from collections.abc import Iterable, Iterator

from rounds.core.books import HOURS, Entry, Posting
from rounds.core.money import show_amount
from rounds.core.oneline import one_line

ACCOUNT_WIDTH = 56


def render_journal(entries: Iterable[Entry]) -> str:
    """Render entries, in the order of their days, as a journal; `hledger check --strict` and `ledger` accept it."""
    ordered = sorted(entries, key=lambda entry: entry.on)
    accounts = sorted({posting.account for entry in ordered for posting in entry.postings})
    commodities = sorted({posting.commodity for entry in ordered for posting in entry.postings})
    return "".join(f"{line}\n" for line in journal_lines(ordered, accounts, commodities))


def journal_lines(entries: Iterable[Entry], accounts: Iterable[str], commodities: Iterable[str]) -> Iterator[str]:
    """Give a journal line by line: entries that come in the order of their days, after the names that they use."""
    for commodity in commodities:
        yield from _declare(commodity)
    yield from (f"account {account}" for account in accounts)
    yield ""
    for entry in entries:
        yield from _render(entry)


def _declare(commodity: str) -> tuple[str, ...]:
    """Declare a commodity: money with two decimals; seconds without a form, as no form without decimals suits both."""
    if commodity == HOURS:
        return (f"commodity {commodity}",)
    return f"commodity {_quoted(commodity)}", f"    format 1000.00 {_quoted(commodity)}"


def _render(entry: Entry) -> Iterator[str]:
    who = f"{_plain(entry.who, '|')} | " if entry.who else ""
    yield f"{entry.on.isoformat()} * ({_plain(entry.key, ')')}) {who}{_plain(entry.what, '|')}"
    yield from (f"    {posting.account:<{ACCOUNT_WIDTH}}  {_amount(posting):>14}" for posting in entry.postings)
    yield ""


def _amount(posting: Posting) -> str:
    number = str(posting.amount) if posting.commodity == HOURS else show_amount(posting.amount)
    return f"{number} {_quoted(posting.commodity)}"


def _quoted(commodity: str) -> str:
    return commodity if commodity.isalpha() else f'"{commodity}"'


def _plain(text: str, sign: str) -> str:
    """Leave out what would end a description or begin a comment: line ends, a semicolon, the sign that divides."""
    return one_line(text.replace(";", ",").replace(sign, "/")) or "-"
