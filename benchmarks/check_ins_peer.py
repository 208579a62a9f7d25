"""The same check-ins given to Zabbix's own server on PostgreSQL; called by `check_ins.py`, or alone:

    .venv/bin/python benchmarks/check_ins_peer.py [CHECK_INS]

Debian 12's package of Zabbix 6.0 (apt-get install zabbix-server-pgsql), with the package's own schema on a PostgreSQL
like that of our own measurement. 100 hosts have the 40 figures of our check-ins as trapper items, and ten triggers each
over the last value; they are put into the tables as its pages would. A check-in is one request of 40 values in its
trappers' protocol, over a connection of its own, since Zabbix closes it after each answer. It is set up to do nothing
else: no pollers, no housekeeper, and caches that are never full.

What is counted is the processor's time of all its processes and PostgreSQL's, until the last value is in its history
and the last event is told. Three things are in its favour: it answers from memory, before anything is committed (what
a crash would lose, ours has on the disk); all figures are decimal, so that they go into one table; and they are a
second apart, so that it writes hardly any trends (ours condenses at night, which is not counted either). One trigger
of the ten fires at one check-in of 200; how many events that makes is known beforehand.
"""

import ctypes
import gzip
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString

import psutil
import psycopg
from check_ins import AGENTS, request
from shop import database, load

SCHEMA = Path("/usr/share/zabbix-server-pgsql")
LEAST, MOST, CONNECTIONS, PATIENCE_SECONDS = 4_000, 40_000, 50, 120
PORTS = range(20_051, 32_768)  # it takes none beyond
FIRST_ID = 1_000_000  # beyond all that the package puts in
SETTINGS = {
    "StartTrappers": 5, "StartDBSyncers": 4,
    "StartPollers": 0, "StartPollersUnreachable": 0, "StartPingers": 0, "StartDiscoverers": 0, "StartHTTPPollers": 0,
    "StartHistoryPollers": 0, "HousekeepingFrequency": 0,
    "CacheSize": "128M", "HistoryCacheSize": "256M", "HistoryIndexCacheSize": "128M", "TrendCacheSize": "128M",
    "ValueCacheSize": "256M",
}  # fmt: skip
PASSED = "processor.percent"
LIMITS: Mapping[str, float] = {
    **{f"disk.{what}_percent[{place}]": 90 for what in ("used", "inodes") for place in ("/", "/srv", "/var")},
    "memory.used_percent": 92, "swap.used_percent": 50, "load.5": 8, PASSED: 29.9,
}  # fmt: skip

VALUES = "SELECT count(*) FROM history WHERE itemid >= %(first)s"
EVENTS = "SELECT count(*) FROM events WHERE source = 0 AND objectid >= %(first)s"
BROKEN = "SELECT count(*) FROM triggers WHERE state <> 0 AND triggerid >= %(first)s"
LAST = """SELECT count(*) FROM items WHERE itemid >= %(first)s AND EXISTS (
    SELECT FROM history WHERE history.itemid = items.itemid AND clock = %(at)s)"""

type Database = psycopg.Connection[tuple[Any, ...]]


