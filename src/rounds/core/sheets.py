"""Gives the books as rows of sheets: every posting of the journal, and manual journals as Xero takes them."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rounds.core.books import HOURS, Entry
from rounds.core.chart import account_of
from rounds.core.oneline import one_line
from rounds.core.quickbooks import money_by_account

type Row = Sequence[str | int | Decimal]

NO_TAX = "Tax Exempt"  # tax is a posting of its own, so that none may be added to any line


def posting_rows(entries: Iterable[Entry]) -> Iterator[Row]:
    """Every posting a row, money as an amount, hours as whole seconds."""
    yield "Day", "Entry", "What", "Client number", "Client", "Account", "Amount", "Commodity"
    for entry in entries:
        for posting in entry.postings:
            amount = posting.amount if posting.commodity == HOURS else as_decimal(posting.amount)
            said = (entry.key, one_line(entry.what), entry.client, one_line(entry.who))
            yield entry.on.isoformat(), *said, posting.account, amount, posting.commodity


def xero_rows(entries: Iterable[Entry]) -> Iterator[Row]:
    """Manual journals by Xero's template: rows with one narration and day are one journal; a debit is positive.

    Xero's help, "Import manual journals": days as dd/mm/yyyy, an account's code, the name of a tax rate in each row.
    """
    yield "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"
    for entry in entries:
        narration = f"{one_line(entry.what)} ({entry.key})"
        for name, amount in money_by_account(entry).items():
            account = account_of(name)
            said = f"{account.title}, {one_line(entry.who)}" if entry.who else account.title
            yield narration, f"{entry.on:%d/%m/%Y}", said, account.code, NO_TAX, as_decimal(amount)


def as_decimal(cents: int) -> Decimal:
    """Cents as a number: 123450 is 1234.50."""
    return Decimal(cents).scaleb(-2)
