"""The balance report and the receivables over 1,000,000 postings, beside ledger and hledger on the same books.

    .venv/bin/python benchmarks/balance_report.py [POSTINGS] [sqlite] [postgresql]

Three years of 1,000 clients: work (unbilled), invoices (receivable), payments (bank), fees. Reports run in a process
of their own, so that its memory is theirs; every time is the median of five. hledger reads a tenth of the journal, and
its time is multiplied by ten (it grows in proportion): it would need 3.5 GB for all of it. Beside the time on the clock
stands the processor's time, which says more where the machine has other things to do.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
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


def main() -> None:
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    if sys.argv[1:2] in (["fill"], ["report"]):
        import django  # noqa: PLC0415 - only the processes that measure need it

        django.setup()
        (fill if sys.argv[1] == "fill" else report)(*sys.argv[2:])
        return
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 1_000_000)
    engines = [word for word in sys.argv[1:] if word in {"sqlite", "postgresql"}] or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory(prefix="rounds-benchmark-") as folder:
        for engine in engines:
            measure(engine, count, Path(folder))
        peers(count, Path(folder))


def measure(engine: str, count: int, folder: Path) -> None:
    """Fill a database of this engine, and ask it."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "rounds.web.settings", "ROUNDS_DATABASE": engine,
                   "ROUNDS_HOME": str(folder)}  # fmt: skip
    stop: Callable[[], None] = lambda: None  # noqa: E731
    if engine == "postgresql":
        from tests.engines import start_postgresql  # noqa: PLC0415 - it needs pytest, SQLite alone does not

        home, stop = start_postgresql()
        environment |= {"PGHOST": str(home), "PGUSER": "rounds", "PGDATABASE": "postgres"}
    try:
        for words in (["fill", str(count), str(folder)], ["report"]):
            subprocess.run([sys.executable, __file__, *words], env=environment, check=True)
    finally:
        stop()


def entries(count: int) -> Iterator[tuple[int, date, str, int, tuple[str, str], int]]:
    """Entries of two postings: number, day, what, client, accounts, cents; the same ones every time."""
    chance, whole = random.Random(2005), count // 2
    for number in range(1, whole + 1):
        client = chance.randint(1, CLIENTS)
        what = chance.choice(list(KINDS))
        debit, credit = (account.format(client) for account in KINDS[what])
        day = BEGINS + timedelta(days=number * DAYS // (whole + 1))
        yield number, day, what, client, (debit, credit), chance.randint(100, 200_000)


def fill(count: str, folder: str) -> None:
    """Keep the entries as booking keeps them, then seal them by the verb; and write the same books as a journal."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from rounds.clients.models import Client  # noqa: PLC0415
    from rounds.ledger import sealing  # noqa: PLC0415
    from rounds.ledger.exporting import export  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Client.objects.bulk_create(Client(pk=number, name=f"Client {number}") for number in range(1, CLIENTS + 1))
    for some in batched(entries(int(count)), 20_000):
        _keep(some)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sealing.AT_ONCE = 5_000  # nobody else waits
    sealed = sealing.pull()
    print(f"{connection.vendor}: {sealed:,} entries sealed", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as its own housekeeping does within minutes
    if not (Path(folder) / "books.journal").exists():
        with (Path(folder) / "books.journal").open("wb") as file:
            file.writelines(export("ledger"))


def _keep(some: tuple[Any, ...]) -> None:
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from rounds.ledger.models import Entry, Posting, Unsealed  # noqa: PLC0415

    now = timezone.now()
    with transaction.atomic():
        Entry.objects.bulk_create(
            Entry(pk=number, on=day, what=what, cause=f"b:{number}", client_id=client, booked_at=now)
            for number, day, what, client, _, _ in some
        )
        Posting.objects.bulk_create(
            Posting(entry_id=number, account=account, commodity="USD", amount=amount)
            for number, _, _, _, accounts, cents in some
            for account, amount in zip(accounts, (cents, -cents), strict=True)
        )
        Unsealed.objects.bulk_create(Unsealed(entry_id=number) for number, *_ in some)


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
    """The same question to ledger and hledger, on the same books as text."""
    whole, part = folder / "books.journal", folder / "part.journal"
    head, *blocks = whole.read_text().split("\n\n")
    part.write_text("\n\n".join([head, *blocks[: len(blocks) // SHARE]]) + "\n\n")
    for words, file, times in ((["ledger"], whole, 1), (["hledger"], part, SHARE)):
        command = [*words, "-f", str(file), "balance", "--flat"]
        began = time.perf_counter()
        with (folder / "out").open("w") as out:
            child = subprocess.Popen(command, stdout=out)
            _, status, used = os.wait4(child.pid, 0)
        took = time.perf_counter() - began
        assert status == 0, json.dumps(command)
        scaled = f", {took:.2f} s for a tenth, times ten" if times > 1 else ""
        own = (used.ru_utime + used.ru_stime) * times
        print(f"{words[0]}: balances of all accounts of {count:,} postings: {took * times:.2f} s, {own:.2f} s of its "
              f"own{scaled}; "
              f"memory {used.ru_maxrss / 1024:,.0f} MB for what it read")  # fmt: skip


if __name__ == "__main__":
    main()
