"""Durable check-ins of 40 samples with 10 rules, per second of the server's processor, on both engines.

    .venv/bin/python benchmarks/check_ins.py [CHECK_INS] [sqlite] [postgresql]

Real agents' requests over real HTTP: sign-in by secret, inflating, reading, one row each, an answer after the commit
(`synchronous=FULL`, `fsync=on`). 100 agents, each on its own connection, send one minute's samples after the other's,
packed as agents pack them. The web server and the ticker's two readers (the state of machines; findings by ten limits
a machine) run as they do in a shop, in processes of their own; what is counted is the processor's time of all of them,
PostgreSQL's included, until the last check-in has been read. Afterwards every number is there once, and every machine's
rules have seen the last.

Which Python it is counts for a fifth: Debian's is built with profile-guided optimisation, one that was built by hand
mostly is not. `on_debian_13.sh` runs this with Debian's, on any Debian.
"""

import hashlib
import http.client
import os
import platform
import selectors
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shop import ENGINES, ROOT, database, load, run

sys.path.append(str(ROOT / "agent/src"))
from rounds_agent.clock import write_moment
from rounds_agent.spool import pack

AGENTS, CHECK_INS, DISKS = 100, 100_000, 3
NO_NONCE = b"x" * 16  # in its place every agent echoes what it was told last
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=7)


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        import django  # noqa: PLC0415 - only the processes that measure need it

        django.setup()
        PARTS[sys.argv[1]](*sys.argv[2:])
        return
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), CHECK_INS)
    engines = [word for word in sys.argv[1:] if word in ENGINES] or ENGINES
    python = f"Python {platform.python_version()} ({platform.python_compiler()})"
    print(f"{count} check-ins of 40 samples, {AGENTS} agents; {python}; {load()}")
    ours = {}
    for engine in engines:
        with database(engine) as environment:
            run(environment, "fill")
            ours[engine] = measure(engine, environment, count)
    from check_ins_peer import compare  # noqa: PLC0415 - it imports this

    compare(ours, count)


