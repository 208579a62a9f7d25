"""Writes the books as a beancount file that bean-check accepts.

Beancount knows five roots, and wants every part of an account to begin with a capital or a digit: `assets:bank` is
Assets:Bank; hours held are an asset in seconds, and where they come from and go to is equity.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from rounds.core.books import HOURS, Entry
from rounds.core.money import show_amount
from rounds.core.oneline import one_line

ROOTS = {
    "assets": "Assets",
    "liabilities": "Liabilities",
    "income": "Income",
    "expenses": "Expenses",
    "equity": "Equity",
    "holdings": "Assets:Holdings",
    "hours": "Equity:Hours",
}
_STRANGE = re.compile(r"[^A-Za-z0-9]")


def beancount_lines(
    entries: Iterable[Entry], accounts: Iterable[str], commodities: Iterable[str], begins: date
) -> Iterator[str]:
    """Give a file line by line: accounts are opened on the day on which the books begin, entries follow."""
    for commodity in commodities:
        if commodity != HOURS:
            yield f'option "operating_currency" "{commodity}"'
        yield f"{begins.isoformat()} commodity {commodity}"
    for name in sorted({beancount_account(account) for account in accounts}):
        yield f"{begins.isoformat()} open {name}"
    yield ""
    for entry in entries:
        yield f'{entry.on.isoformat()} * "{_text(entry.who)}" "{_text(entry.what)}"'
        yield f'  cause: "{_text(entry.key)}"'
        for posting in entry.postings:
            number = str(posting.amount) if posting.commodity == HOURS else show_amount(posting.amount)
            yield f"  {beancount_account(posting.account):<56}  {number:>14} {posting.commodity}"
        yield ""


def beancount_account(account: str) -> str:
    """The account's name as beancount writes it; signs that it does not know are spelt as -x and their number."""
    root, *parts = account.split(":")
    named = ROOTS.get(root, f"Equity:{_part(root)}")
    return ":".join([named, *(_part(part) for part in parts)]) if parts else f"{named}:All"


def _part(part: str) -> str:
    spelt = _STRANGE.sub(lambda sign: f"-x{ord(sign[0]):x}", part)
    return spelt[0].upper() + spelt[1:] if spelt[:1].isalnum() else f"X{spelt}"


def _text(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
