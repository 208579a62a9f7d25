"""The balance report and the receivables over 1,000,000 postings, beside ledger, hledger and beancount on such books.

    .venv/bin/python benchmarks/balance_report.py [POSTINGS] [sqlite] [postgresql]

Three years of 1,000 clients: work (unbilled), invoices (receivable), payments (bank), fees. Both databases are filled
at the same time, and sealed by the verb; then each report runs in a process of its own, so that its memory is theirs,
and every time is the median of five. hledger and beancount read a tenth of the journal, and their time is multiplied by
ten (it grows in proportion): they would need 3.5 and 1.4 GB, and minutes, for all of it. Beside the time on the clock
stands the processor's time, which says more where the machine has other things to do.
"""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

from shop import ENGINES, database, load, run, start

CLIENTS, DAYS, SHARE = 1_000, 3 * 365, 10
BEGINS = date(2023, 1, 1)
KINDS = {
    "Work": ("assets:unbilled:{}", "income:labour"),
    "Part": ("assets:unbilled:{}", "income:part"),
    "Invoice": ("assets:receivable:{}", "assets:unbilled:{}"),
    "Payment": ("assets:bank", "assets:receivable:{}"),
    "Fee billed": ("assets:receivable:{}", "liabilities:deferred:fee:{}"),
    "Fee earned": ("liabilities:deferred:fee:{}", "income:fee"),
    "Deposit": ("assets:bank", "liabilities:retainer:{}"),
    "Hours sold": ("assets:receivable:{}", "liabilities:deferred:hours:{}:1"),
}
BEANCOUNT = """
import sys
from beancount import loader
from beancount.core import realization
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors
print(realization.compute_balance(realization.realize(entries)))
"""


