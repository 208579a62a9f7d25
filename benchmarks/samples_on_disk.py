"""Bytes a sample on disk after seven days, sealed, and one series of them for a chart; VictoriaMetrics in the same run.

    .venv/bin/python benchmarks/samples_on_disk.py [MACHINES] [sqlite] [postgresql]

Every machine tells 40 figures a minute for seven days: a quarter of them constant, counters, and gauges that wander and
jump. Our bytes are those of the pages that samples, numbers and all roll-ups take, indexes and all, without what an
empty shop takes; so are VictoriaMetrics' after it has merged, which keeps no roll-ups. The series is one week of one
figure, read and joined, the median of many: as it was taken, every minute; and in the stretches of which the page's
chart of a week is drawn.
"""

import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from shop import ENGINES, database, load, run

MACHINES, DAYS, MINUTES, READS = 20, 7, 1440, 200
FIRST_DAY = 20_000  # since 1970
DAY = 86_400_000


def main() -> None:
    match sys.argv[1:2]:
        case ["keep"]:
            keep(int(sys.argv[2]))
            return
        case ["peer"]:
            peer(int(sys.argv[2]), sys.argv[3])
            return
    machines = next((int(word) for word in sys.argv[1:] if word.isdecimal()), MACHINES)
    samples = machines * DAYS * MINUTES * 40
    print(f"{machines} machines, {DAYS} days, {samples:,} samples; {load()}")
    for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
        with database(engine) as environment:
            told = json.loads(run(environment, "keep", machines))
            print(
                f"{engine:15} {told['bytes'] / samples:.2f} bytes a sample with everything, "
                f"{told['raw'] / samples:.2f} of them the samples themselves; "
                f"a series of 7 days: {told['minutes'] * 1000:.2f} ms by minutes, "
                f"{told['stretches'] * 1000:.2f} ms in stretches of five; "
                f"sealing {told['sealing'] * 1e6 / samples:.2f} µs a sample",
                flush=True,
            )
    with database("sqlite") as environment, running_victoria() as (address, folder):
        told = json.loads(run(environment, "peer", machines, address))
        print(
            f"{'VictoriaMetrics':15} {merged_bytes(address, folder) / samples:.2f} bytes a sample; "
            f"a series of 7 days: {told['minutes'] * 1000:.2f} ms by minutes",
            flush=True,
        )


def days_of(machine: int) -> Iterator[tuple[int, dict[str, list[float]]]]:
    """The days of a machine: which, and forty figures of each minute of it."""
    chance = random.Random(machine)
    walks = [Walk(chance, kind, place) for place, kind in enumerate("c" * 10 + "g" * 12 + "j" * 4 + "n" * 14)]
    for day in range(DAYS):
        yield FIRST_DAY + day, {f"figure.{place}": walk.day() for place, walk in enumerate(walks)}


class Walk:
    """One figure: constant, a gauge of a tenth, one that jumps about, or a counter of bytes."""

    def __init__(self, chance: random.Random, kind: str, place: int) -> None:
        self.chance, self.kind = chance, kind
        self.now = {"c": float(place * 1024**3), "n": float(chance.randrange(10**9))}.get(kind, chance.uniform(10, 60))
        self.rate = chance.choice((0, 5_000, 400_000))

    def day(self) -> list[float]:
        """Its figures of a day."""
        return [self.next(minute) for minute in range(MINUTES)]

    def next(self, minute: int) -> float:
        """Its figure of a minute."""
        match self.kind:
            case "g":
                step = math.sin(minute / MINUTES * 2 * math.pi) / 20 + self.chance.choice((-0.2, -0.1, 0, 0, 0.1, 0.2))
                self.now = round(min(100, max(0, self.now + step)), 1)
            case "j":
                self.now = round(self.chance.uniform(0, 30), 1) if self.chance.random() < 0.3 else self.now
                self.now = round(self.now, 1)
            case "n":
                self.now += self.rate and round(self.rate * self.chance.uniform(0.9, 1.1))
        return self.now