def fill() -> None:
    """Machines with agents; the secret of an agent is its number."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from rounds.agents.enrolling import Asked, Offer, enrol, make_token  # noqa: PLC0415
    from rounds.clients.models import Client, Machine, Site  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    site = Site.objects.create(client=Client.objects.create(name="Northside Dental"), name="Main office")
    for number in range(AGENTS):
        machine = Machine.objects.create(site=site, name=f"SRV{number:03}", kind="server")
        _, token = make_token(site, Offer(machine=machine), by=None, at=timezone.now())
        hashed = hashlib.sha256(secret(number).encode()).hexdigest()
        enrol(Asked(token=token, instance=f"{number:032x}", secret_sha256=hashed), at=timezone.now())


def secret(number: int) -> str:
    return f"secret-of-agent-number-{number:020}"


def measure(engine: str, environment: dict[str, str], count: int) -> float:
    port = free_port()
    web = subprocess.Popen(
        [sys.executable, "-m", "rounds.web", "web", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
    )
    reading = subprocess.Popen([sys.executable, __file__, "read", str(count)], env=environment, stdout=subprocess.PIPE)
    try:
        wait_for(port)
        send(port, make_requests(first=1, many=1))  # everybody is known, everything is imported
        time.sleep(3)
        requests = make_requests(first=2, many=count // AGENTS)
        before = {name: spent(name, environment, web.pid, reading.pid) for name in WHOSE}
        began = time.monotonic()
        send(port, requests)
        took = time.monotonic() - began
        assert reading.stdout is not None
        rows = int(reading.stdout.readline())
        used = {name: spent(name, environment, web.pid, reading.pid) - before[name] for name in WHOSE}
    finally:
        web.send_signal(signal.SIGTERM)
        reading.kill()
        web.wait(20)
    sent = len(requests)
    assert rows == sent + AGENTS, f"{rows} rows of {sent + AGENTS}"
    run(environment, "check", count // AGENTS + 1)
    total = sum(used.values())
    each = ", ".join(f"{name} {1e6 * seconds / sent:.1f}" for name, seconds in used.items() if seconds)
    print(
        f"{engine:10} {sent / total:8,.0f} check-ins per processor second ({40 * sent / total:,.0f} samples); "
        f"{sent / took:,.0f} a second answered; µs each: {each}; {load()}",
        flush=True,
    )
    return sent / total


WHOSE = ("web", "reading", "database")


def spent(name: str, environment: dict[str, str], web: int, reading: int) -> float:
    """The processor's seconds that a process has used, threads and all; PostgreSQL's with all its children."""
    if name == "web":
        return _of(web)
    if name == "reading":
        return _of(reading)
    home = environment.get("PGHOST")
    if home is None:
        return 0.0
    postmaster = int((Path(home) / "data/postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return _of(postmaster, with_waited=True) + sum(_of(int(child)) for child in children)


def _of(process: int, *, with_waited: bool = False) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11 : 15 if with_waited else 13])
    return ticks / os.sysconf("SC_CLK_TCK")


def make_requests(*, first: int, many: int) -> list[tuple[int, bytes]]:
    """Requests in the order of time: every agent's next minute, then every agent's one after."""
    return [(agent, request(agent, number)) for number in range(first, first + many) for agent in range(AGENTS)]


def request(agent: int, number: int) -> bytes:
    """What an agent sends: 40 figures, 16 of them of disks; ten limits are held against them."""
    wave = (number * 7919 + agent * 104_729) % 1000 / 100
    samples = {
        "processor.percent": round(20 + wave, 1), "memory.used_percent": round(60 + wave, 1),
        "memory.available_bytes": 14_512_345_088 - int(wave * 4096) * 4096, "swap.used_percent": 0.0,
        "load.1": round(wave / 10, 2), "load.5": round(wave / 12, 2), "load.15": round(wave / 15, 2),
        "uptime.seconds": 86_400.5 + 60 * number, "clock.offset_seconds": 0.02,
        **{f"network.{way}_bytes.{card}": 10**9 + number * 50_000 + int(wave * 1000)
           for way in ("in", "out") for card in ("eth0", "eth1")},
        **{f"processes.{name}": 3.0 for name in ("sshd", "cron", "postgres", "nginx")},
        **{f"disk.{way}_bytes.{disk}": 10**9 + number * 40_960
           for way in ("read", "written") for disk in ("sda", "sdb")},
        **{f"temperature.{number}": round(40 + wave, 1) for number in range(7)},
    }  # fmt: skip
    disks = {
        place: {"used_percent": round(40 + number / 1000, 1), "free_bytes": 52_000_000_000 - number * 4096,
                "total_bytes": 105_000_000_000, "inodes_percent": 3.1}
        for place in ("/", "/srv", "/var")
    }  # fmt: skip
    assert len(samples) + sum(map(len, disks.values())) == 40
    taken_at = write_moment((BEGAN + timedelta(minutes=number % 9000)).timestamp())
    told = {"v": 1, "epoch": 1, "number": number, "taken_at": taken_at, "samples": samples, "disks": disks}
    if number % 60 == 1:
        told["facts"] = {
            "hardware": {"cores": 4}, "updates": {"pending": 2, "security": 0, "names": ["openssl", "tzdata"]},
            "reboot": {"needed": False},
        }  # fmt: skip
    body = pack(told)
    head = (
        "POST /check-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {secret(agent)}\r\nContent-Encoding: deflate\r\nRounds-Nonce: {NO_NONCE.decode()}\r\n"
        f"Rounds-Watches: none\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send(port: int, requests: list[tuple[int, bytes]]) -> None:
    """Send, all agents at once, each over a connection of its own; an answer, then the next."""
    queues: list[list[bytes]] = [[] for _ in range(AGENTS)]
    for agent, text in reversed(requests):
        queues[agent].append(text)

    chosen = selectors.DefaultSelector()
    for queue in queues:
        if queue:
            line = socket.create_connection(("127.0.0.1", port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.sendall(queue.pop())
            chosen.register(line, selectors.EVENT_READ, queue)
    while chosen.get_map():
        for key, _ in chosen.select():
            line = key.fileobj
            assert isinstance(line, socket.socket)
            answer = line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            if key.data:
                nonce = answer.partition(b'"nonce":"')[2][: len(NO_NONCE)]
                line.sendall(key.data.pop().replace(NO_NONCE, nonce, 1))
            else:
                chosen.unregister(line)
                line.close()


def read(count: str) -> None:
    """Read check-ins as the ticker does, until as many have come; then say so and go on."""
    from django.db import connection  # noqa: PLC0415

    from rounds.agents import reading  # noqa: PLC0415
    from rounds.agents.models import CheckIn, Cursor  # noqa: PLC0415
    from rounds.findings import watching  # noqa: PLC0415

    expected = AGENTS + int(count) // AGENTS * AGENTS
    while True:
        with reading.remembering():
            new = reading.pull_some() + watching.pull_some()
        if not new and CheckIn.objects.count() >= expected:
            break
        if new < 2 * reading.AT_ONCE:
            time.sleep(2)
    assert Cursor.objects.get(reader="findings").last_id == CheckIn.objects.order_by("-pk").first().pk
    print(CheckIn.objects.count(), flush=True)
    connection.close()
    time.sleep(60)


def check(numbers: str) -> None:
    """Every number once, and every machine's rules have seen the last."""
    from django.db.models import Count, Max  # noqa: PLC0415

    from rounds.agents.models import CheckIn  # noqa: PLC0415
    from rounds.findings.models import MachineMemory  # noqa: PLC0415

    told = CheckIn.objects.values("agent").annotate(n=Count("number", distinct=True), last=Max("number"))
    assert {(row["n"], row["last"]) for row in told} == {(int(numbers), int(numbers))}
    rules = {len(watch.chart["rules"]) for watch in MachineMemory.objects.all()}
    assert min(rules) >= 10, rules


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(400):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/account/login/")
            line.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return


PARTS = {"fill": fill, "read": read, "check": check}

if __name__ == "__main__":
    main()
