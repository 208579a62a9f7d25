"""What the books say on a day, as tables: all accounts, a client's, hours outstanding by block, what is deferred."""

from datetime import date

from django.urls import reverse

from rounds.charges.models import Block
from rounds.clients.models import Client
from rounds.core.books import HOURS
from rounds.core.chart import ACCOUNTS, account_of, client_number, folded
from rounds.ledger.balancing import Balances, balances
from rounds.ledger.tables import Cell, Column, Table, totals_of

NOTHING = "Nothing has been booked by then."


def entries_address(account: str, on: date) -> str:
    """Where the entries of an account through a day are."""
    return f"{reverse('ledger:account', args=[account])}?on={on}"


def accounts_table(on: date) -> Table:
    """The chart of accounts with balances: a debit is positive."""
    sums: Balances = {}
    for (account, unit), amount in balances(on).items():
        sums[folded(account), unit] = sums.get((folded(account), unit), 0) + amount
    columns = [Column("Account"), Column("Name"), Column("What it holds"), Column("Balance", "money"),
               Column("Hours", "hours")]  # fmt: skip
    rows = []
    for name in sorted({*ACCOUNTS, *(name for name, _ in sums)}):
        known = account_of(name)
        money = sum(amount for (one, unit), amount in sums.items() if one == name and unit != HOURS)
        hours = sums.get((name, HOURS), 0)
        is_used = any(one == name for one, _ in sums)
        rows.append([
            Cell(name, entries_address(name, on) if is_used else ""), Cell(known.title), Cell(known.holds),
            Cell(money if known.iif else None), Cell(None if known.iif else hours),
        ])  # fmt: skip
    return Table("Chart of accounts", columns, rows, NOTHING, totals_of(columns, rows))


def client_table(client: Client, on: date) -> Table:
    """A client's own accounts on a day."""
    columns = [Column("Account"), Column("What it holds"), Column("Balance", "money"), Column("Hours", "hours")]
    rows = [
        [
            Cell(account, entries_address(account, on)), Cell(account_of(folded(account)).holds),
            Cell(amount if unit != HOURS else None), Cell(amount if unit == HOURS else None),
        ]
        for (account, unit), amount in balances(on).items()
        if client_number(account) == client.pk
    ]  # fmt: skip
    return Table(f"Accounts of client {client.pk}", columns, rows, f"Nothing of {client} has been booked by then.")


def hours_table(on: date) -> Table:
    """Prepaid hours outstanding on a day, block by block, with what they are worth: price still deferred."""
    held, worth = balances(on, below="holdings:hours:"), balances(on, below="liabilities:deferred:hours:")
    left = {_block(account): (account, amount) for (account, _), amount in held.items()}
    value = {_block(account): (account, -amount) for (account, _), amount in worth.items()}
    blocks = Block.objects.select_related("client").in_bulk({*left, *value})
    columns = [Column("Client"), Column("Bought", "day"), Column("Lapses", "day"), Column("Hours bought", "hours"),
               Column("Hours left", "hours"), Column("Still deferred", "money")]  # fmt: skip
    rows = []
    for key, block in sorted(blocks.items(), key=lambda item: (item[1].client.name, item[1].bought_on, item[0])):
        hours_account, hours = left.get(key, ("", 0))
        money_account, cents = value.get(key, ("", 0))
        rows.append([
            Cell(block.client.name, reverse("ledger:client", args=[block.client_id])), Cell(block.bought_on),
            Cell(block.lapses_on), Cell(block.seconds),
            Cell(hours, entries_address(hours_account, on) if hours_account else ""),
            Cell(cents, entries_address(money_account, on) if money_account else ""),
        ])  # fmt: skip
    return Table("Hours outstanding", columns, rows, "No client held prepaid hours then.", totals_of(columns, rows))


def deferred_table(on: date) -> Table:
    """Fees and monitoring billed for days to come, and clients' money held, client by client."""
    found: Balances = {}
    for root in ("liabilities:deferred:fee:", "liabilities:deferred:monitoring:", "liabilities:retainer:"):
        found |= balances(on, below=root)
    names = dict(Client.objects.values_list("pk", "name"))
    columns = [Column("Client"), Column("What"), Column("Amount", "money")]
    rows = [
        [
            Cell(names.get(client_number(account) or 0, account)), Cell(account_of(folded(account)).title),
            Cell(-amount, entries_address(account, on)),
        ]
        for (account, _), amount in found.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (str(row[0].value), str(row[1].value)))
    empty = "No fee was deferred, and no retainer held, then."
    return Table("Fees and retainers", columns, rows, empty, totals_of(columns, rows))


def _block(account: str) -> int:
    return int(account.rpartition(":")[2])