def main() -> None:
    if sys.argv[1:2] in (["fill"], ["report"]):
        import django  # noqa: PLC0415 - only the processes that measure need it

        django.setup()
        (fill if sys.argv[1] == "fill" else report)(*sys.argv[2:])
        return
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 1_000_000)
    engines = [word for word in sys.argv[1:] if word in ENGINES] or ENGINES
    with ExitStack() as stack:
        homes = {engine: stack.enter_context(database(engine)) for engine in engines}
        for process in [start(homes[engine], "fill", count) for engine in engines]:
            print(process.communicate()[0].decode(), end="", flush=True)
            assert process.returncode == 0
        for engine in engines:
            sys.stdout.write(run(homes[engine], "report"))
            sys.stdout.flush()
        peers(count, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rounds-benchmark-"))))
    print(load())


def entries(count: int) -> Iterator[tuple[int, date, str, int, tuple[str, str], int]]:
    """Entries of two postings: number, day, what, client, accounts, cents; the same ones every time."""
    chance, whole = random.Random(2005), count // 2
    for number in range(1, whole + 1):
        client = chance.randint(1, CLIENTS)
        what = chance.choice(list(KINDS))
        debit, credit = (account.format(client) for account in KINDS[what])
        day = BEGINS + timedelta(days=number * DAYS // (whole + 1))
        yield number, day, what, client, (debit, credit), chance.randint(100, 200_000)


def fill(count: str) -> None:
    """Keep the entries as booking keeps them, then seal them by the verb."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    from rounds.clients.models import Client  # noqa: PLC0415
    from rounds.ledger import sealing  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Client.objects.bulk_create(Client(pk=number, name=f"Client {number}") for number in range(1, CLIENTS + 1))
    for some in batched(entries(int(count)), 20_000):
        with transaction.atomic():
            _keep(some)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sealing.AT_ONCE = 5_000  # nobody else waits
    sealed = sealing.pull()
    print(f"{connection.vendor}: {sealed:,} entries sealed", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as its own housekeeping does within minutes


def _keep(some: tuple[Any, ...]) -> None:
    booked = (
        (number, day, what, f"b:{number}", client, "2026-01-01 00:00:00+00") for number, day, what, client, _, _ in some
    )
    _insert("ledger_entry", ("id", '"on"', "what", "cause", "client_id", "booked_at"), booked)
    moved = (
        (number, account, "USD", amount)
        for number, _, _, _, accounts, cents in some
        for account, amount in zip(accounts, (cents, -cents), strict=True)
    )
    _insert("ledger_posting", ("entry_id", "account", "commodity", "amount"), moved)
    _insert("ledger_unsealed", ("entry_id",), ((number,) for number, *_ in some))


def _insert(table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Put many rows into a table as quickly as the engine can."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608


def report() -> None:
    """Ask for balances and receivables, five times each, and tell the memory of the process."""
    from django.db import connection  # noqa: PLC0415

    from rounds.ledger.balancing import balances  # noqa: PLC0415

    connection.ensure_connection()
    past = BEGINS + timedelta(days=2 * DAYS // 3 + 9)
    asked: dict[str, Callable[[], dict[tuple[str, str], int]]] = {
        "balances of all accounts, today": balances,
        f"balances of all accounts on {past}": lambda: balances(past),
        "receivables of all clients, today": lambda: balances(below="assets:receivable:"),
        f"receivables of all clients on {past}": lambda: balances(past, below="assets:receivable:"),
    }
    for words, ask in asked.items():
        times, processor = [], []
        for _ in range(5):
            began, worked = time.perf_counter(), time.process_time()
            found = ask()
            times.append(time.perf_counter() - began)
            processor.append(time.process_time() - worked)
        assert found
        own = f", {statistics.median(processor):.3f} s of this process's own" if connection.vendor == "sqlite" else ""
        print(f"{connection.vendor}: {words}: {statistics.median(times):.3f} s{own}, {len(found)} accounts")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{connection.vendor}: memory of the whole process: {memory:.0f} MB")


def peers(count: int, folder: Path) -> None:
    """The same question to ledger, hledger and beancount, on the same books as text."""
    for name, command, share in (
        ("ledger", ["ledger", "-f", "{}", "balance", "--flat"], 1),
        ("hledger", ["hledger", "-f", "{}", "balance", "--flat"], SHARE),
        ("beancount", [sys.executable, "-c", BEANCOUNT, "{}"], SHARE),
    ):
        file = folder / f"{name}.journal"
        _write(file, count // share, is_beancount=name == "beancount")
        words = [str(file) if word == "{}" else word for word in command]
        began = time.perf_counter()
        with (folder / "out").open("w") as out:
            child = subprocess.Popen(words, stdout=out)
            _, status, used = os.wait4(child.pid, 0)
        took, own = time.perf_counter() - began, used.ru_utime + used.ru_stime
        if status:
            print(f"{name}: not measured")
            continue
        scaled = f" ({took:.2f} s for a tenth, times ten)" if share > 1 else ""
        print(f"{name}: balances of all accounts of {count:,} postings: {took * share:.2f} s{scaled}, "
              f"{own * share:.2f} s of its own; memory {used.ru_maxrss / 1024:,.0f} MB", flush=True)  # fmt: skip


def _write(file: Path, count: int, *, is_beancount: bool) -> None:
    """Write so many postings as a journal."""
    from rounds.core.beancount import beancount_lines  # noqa: PLC0415
    from rounds.core.books import Entry, Posting  # noqa: PLC0415
    from rounds.core.journal import journal_lines  # noqa: PLC0415

    booked = (
        Entry(f"b:{number}", day, what, (Posting(debit, cents, "USD"), Posting(credit, -cents, "USD")), str(client), "")
        for number, day, what, client, (debit, credit), cents in entries(count)
    )
    accounts = {one.format(client) for sides in KINDS.values() for one in sides for client in range(1, CLIENTS + 1)}
    if is_beancount:
        lines = beancount_lines(booked, accounts, ["USD"], BEGINS)
    else:
        lines = journal_lines(booked, sorted(accounts), ["USD"])
    with file.open("w") as journal:
        journal.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
