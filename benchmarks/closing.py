"""Closes a month of 100 stints a client: rates, closes, issues, books and seals everything, for more and more clients.

    .venv/bin/python benchmarks/closing.py [CLIENTS …] [sqlite] [postgresql]

The run is the ticker's: the same verbs, in two processes with a half of the clients each (as `rounds close --share`
does it), and then the sealing, which takes turns anyway. Memory is the most that one of them held at any time: it must
not grow with the number of clients. No peer was found that does as much.
"""

import json
import resource
import sys
import time
from datetime import date

from shop import CLOSES, ENGINES, PARTS, database, load, open_shop, run, start

CLIENTS, STINTS, PROCESSES, LIMIT_SECONDS = (100, 300, 1_000), 100, 2, 60


def main() -> None:
    match sys.argv[1:2]:
        case ["fill"]:
            open_shop(int(sys.argv[2]), stints=STINTS)
        case ["close"]:
            close(int(sys.argv[2]))
        case ["seal"]:
            seal(int(sys.argv[2]))
        case _:
            counts = [int(word) for word in sys.argv[1:] if word.isdecimal()] or CLIENTS
            for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
                for count in counts:
                    measure(engine, count)


def measure(engine: str, count: int) -> None:
    """Fill a shop with so many clients, close its month, and print how long it took."""
    with database(engine) as environment:
        run(environment, "fill", count)
        began = time.perf_counter()
        closing = [start(environment, "close", part) for part in range(1, PROCESSES + 1)]
        told = [json.loads(process.communicate()[0]) for process in closing]
        sealed = json.loads(run(environment, "seal", count))
        took = time.perf_counter() - began
    own = sum(one["own"] for one in told) + sealed["own"]
    memory = max(one["memory"] for one in [*told, sealed])
    wanted = f" (wanted: {LIMIT_SECONDS} s)" if count == CLIENTS[-1] else ""
    what = f"{engine}: {count:,} clients, {count * STINTS:,} stints: {took:.1f} s{wanted}"
    figures = (
        f"{count / took:.1f} invoices/s",
        f"{own:.1f} s of {PROCESSES} processes",
        f"{memory:.0f} MB",
        load(),
    )
    print(what, *figures, sep=", ", flush=True)


def close(part: int) -> None:
    """Issue and book a share of the clients."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from rounds.clients.sharing import Share  # noqa: PLC0415
    from rounds.invoices.issuing import pull  # noqa: PLC0415
    from rounds.ledger import booking  # noqa: PLC0415

    pull(CLOSES, Share(part, PROCESSES))
    booking.pull(CLOSES, Share(part, PROCESSES))
    tell()


def seal(count: int) -> None:
    """Seal what was booked, and make sure that all of it is there."""
    import django  # noqa: PLC0415

    django.setup()
    from rounds.invoices.models import Invoice, InvoiceLine  # noqa: PLC0415
    from rounds.ledger import sealing  # noqa: PLC0415

    sealed = sealing.pull()
    assert sealed == count * (STINTS + PARTS + 2), sealed
    issued = Invoice.objects.filter(issued_on=date(2026, 4, 1))
    assert sorted(issued.values_list("number", flat=True)) == list(range(count + 1, 2 * count + 1))
    assert InvoiceLine.objects.filter(invoice__in=issued).count() == count * (STINTS + PARTS + 1)
    tell()


def tell() -> None:
    """How much time and memory this process has taken, as JSON."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"own": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
