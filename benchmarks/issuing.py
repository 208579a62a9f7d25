"""Rates, posts and issues invoices of ten lines with all rules on, beside Tryton in the same run.

    .venv/bin/python benchmarks/issuing.py [INVOICES] [sqlite] [postgresql] [PYTHON]

Every invoice is rated, closed and issued in one transaction of its own, which is through to the disk before the next
begins; what is read is read for several clients at once, and so it is posted. It is done by one process, and by two
with a half of the clients each (as `rounds close --share` does it); these begin together, with everything imported.
PYTHON is one that has Tryton (a peer, so it is not among our requirements): python3 -m venv peer && peer/bin/pip
install 'trytond==8.2.*' 'trytond_account_invoice==8.2.*' 'psycopg[binary,pool]'. Beside the time on the clock stands
our processes' own, which says more where the machine has other things to do.
"""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from shop import CLOSES, ENGINES, FEES, PARTS, database, load, open_shop, run, start

INVOICES, LINES, PROCESSES, WANTED = 300, 10, (1, 2), {"sqlite": 100, "postgresql": 60}
PEER = Path(__file__).with_name("issuing_peer.py")


def main() -> None:
    match sys.argv[1:2]:
        case ["fill"]:
            fill(int(sys.argv[2]))
        case ["issue"]:
            issue(int(sys.argv[2]), int(sys.argv[3]))
        case ["prove"]:
            prove(int(sys.argv[2]), int(sys.argv[3]))
        case _:
            compare()


def compare() -> None:
    """Measure what was asked for, and the peer."""
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), INVOICES)
    best = 0.0
    for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
        for processes in PROCESSES:
            rate, own = measure(engine, count, processes)
            best = max(best, rate)
            print(f"{engine}: {rate:.0f} invoices/s by {processes} (wanted: {WANTED[engine]}); {own:.1f} ms of our own "
                  f"each to rate, issue and post; {count} invoices of {LINES} lines, {load()}", flush=True)  # fmt: skip
    peer = next((word for word in sys.argv[1:] if Path(word).is_file()), None)
    if peer is None:
        print("Tryton: not measured; name a Python that has it")
        return
    with database("postgresql") as environment:
        done = subprocess.run(
            [peer, str(PEER), str(LINES)], env=environment, check=False, capture_output=True, text=True
        )
    if done.returncode:
        print(f"Tryton: not measured; it ended with: {done.stderr.strip().splitlines()[-1]}")
        return
    theirs = json.loads(done.stdout.splitlines()[-1])
    print(f"Tryton {theirs['version']} on PostgreSQL: {theirs['rate']:.2f} invoices/s, {theirs['own']:.0f} ms of its "
          f"own; {theirs['count']} invoices of {LINES} lines, one transaction each, {load()}")  # fmt: skip
    print(f"ours: {best / theirs['rate']:.0f} times as many")


def fill(count: int) -> None:
    """Make the shop, and tell how many entries its books have."""
    open_shop(count, stints=LINES - FEES - PARTS)
    from rounds.ledger.models import Entry  # noqa: PLC0415 - settings must stand first

    print(Entry.objects.count())


def measure(engine: str, count: int, processes: int) -> tuple[float, float]:
    """Invoices a second by so many processes, and the milliseconds of their own for each."""
    with database(engine) as environment:
        before = int(run(environment, "fill", count))
        working = [start(environment, "issue", part, processes) for part in range(1, processes + 1)]
        for process in working:
            process.stdout.readline()
        began = time.perf_counter()
        for process in working:
            process.stdin.close()
        told = [json.loads(process.stdout.read()) for process in working]
        took = time.perf_counter() - began
        assert sum(one["issued"] for one in told) == count
        run(environment, "prove", count, before)
    return count / took, 1000 * sum(one["own"] for one in told) / count


def issue(part: int, processes: int) -> None:
    """Bill a share of the clients by the verbs that the ticker calls, once standard input ends, and tell as JSON."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from rounds.clients.sharing import Share  # noqa: PLC0415
    from rounds.invoices.issuing import pull  # noqa: PLC0415
    from rounds.ledger import booking  # noqa: PLC0415
    from rounds.rows.collecting import collect_seldom  # noqa: PLC0415

    collect_seldom()  # as the ticker does
    print("ready", flush=True)
    sys.stdin.read()
    worked = time.process_time()
    issued = pull(CLOSES, Share(part, processes))
    booking.pull(CLOSES, Share(part, processes))
    print(json.dumps({"issued": issued, "own": time.process_time() - worked}))


def prove(count: int, before: int) -> None:
    """Make sure that everything is there, once."""
    import django  # noqa: PLC0415

    django.setup()
    from rounds.invoices.models import Invoice, InvoiceLine  # noqa: PLC0415
    from rounds.ledger.models import Entry  # noqa: PLC0415

    assert Invoice.objects.filter(issued_on=date(2026, 4, 1)).count() == count
    assert InvoiceLine.objects.filter(invoice__issued_on=date(2026, 4, 1)).count() == count * LINES
    assert Entry.objects.count() - before == count * (LINES + 1)


if __name__ == "__main__":
    main()
