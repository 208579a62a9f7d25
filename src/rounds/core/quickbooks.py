"""Writes the books' money as a QuickBooks IIF file: accounts, customers, and one GENERAL JOURNAL transaction an entry.

IIF is Intuit's tab-divided import format (its "IIF import kit", chapter "Transactions (TRNS and SPL)"): a line TRNS,
its SPL lines, then ENDTRNS; TRNSTYPE, ACCNT and AMOUNT are required, a debit is positive, days are MM/DD/YY, and all
amounts of a transaction add up to nothing. It has no quoting, so that no field may hold a tab, a line end or a quote.
"""

from collections.abc import Iterable, Iterator

from rounds.core.books import HOURS, Entry
from rounds.core.chart import account_of, folded
from rounds.core.money import show_amount
from rounds.core.oneline import one_line

FIELDS = ("TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "MEMO")
NAME_LENGTH = 41  # QuickBooks' longest name of a customer


def iif_lines(entries: Iterable[Entry], accounts: Iterable[str], clients: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give a file line by line. `clients` are numbers and names; entries that move hours alone are left out."""
    yield _line("!ACCNT", "NAME", "ACCNTTYPE", "DESC")
    for name in sorted({folded(account) for account in accounts}):
        account = account_of(name)
        if account.iif:
            yield _line("ACCNT", account.title, account.iif, account.holds)
    yield _line("!CUST", "NAME")
    names = _customers(clients)
    yield from (_line("CUST", name) for name in names.values())
    yield _line("!TRNS", *FIELDS)
    yield _line("!SPL", *FIELDS)
    yield "!ENDTRNS"
    for entry in entries:
        yield from _transaction(entry, names.get(entry.client, ""))


def _transaction(entry: Entry, customer: str) -> Iterator[str]:
    amounts = money_by_account(entry)
    if not amounts:
        return
    memo = f"{entry.what} ({entry.key})"
    for number, (account, amount) in enumerate(amounts.items()):
        title = account_of(account).title
        fields = ("GENERAL JOURNAL", f"{entry.on:%m/%d/%y}", title, customer, show_amount(amount), memo)
        yield _line("SPL" if number else "TRNS", *fields)
    yield "ENDTRNS"


def money_by_account(entry: Entry) -> dict[str, int]:
    """What an entry moves in money, on the shop's accounts, the clients' own folded into them; nothing for hours."""
    amounts: dict[str, int] = {}
    for posting in entry.postings:
        if posting.commodity != HOURS:
            amounts[folded(posting.account)] = amounts.get(folded(posting.account), 0) + posting.amount
    return {account: amount for account, amount in amounts.items() if amount}


def _customers(clients: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A name for each client that is no other's: a colon would make him a job of another, a long one would be cut."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, who in clients:
        name = _cell(who).replace(":", "-")[:NAME_LENGTH].strip() or f"Client {number}"
        if name.lower() in taken:
            name = f"{name[: NAME_LENGTH - len(number) - 1].strip()} {number}"
        taken.add(name.lower())
        names[number] = name
    return names


def _line(*cells: str) -> str:
    return "\t".join(_cell(cell) for cell in cells)


def _cell(text: str) -> str:
    return one_line(text).replace('"', "'")
