"""Rates, posts and issues invoices of ten lines with all rules on, beside Tryton in the same run.

    .venv/bin/python benchmarks/issuing.py [INVOICES] [sqlite] [postgresql] [PYTHON]

Every invoice is rated, closed, issued and posted in transactions of its own, which are through to the disk before the
next begins; only what is read is read for several clients at once. PYTHON is one that has Tryton (a peer, so it is not
among our requirements): python3 -m venv peer && peer/bin/pip install 'trytond==8.2.*' 'trytond_account_invoice==8.2.*'
'psycopg[binary,pool]'. Beside the time on the clock stands our process's own, which says more where the machine has
other things to do.
"""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from shop import CLOSES, ENGINES, FEES, PARTS, database, load, open_shop, run

INVOICES, LINES, WANTED = 300, 10, {"sqlite": 100, "postgresql": 60}
PEER = Path(__file__).with_name("issuing_peer.py")


def main() -> None:
    if sys.argv[1:2] == ["ours"]:
        ours(int(sys.argv[2]))
        return
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), INVOICES)
    best = 0.0
    for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
        with database(engine) as environment:
            told = json.loads(run(environment, "ours", count))
        best = told["rate"]
        print(f"{engine}: {told['rate']:.0f} invoices/s (wanted: {WANTED[engine]}); {told['issuing']:.1f} ms to rate "
              f"and issue, {told['booking']:.1f} ms to post, {told['own']:.1f} ms of both our own; {count} invoices of "
              f"{LINES} lines, one process, {load()}", flush=True)  # fmt: skip
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


def ours(count: int) -> None:
    """Bill so many clients by the verbs that the ticker calls, and tell how long it took as JSON."""
    open_shop(count, stints=LINES - FEES - PARTS)
    from rounds.invoices.issuing import pull  # noqa: PLC0415 - settings must stand first
    from rounds.invoices.models import Invoice, InvoiceLine  # noqa: PLC0415
    from rounds.ledger import booking  # noqa: PLC0415
    from rounds.ledger.models import Entry  # noqa: PLC0415
    from rounds.rows.collecting import collect_seldom  # noqa: PLC0415

    collect_seldom()  # as the ticker does
    entries = Entry.objects.count()
    began, worked = time.perf_counter(), time.process_time()
    assert pull(CLOSES) == count
    issued = time.perf_counter()
    booked = booking.pull(CLOSES)
    took, own = time.perf_counter() - began, time.process_time() - worked
    assert Invoice.objects.filter(issued_on=date(2026, 4, 1)).count() == count
    assert InvoiceLine.objects.filter(invoice__issued_on=date(2026, 4, 1)).count() == count * LINES
    assert Entry.objects.count() - entries == booked == count * (LINES + 1)
    print(json.dumps({"rate": count / took, "own": 1000 * own / count, "issuing": 1000 * (issued - began) / count,
                      "booking": 1000 * (began + took - issued) / count}))  # fmt: skip


if __name__ == "__main__":
    main()
