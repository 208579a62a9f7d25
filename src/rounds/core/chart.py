"""The chart of accounts: what each account of the books is called, what it holds, and its kind in other programs.

An account below one of these is a client's share of it: `assets:receivable:12` is what client 12 owes.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the shop: `iif` is its type in a QuickBooks file, `code` its number in a Xero file."""

    title: str
    holds: str
    iif: str
    code: str


ACCOUNTS: Mapping[str, Account] = {
    "assets:bank": Account("Bank", "payments received, less what was given back", "BANK", "601"),
    "assets:receivable": Account("Receivables", "what clients owe on invoices", "AR", "611"),
    "assets:unbilled": Account("Unbilled work", "work and parts that the next first will bill", "OCASSET", "621"),
    "liabilities:retainer": Account("Retainers", "clients' money that pays for coming work", "OCLIAB", "801"),
    "liabilities:asked": Account("Retainers asked for", "invoiced, and not received yet", "OCLIAB", "802"),
    "liabilities:credit": Account("Clients' credit", "what clients paid too much", "OCLIAB", "803"),
    "liabilities:deferred:hours": Account("Deferred hours", "hours sold and not yet used", "OCLIAB", "811"),
    "liabilities:deferred:fee": Account("Deferred fees", "fees billed for days to come", "OCLIAB", "812"),
    "liabilities:deferred:monitoring": Account(
        "Deferred monitoring", "monitoring billed for days to come", "OCLIAB", "813"
    ),
    "liabilities:tax": Account("Tax owed", "tax that invoices charged, to be paid on", "OCLIAB", "821"),
    "income:fee": Account("Fees", "fees of service agreements, as their months pass", "INC", "201"),
    "income:monitoring": Account("Monitoring", "monitoring, as its months pass", "INC", "202"),
    "income:overage": Account("Overage", "covered work beyond the included hours", "INC", "203"),
    "income:labour": Account("Labour", "work by the hour", "INC", "204"),
    "income:part": Account("Parts", "material", "INC", "205"),
    "income:trip": Account("Trips", "trips to visits on site", "INC", "208"),
    "income:hours": Account("Hours used", "prepaid hours, as they are used", "INC", "206"),
    "income:interest": Account("Interest", "interest on late invoices", "INC", "270"),
    "income:breakage": Account("Hours lapsed", "prepaid hours that nobody used in time", "INC", "207"),
    "income:credited": Account("Credited", "what credit notes took back of revenue", "INC", "209"),
    "equity:opening": Account("Opening", "what was brought over from the old books", "EQUITY", "970"),
    "expenses:bad-debt": Account("Bad debts", "invoices that nobody expects to be paid", "EXP", "429"),
    "holdings:hours": Account("Hours held", "prepaid hours that clients may still use", "", ""),
    "hours:opening": Account("Hours brought over", "prepaid hours from the old books", "", ""),
    "hours:issued": Account("Hours issued", "prepaid hours sold, the free ones included", "", ""),
    "hours:used": Account("Hours used up", "prepaid hours drawn by work and monitoring", "", ""),
    "hours:lapsed": Account("Hours lapsed unused", "prepaid hours that lapsed", "", ""),
    "hours:refunded": Account("Hours given back", "prepaid hours refunded", "", ""),
}
_OTHERS: Mapping[str, tuple[str, str]] = {
    "assets": ("OCASSET", "690"),
    "liabilities": ("OCLIAB", "890"),
    "income": ("INC", "290"),
    "equity": ("EQUITY", "990"),
}


def account_of(folded: str) -> Account:
    """An account by its name without a client's number; one that the chart does not name is known by its first part."""
    if folded in ACCOUNTS:
        return ACCOUNTS[folded]
    root, _, rest = folded.partition(":")
    kind, code = _OTHERS.get(root, ("EXP", "490"))
    return Account((rest or root).replace(":", " ").capitalize(), "", kind, code)


def folded(account: str) -> str:
    """An account without the client's number and what is below it: `assets:receivable:12` is `assets:receivable`."""
    for name in _ends(account):
        if name in ACCOUNTS:
            return name
    parts = account.split(":")
    numbers = [place for place, part in enumerate(parts) if part.isdecimal()]
    return ":".join(parts[: numbers[0]]) if numbers else account


def client_number(account: str) -> int | None:
    """The number of the client whose account it is; None: the shop's own."""
    return next((int(part) for part in account.split(":") if part.isdecimal()), None)


def _ends(account: str) -> list[str]:
    """The account, and all that it is part of, the longest first."""
    parts = account.split(":")
    return [":".join(parts[:count]) for count in range(len(parts), 0, -1)]
