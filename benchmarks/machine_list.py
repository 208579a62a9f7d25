"""The list of 20,000 machines, filtered, sorted and paged, and deciding whom to tell of what is open on them.

    .venv/bin/python benchmarks/machine_list.py [MACHINES] [sqlite] [postgresql]

1,000 clients with 20 machines each, whose states have all that agents tell; one machine in ten has a finding that is
open. A page is asked for as a technician's browser does, signed in, through all of Django; the median and the slowest
of so many, in a process that has served some before. Deciding whom to tell is what the ticker does every ten seconds.
No peer of this size could be run here; users of Tactical RMM write of 12 to 40 s for 400 to 1,500 machines.
"""

import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from shop import ENGINES, database, load, run

MACHINES, TIMES, LIMIT_MS, EVERY = 20_000, 15, 200, 10
CLIENT_HAS, ONE_IN = 20, 10
PAGES = {
    "as it is": "",
    "by name, page 300": "?sort=name&page=300",
    "fullest disks first": "?sort=disk",
    "servers by processor, page 7": "?kind=server&sort=processor&page=7",
    "silent, by client": "?state=silent&sort=client",
    "updates pending, of one client": "?state=updates&client=500&sort=-seen",
    "a part of a name": "?q=SRV199&sort=memory",
    "a disk nearly full, page 2": "?state=full&page=2",
}


def main() -> None:
    match sys.argv[1:2]:
        case ["fill"]:
            fill(int(sys.argv[2]))
        case ["ask"]:
            ask()
        case _:
            count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), MACHINES)
            for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
                with database(engine) as environment:
                    run(environment, "fill", count)
                    show(engine, count, json.loads(run(environment, "ask")))


def show(engine: str, count: int, told: dict[str, dict[str, float]]) -> None:
    print(f"{engine}: {count:,} machines (wanted: a page within {LIMIT_MS} ms); {load()}")
    for name, (median, slowest, own) in told["pages"].items():
        print(f"  {name:32} {median:6.0f} ms, the slowest {slowest:6.0f} ms; {own:6.0f} ms of Python's processor")
    for name, seconds in told["telling"].items():
        share = f"{seconds / EVERY:.1%} of a core"
        print(f"  whom to tell, {name}: {seconds * 1000:.0f} ms of Python's processor, {share}", flush=True)


def fill(count: int) -> None:
    """Clients, machines with their states, and findings that are open."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from rounds.clients.models import Client, Machine, Site  # noqa: PLC0415
    from rounds.people.models import Shop, User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Shop.objects.create(pk=1, name="Mill Street Computing", currency="USD", time_zone="America/New_York")
    User.objects.create(email="tech@mill.example", role="owner")
    clients = Client.objects.bulk_create(Client(name=f"Client {n:04}") for n in range(1, count // CLIENT_HAS + 1))
    sites = Site.objects.bulk_create(Site(client=client, name="Main office") for client in clients)
    machines = Machine.objects.bulk_create(
        Machine(site=sites[n // CLIENT_HAS], kind="server" if n % 5 == 0 else "workstation",
                name=f"{'SRV' if n % 5 == 0 else 'PC'}{n:05}")
        for n in range(count)
    )  # fmt: skip
    keep_states(machines)
    keep_findings(machines)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def keep_states(machines: list) -> None:  # type: ignore[type-arg]
    """Agents and the latest states: samples, disks, and facts with a list of programs."""
    from rounds.agents.models import Agent, State, Token  # noqa: PLC0415

    now = datetime.now(UTC)
    token = Token.objects.create(site=machines[0].site, token_sha256="0" * 64, expires_at=now)
    agents = Agent.objects.bulk_create(
        Agent(machine=machine, token=token, instance=f"{n:032x}", secret_sha256=f"{n:064x}", enrolled_at=now)
        for n, machine in enumerate(machines)
    )
    samples = {f"figure.{number}": 1234.5 * number for number in range(30)}
    facts = {"software": {"programs": [[f"program {number}", f"{number}.0"] for number in range(100)]},
             "os": {"name": "Windows 11 Pro"}}  # fmt: skip
    State.objects.bulk_create(
        (
            State(
                machine=machine, agent=agents[n], taken_at=now, first_seen_at=now - timedelta(days=90), check_ins=9_000,
                seen_at=now - timedelta(minutes=n * 7919 % 1000 / 60 if n % 50 else 5000), samples=samples, facts=facts,
                disks={"/": {"used_percent": n * 31 % 1000 / 10}}, os_name="Windows 11 Pro",
                processor_percent=n * 17 % 1000 / 10, memory_percent=n * 13 % 1000 / 10, fullest_disk="/",
                fullest_disk_percent=n * 31 % 1000 / 10, updates_pending=n % 7 if n % 3 else 0, updates_security=0,
                needs_reboot=n % 11 == 0,
            )
            for n, machine in enumerate(machines)
        ),
        batch_size=1000,
    )  # fmt: skip


def keep_findings(machines: list) -> None:  # type: ignore[type-arg]
    """One machine in ten has something that is open."""
    from rounds.findings.models import Finding  # noqa: PLC0415
    from rounds.findings.telling_models import Channel  # noqa: PLC0415

    now = datetime.now(UTC)
    Finding.objects.bulk_create(
        Finding(client_id=machine.site.client_id, machine=machine, rule=rule, subject="/", severity=severity,
                title=f"/ is {90 + n % 9} % full", evidence={"value": 91.0}, opened_at=now - timedelta(hours=n % 500),
                plan="retainer", is_entitled=True)
        for n, machine in enumerate(machines[::ONE_IN])
        for rule, severity in [("disk-full", "trouble") if n % 2 else ("updates-late", "soon")]
    )  # fmt: skip
    made_at = now - timedelta(days=90)
    Channel.objects.create(name="On call", way="mail", address="call@mill.example", made_at=made_at)
    Channel.objects.create(name="Chat", way="ntfy", address="http://127.0.0.1:9/t", delay_minutes=30, made_at=made_at)


def ask() -> None:
    """Ask for the pages, then decide whom to tell: the first time, and when all is told and nothing new."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client as Browser  # noqa: PLC0415

    from rounds.findings import telling  # noqa: PLC0415
    from rounds.people.models import User  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser()
    browser.force_login(User.objects.get())
    pages = {name: times_of(browser, f"/machines/{query}") for name, query in PAGES.items()}
    now, took = datetime.now(UTC), {}
    for name, later in (("the first time", 0), ("when all is told", 10), ("again", 20), ("an hour later", 3600)):
        then = time.process_time()
        telling.pull(now + timedelta(seconds=later))
        took[name] = time.process_time() - then
    print(json.dumps({"pages": pages, "telling": took}))


def times_of(browser, address: str) -> tuple[float, float, float]:  # type: ignore[no-untyped-def]
    """The median and the most of the milliseconds that a page takes, and the median of the processor's in here."""
    took, own = [], []
    for _ in range(TIMES):
        then, own_then = time.perf_counter(), time.process_time()
        reply = browser.get(address)
        took.append((time.perf_counter() - then) * 1000)
        own.append((time.process_time() - own_then) * 1000)
        assert reply.status_code == 200, (address, reply.status_code)
        assert reply.content.count(b"<tr") > 1, address
    return statistics.median(took[2:]), max(took[2:]), statistics.median(own[2:])


if __name__ == "__main__":
    main()
