"""Other people's accounting programs as judges of what we export: what they accept, and what they add up to."""

import subprocess
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core import data

from rounds.core.beancount import beancount_account
from rounds.core.books import HOURS
from rounds.ledger.balancing import Balances

type Printed = dict[tuple[str, str], Decimal]


def as_printed(sums: Balances) -> Printed:
    """Our balances as others print them: money as amounts, hours as seconds."""
    return {place: Decimal(sum_) if place[1] == HOURS else Decimal(sum_) / 100 for place, sum_ in sums.items()}


def as_beancount(sums: Balances) -> Printed:
    """The same by beancount's names of accounts."""
    return {(beancount_account(account), unit): sum_ for (account, unit), sum_ in as_printed(sums).items()}


def printed_by_hledger(file: Path) -> Printed:
    """Checked as strictly as hledger can, then what it adds up to."""
    subprocess.run(["hledger", "-f", str(file), "check", "--strict"], check=True)
    command = ["hledger", "-f", str(file), "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    rows = [[cell.strip('"') for cell in line.split(",")] for line in lines]
    return {(account, commodity): Decimal(amount) for account, commodity, amount in rows if Decimal(amount)}


def printed_by_ledger(file: Path) -> Printed:
    """Checked strictly and pedantically, then what ledger adds up to."""
    found: Printed = {}
    for commodity in ("USD", HOURS):
        command = [
            "ledger", "--strict", "--pedantic", "-f", str(file), "balance", "--flat", "--no-total",
            "--limit", f"commodity == '{commodity}'", "--format", "%(account)\t%(quantity(scrub(amount)))\n",
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert not done.stderr, done.stderr
        for line in done.stdout.splitlines():
            account, amount = line.split("\t")
            if Decimal(amount):
                found[account, commodity] = Decimal(amount)
    return found


def printed_by_beancount(file: Path) -> Printed:
    """Loaded and validated as bean-check does it, then what it adds up to."""
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    found: Printed = {}
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                units = posting.units
                assert units is not None
                assert units.number is not None
                place = (posting.account, units.currency)
                found[place] = found.get(place, Decimal(0)) + units.number
    return {place: sum_ for place, sum_ in found.items() if sum_}