def keep(machines: int) -> None:
    """Seal the check-ins of so many machines, then read."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from rounds.agents import history  # noqa: PLC0415
    from rounds.agents.figures import Names  # noqa: PLC0415
    from rounds.agents.storage import MINUTE, Asked  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    before, sealing = used_bytes(), 0.0
    for machine in range(1, machines + 1):
        sealing += seal(machine)
    since, until = FIRST_DAY * DAY, (FIRST_DAY + DAYS) * DAY

    def read(step: int, kinds: tuple[str, ...]) -> Callable[[int], int]:
        def of(place: int) -> int:
            names = Names(exact=(f"figure.{10 + place % 30}",))
            return len(history.read(1 + place % machines, Asked(since, until, step, names, kinds)).times)

        return of

    told = {
        "bytes": used_bytes() - before,
        "raw": raw_bytes(),
        "sealing": sealing,
        "minutes": median_of(read(0, ()), DAYS * MINUTES),
        "stretches": median_of(read(5 * MINUTE, ("avg", "min", "max", "last")), DAYS * MINUTES // 5),
    }
    print(json.dumps(told))


def seal(machine: int) -> float:
    """Keep a machine's check-ins and seal them day by day, as in the night; the processor's seconds of sealing."""
    import zlib  # noqa: PLC0415
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from rounds.agents.models import CheckIn  # noqa: PLC0415
    from rounds.agents.sealing import seal_day  # noqa: PLC0415

    agent, took = agent_of(machine), 0.0
    for day, figures in days_of(machine):
        began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        CheckIn.objects.bulk_create(
            [
                CheckIn(
                    agent_id=agent, epoch=1, number=(day - FIRST_DAY) * MINUTES + minute + 1,
                    taken_at=began + timedelta(minutes=minute), received_at=began + timedelta(minutes=minute),
                    body=zlib.compress(json.dumps(told(figures, minute)).encode(), 1),
                )
                for minute in range(MINUTES)
            ]
        )  # fmt: skip
        columns = ("pk", "agent_id", "epoch", "number", "taken_at", "body")
        rows = list(CheckIn.objects.order_by("taken_at").values_list(*columns))
        then = time.process_time()
        seal_day(machine, day, rows)
        took += time.process_time() - then
    return took


def told(figures: dict[str, list[float]], minute: int) -> dict[str, object]:
    """A check-in of a minute."""
    samples = {name: column[minute] for name, column in figures.items()}
    return {"v": 1, "epoch": 1, "number": 1, "taken_at": "2026-01-01T00:00:00Z", "samples": samples}


def agent_of(machine: int) -> int:
    """The agent of a new machine."""
    from django.utils import timezone  # noqa: PLC0415

    from rounds.agents.enrolling import Asked, Offer, enrol, make_token  # noqa: PLC0415
    from rounds.clients.models import Client, Machine, Site  # noqa: PLC0415

    client, _ = Client.objects.get_or_create(name="Northside Dental")
    site, _ = Site.objects.get_or_create(client=client, name="Main office")
    row = Machine.objects.create(pk=machine, site=site, name=f"SRV{machine}", kind="server")
    _, token = make_token(site, Offer(machine=row), by=None, at=timezone.now())
    return enrol(Asked(token=token, instance=f"{machine:032x}", secret_sha256=f"{machine:064x}"), at=timezone.now()).pk


def used_bytes() -> int:
    """What the tables of samples and the rows that stay of check-ins take, in whole pages."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("VACUUM FULL agents_checkin, agents_chunk, agents_sealednumbers")
            cursor.execute("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'agents_%' "
                           "AND relkind = 'r'")  # fmt: skip
        return int(cursor.fetchone()[0])


def raw_bytes() -> int:
    """Of them, the bodies of chunks that hold the samples themselves."""
    from django.db import connection  # noqa: PLC0415

    from rounds.agents.chunks import LEVELS, MOST_DAYS  # noqa: PLC0415

    with connection.cursor() as cursor:
        question = "SELECT sum(length(body)) FROM agents_chunk WHERE (id / %s) %% %s = 0"
        cursor.execute(question, (MOST_DAYS, len(LEVELS)))
        return int(cursor.fetchone()[0])


def median_of(read: Callable[[int], int], rows: int) -> float:
    """The seconds that a reading takes, after a few that nobody counts; each must give so many rows."""
    took = []
    for place in range(READS):
        then = time.perf_counter()
        assert read(place) == rows
        took.append(time.perf_counter() - then)
    return statistics.median(took[READS // 10 :])


def peer(machines: int, address: str) -> None:
    """Give VictoriaMetrics the same samples, and read a series of it."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from rounds.agents.figures import Names  # noqa: PLC0415
    from rounds.agents.storage import Asked  # noqa: PLC0415
    from rounds.agents.victoria import Victoria  # noqa: PLC0415
    from rounds.core.packing import Table  # noqa: PLC0415

    victoria = Victoria(address)
    for machine in range(1, machines + 1):
        for day, figures in days_of(machine):
            victoria.send({machine: Table([day * DAY + minute * 60_000 for minute in range(MINUTES)], figures)})
    ask(f"{address}/internal/force_flush")
    since, until = FIRST_DAY * DAY, (FIRST_DAY + DAYS) * DAY

    def read(place: int) -> int:
        names = Names(exact=(f"figure.{10 + place % 30}",))
        return len(victoria.read(1 + place % machines, Asked(since, until, 0, names)).times)

    print(json.dumps({"minutes": median_of(read, DAYS * MINUTES)}))


@contextmanager
def running_victoria() -> Iterator[tuple[str, Path]]:
    """One of Debian's on a port of its own; its address and folder."""
    from check_ins import free_port  # noqa: PLC0415

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rounds-victoria-") as folder:
        flags = ["-dedup.minScrapeInterval=1ms", "-retentionPeriod=100y", "-search.latencyOffset=0s"]
        command = ["victoria-metrics", f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}", *flags]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    ask(f"http://127.0.0.1:{port}/health")
                    break
                except (URLError, OSError):
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", Path(folder)
        finally:
            process.kill()
            process.wait()


def merged_bytes(address: str, folder: Path) -> int:
    """The bytes of its folder when it has merged what it has; the least of half a minute."""
    ask(f"{address}/internal/force_merge")
    least = 2**60
    for _ in range(30):
        time.sleep(1)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "flock.lock"]
        least = min(least, sum(sizes))
    return least


def ask(address: str) -> None:
    with urlopen(address, timeout=60) as reply:  # noqa: S310 - a loopback port
        reply.read()


if __name__ == "__main__":
    main()