def compare(ours: Mapping[str, float], count: int) -> None:
    """Measure Zabbix where it is installed, and say how many times as many check-ins are ours by engine."""
    program = shutil.which("zabbix_server", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or not SCHEMA.is_dir():
        print("Zabbix: not measured; apt-get install zabbix-server-pgsql (Debian 12: 6.0)")
        return
    version = subprocess.run([program, "-V"], check=True, capture_output=True, text=True).stdout.split()[2]
    if not version.startswith("6.0."):
        print(f"Zabbix: not measured; these tables are those of 6.0, installed is {version}")
        return
    with until_terminated(), database("postgresql") as environment:
        theirs = measure(program, version, environment, min(max(count, LEAST), MOST))
    for engine, rate in ours.items():
        print(f"ours on {engine}: {rate / theirs:.1f} times as many check-ins as Zabbix per processor second")


@contextmanager
def until_terminated() -> Iterator[None]:
    """Let a request to end be an end that tidies up."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def measure(program: str, version: str, where: Mapping[str, str], count: int) -> float:
    """Zabbix's check-ins per processor second."""
    many = 1 + count // AGENTS
    last = int(time.time())
    requests, events = make_requests(many, last=last)
    place = f"host={where['PGHOST']} user={where['PGUSER']} dbname={where['PGDATABASE']}"
    with psycopg.connect(place, autocommit=True) as tables:
        fill(tables)
        with running(program, where) as (port, server):
            send(port, requests[:AGENTS])  # everybody has been seen, every process has begun
            wait_until_kept(tables, last - many + 1)
            before = spent(tables, server)
            began = time.monotonic()
            send(port, requests[AGENTS:])
            took = time.monotonic() - began
            wait_until_kept(tables, last, events)
            used = {name: seconds - before[name] for name, seconds in spent(tables, server).items()}
        check(tables, many, events)
        engine = f"PostgreSQL {tables.info.server_version // 10_000}"
    sent, total = len(requests) - AGENTS, sum(used.values())
    each = ", ".join(f"{name} {1e6 * seconds / sent:.0f}" for name, seconds in used.items())
    print(
        f"Zabbix {version} on {engine}: {sent / total:,.0f} check-ins per processor second ({40 * sent / total:,.0f} "
        f"values); {sent} check-ins, {sent / took:,.0f} a second answered; µs each: {each}; {events} events; {load()}",
        flush=True,
    )
    return sent / total


def make_requests(many: int, *, last: int) -> tuple[list[tuple[int, bytes]], int]:
    """Requests in the order of time, a second between an agent's, and how many events they make."""
    requests, events, over = [], 0, [False] * AGENTS
    for number in range(1, many + 1):
        for agent in range(AGENTS):
            told = figures(agent, number)
            requests.append((agent, message(agent, told, at=last - many + number)))
            is_over = told[PASSED] > LIMITS[PASSED]
            events += is_over != over[agent]
            over[agent] = is_over
    return requests, events


def fill(tables: Database) -> None:
    """The package's own tables, and our hosts with their items and triggers."""
    for name in ("schema", "images", "data"):
        tables.execute(gzip.decompress((SCHEMA / f"{name}.sql.gz").read_bytes()))
    with tables.transaction(), tables.cursor() as cursor:
        cursor.execute("UPDATE hosts SET status = 1 WHERE status = 0")  # the package's own host is not watched
        for agent in range(AGENTS):
            host, name = FIRST_ID + agent, name_of(agent)
            items = {key: FIRST_ID + 40 * agent + place for place, key in enumerate(figures(agent, 1))}
            limits = {FIRST_ID + 10 * agent + place: one for place, one in enumerate(LIMITS.items())}
            assert (len(items), len(limits)) == (40, 10)
            cursor.execute("INSERT INTO hosts (hostid, host, name) VALUES (%s, %s, %s)", (host, name, name))
            cursor.execute("INSERT INTO hosts_groups VALUES (%s, %s, 2)", (host, host))
            cursor.executemany(
                "INSERT INTO items (itemid, hostid, type, value_type, key_, name) VALUES (%s, %s, 2, 0, %s, %s)",
                [(item, host, key, key) for key, item in items.items()],
            )
            cursor.executemany("INSERT INTO item_rtdata (itemid) VALUES (%s)", [(item,) for item in items.values()])
            cursor.executemany(
                "INSERT INTO triggers (triggerid, expression, description, priority) VALUES (%s, %s, %s, 3)",
                [(trigger, f"{{{trigger}}}>{over}", f"{key} over {over}") for trigger, (key, over) in limits.items()],
            )
            cursor.executemany(
                "INSERT INTO functions (functionid, itemid, triggerid, name, parameter) VALUES (%s, %s, %s, %s, '$')",
                [(trigger, items[key], trigger, "last") for trigger, (key, _) in limits.items()],
            )


@contextmanager
def running(program: str, where: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """A server on a port of its own, under an account that may do nothing; its port and process."""
    who: dict[str, Any] = {} if os.geteuid() else {"user": "zabbix", "group": "zabbix", "extra_groups": []}
    port = next(port for port in PORTS if not answers(port))
    with tempfile.TemporaryDirectory(prefix="rounds-zabbix-") as folder:
        settings = SETTINGS | {
            "DBHost": where["PGHOST"], "DBName": where["PGDATABASE"], "DBUser": where["PGUSER"],
            "ListenIP": "127.0.0.1", "ListenPort": port, "LogType": "console",
            "PidFile": f"{folder}/pid", "SocketDir": folder,
        }  # fmt: skip
        file, log = Path(folder, "zabbix_server.conf"), Path(folder, "log")
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        if who:
            shutil.chown(folder, who["user"], who["group"])
        with log.open("w") as told:
            server = subprocess.Popen(
                [program, "--foreground", "--config", str(file)], cwd=folder, stdout=told, stderr=told,
                start_new_session=True, preexec_fn=_end_with_parent, **who,  # noqa: PLW1509 - there is no thread
            )  # fmt: skip
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while not answers(port):
                assert server.poll() is None, f"Zabbix ended with {server.returncode}"
                assert time.monotonic() < until, "Zabbix does not listen"
                time.sleep(0.05)
            yield port, server.pid
        except Exception:
            print("".join(log.read_text().splitlines(keepends=True)[-10:]), file=sys.stderr)
            raise
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def name_of(agent: int) -> str:
    return f"SRV{agent:03}"


def figures(agent: int, number: int) -> dict[str, float]:
    """Our own check-in's figures under names that Zabbix allows."""
    told = json.loads(zlib.decompress(request(agent, number).partition(b"\r\n\r\n")[2]))
    of_disks = {f"disk.{name}[{place}]": value for place, of in told["disks"].items() for name, value in of.items()}
    return {**told["samples"], **of_disks}


def message(agent: int, told: Mapping[str, float], *, at: int) -> bytes:
    """A check-in as its trappers read it."""
    values = [
        {"host": name_of(agent), "key": key, "value": str(value), "clock": at, "ns": 0} for key, value in told.items()
    ]
    body = json.dumps({"request": "sender data", "data": values}, separators=(",", ":")).encode()
    return b"ZBXD\x01" + struct.pack("<II", len(body), 0) + body


def send(port: int, requests: list[tuple[int, bytes]]) -> None:
    """Send over some connections at once, an agent's one after the other; every value must have been taken."""
    queues: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    for agent, text in reversed(requests):
        queues[agent % CONNECTIONS].append(text)
    chosen = selectors.DefaultSelector()

    def send_next(queue: list[bytes]) -> None:
        line = socket.create_connection(("127.0.0.1", port))
        line.sendall(queue.pop())
        chosen.register(line, selectors.EVENT_READ, (queue, bytearray()))

    for queue in filter(None, queues):
        send_next(queue)
    while chosen.get_map():
        ready = chosen.select(PATIENCE_SECONDS)
        assert ready, "Zabbix does not answer"
        for key, _ in ready:
            line, (queue, answer) = key.fileobj, key.data
            assert isinstance(line, socket.socket)
            if more := line.recv(4096):
                answer += more
                continue
            chosen.unregister(line)
            line.close()
            assert b"processed: 40; failed: 0;" in answer, bytes(answer)
            if queue:
                send_next(queue)


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def wait_until_kept(tables: Database, at: int, events: int = 0) -> None:
    """Until every item has its value of that second, and so many events are told."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (values := count(tables, LAST, at)) < 40 * AGENTS or count(tables, EVENTS) < events:
        assert time.monotonic() < until, f"last values: {values}; events: {count(tables, EVENTS)} of {events}"
        time.sleep(0.5)


def count(tables: Database, question: LiteralString, at: int = 0) -> int:
    found = tables.execute(question, {"first": FIRST_ID, "at": at}).fetchone()
    assert found is not None
    return int(found[0])


def spent(tables: Database, server: int) -> dict[str, float]:
    """The processor's seconds of Zabbix and of PostgreSQL with all their children, but for who answers us here."""
    us = psutil.Process(tables.info.backend_pid)
    return {"zabbix": _of(psutil.Process(server)), "database": _of(psutil.Process(us.ppid()), without=us)}


def _of(parent: psutil.Process, *, without: psutil.Process | None = None) -> float:
    used = sum(parent.cpu_times()[:4])  # its own, and that of children that have ended
    for child in parent.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            used += sum(child.cpu_times()[:2]) if child != without else 0
    return used


def check(tables: Database, many: int, events: int) -> None:
    """Every value is there once, every trigger could be evaluated, and what was passed fired each time."""
    values = count(tables, VALUES)
    assert values == 40 * AGENTS * many, f"{values} values of {40 * AGENTS * many}"
    assert count(tables, EVENTS) == events > 0, f"{count(tables, EVENTS)} events of {events}"
    assert count(tables, BROKEN) == 0


if __name__ == "__main__":
    compare({}, int(sys.argv[1]) if sys.argv[1:] else MOST)
