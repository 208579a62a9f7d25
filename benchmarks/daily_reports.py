"""Makes the daily reports of 1,000 clients with 10,000 machines, and writes their letters with a PDF, in one process.

    .venv/bin/python benchmarks/daily_reports.py [CLIENTS …] [sqlite] [postgresql]

Every client has an agreement, a server and nine workstations with all their facts (a list of 400 programs among them),
a disk that fills, a day of sealed figures, a source of backup mail, findings, changes, and work of the day before. It
is measured twice: the first report, and the one of the day after, which looks at the one before. No peer was found that
makes a report per client of all this.
"""

import json
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from functools import cache

from shop import ENGINES, database, load, run

CLIENTS, MACHINES, LIMIT_SECONDS = (250, 1_000), 10, 120
SIX = datetime(2026, 3, 10, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def main() -> None:
    match sys.argv[1:2]:
        case ["fill"]:
            fill(int(sys.argv[2]))
        case ["make"]:
            make(int(sys.argv[2]), SIX + int(sys.argv[3]) * DAY)
        case _:
            counts = [int(word) for word in sys.argv[1:] if word.isdecimal()] or CLIENTS
            for engine in [word for word in sys.argv[1:] if word in ENGINES] or ENGINES:
                for count in counts:
                    measure(engine, count)


def measure(engine: str, count: int) -> None:
    """Fill a shop with so many clients, make the reports of two days, and print how long each took."""
    with database(engine) as environment:
        run(environment, "fill", count)
        for number, which in enumerate(("first reports", "the next day's")):
            told = json.loads(run(environment, "make", count, number))
            print(
                f"{engine}: {count:,} clients, {count * MACHINES:,} machines, {which}: "
                f"{told['made']:.1f} s (wanted: {LIMIT_SECONDS} s for {CLIENTS[-1]:,}), "
                f"{told['asked']} questions to the database, letters with a PDF each {told['mailed']:.1f} s, "
                f"{told['own']:.1f} s of processor, {told['memory']:.0f} MB, "
                f"{told['bytes'] / count:,.0f} bytes a report, {load()}",
                flush=True,
            )


def make(count: int, at: datetime) -> None:
    """Make the reports that are due, write their letters, and make sure that all are there."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from rounds.mail.models import Letter  # noqa: PLC0415
    from rounds.reports import mailing, making  # noqa: PLC0415
    from rounds.reports.models import Report  # noqa: PLC0415

    asked = [0]

    def counting(execute, *rest):  # type: ignore[no-untyped-def]
        asked[0] += 1
        return execute(*rest)

    began = time.perf_counter()
    with connection.execute_wrapper(counting):
        assert making.pull(at) == count
    made = time.perf_counter() - began
    assert making.pull(at) == 0
    kept = Report.objects.filter(made_at=at)
    states = set(kept.values_list("state", flat=True))
    assert states == {"trouble", "well"}, states
    began = time.perf_counter()
    assert mailing.pull(at) == count
    mailed = time.perf_counter() - began
    assert Letter.objects.exclude(attachment=None).count() == Report.objects.count()
    used = resource.getrusage(resource.RUSAGE_SELF)
    size = sum(len(bytes(body)) for body in kept.values_list("body", flat=True).iterator())
    told = {"made": made, "asked": asked[0], "mailed": mailed, "bytes": size}
    print(json.dumps({**told, "own": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}))


def fill(count: int) -> None:
    """Fill an empty database."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from rounds.clients.models import ShopTerms  # noqa: PLC0415
    from rounds.people.models import Role, Shop, User  # noqa: PLC0415
    from rounds.reports import choosing  # noqa: PLC0415
    from rounds.reports.models import ShopChoice  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Shop.objects.create(pk=1, name="Mill Street Computing", currency="USD", time_zone="UTC")
    ShopTerms.objects.create(since=date(2026, 1, 1))
    theo = User.objects.create(email="theo@shop.example", name="Theo", role=Role.TECHNICIAN)
    choosing.choose_for_shop(ShopChoice(staff=[theo.pk], has_pdf=True), by=theo, at=SIX - 90 * DAY)
    for first in range(0, count, 50):
        with transaction.atomic():
            for number in range(first, min(count, first + 50)):
                add_client(number, theo)


def add_client(number: int, theo: object) -> None:
    """One client, his machines, and what happened there."""
    from rounds.agents.models import FactVersion  # noqa: PLC0415
    from rounds.clients.models import Agreement, Client, Machine, Site  # noqa: PLC0415
    from rounds.findings.models import Finding  # noqa: PLC0415
    from rounds.mail.models import AlertMail, RawMail, Reading, Source  # noqa: PLC0415
    from rounds.work.models import Order, Stint  # noqa: PLC0415

    client = Client.objects.create(name=f"Client {number:05}", since=SIX - 90 * DAY)
    Agreement.objects.create(
        client=client, plan="service-agreement", starts=date(2026, 1, 1), included_seconds=8 * 3600
    )
    site = Site.objects.create(client=client, name="Office")
    kinds = ["server", *["workstation"] * (MACHINES - 1)]
    machines = [Machine.objects.create(site=site, name=f"M{place}", kind=kind) for place, kind in enumerate(kinds)]
    for machine in machines:
        add_agent(machine)
    if number % 3 == 0:
        Finding.objects.create(
            client=client, machine=machines[0], rule="disk-full", subject="/srv", severity="trouble",
            title="/srv is 93 % full", opened_at=SIX - 3 * DAY,
        )  # fmt: skip
    for days, version in ((20, "1.0"), (0.2, "1.1")):
        packages = {**packages_of(400), "openssl": version}
        FactVersion.objects.create(
            machine=machines[0], name="software", from_at=SIX - days * DAY, digest=version, value={"packages": packages}
        )
    source = Source.objects.create(client=client, name="Backup of the practice program", local_part=f"s{number}")
    raw, _ = RawMail.objects.get_or_create(sha256="0" * 64, defaults={"raw": b""})
    for days in (-1, 0, 1, 2):
        mail = AlertMail.objects.create(
            source=source, raw_mail=raw, digest=f"{number} {days}", subject="Backup successful",
            received_at=SIX - days * DAY - timedelta(hours=3),
        )  # fmt: skip
        Reading.objects.create(mail=mail, client=client, result="success", at=mail.received_at)
    order = Order.objects.create(client=client, title="Mail does not arrive", opened_at=SIX - DAY)
    Stint.objects.create(order=order, who=theo, started_at=SIX - DAY, minutes=30, recorded_at=SIX - 0.5 * DAY)


@cache
def packages_of(count: int) -> dict[str, str]:
    return {f"package-{place}": f"{place}.{place % 7}.{place % 3}" for place in range(count)}


def add_agent(machine: object) -> None:
    """An agent, a state with all its facts, a month of a disk's maxima, and a day of sealed figures."""
    from rounds.agents.chunks import key_of  # noqa: PLC0415
    from rounds.agents.models import Agent, Chunk, State, Token  # noqa: PLC0415
    from rounds.agents.storage import DAY as MILLISECONDS  # noqa: PLC0415
    from rounds.findings.models import MachineMemory  # noqa: PLC0415

    key = machine.pk  # type: ignore[attr-defined]
    token = Token.objects.create(site=machine.site, token_sha256=f"{key:064x}", expires_at=SIX)  # type: ignore[attr-defined]
    agent = Agent.objects.create(
        machine=machine, token=token, instance=f"{key:032x}", secret_sha256=f"{key:064x}", enrolled_at=SIX - 60 * DAY
    )
    recent = (SIX + DAY - timedelta(hours=4)).isoformat()
    facts = {
        "os": {"family": "linux", "name": "Debian GNU/Linux 12"}, "boot": {"booted_at": (SIX - 40 * DAY).isoformat()},
        "updates": {"pending": 3, "security": 0, "lists_at": recent}, "reboot": {"needed": False},
        "antivirus": {"products": [{"product": "ClamAV", "is_active": True, "signatures_at": recent}]},
        "backups": {"runs": [{"product": "restic", "last_at": recent, "bytes": 41_200_000_000}]},
        "software": {"packages": packages_of(400)},
    }  # fmt: skip
    State.objects.create(
        machine=machine, agent=agent, taken_at=SIX, seen_at=SIX + DAY, first_seen_at=SIX - 60 * DAY, check_ins=80_000,
        samples={"processor.percent": 7.0, "memory.used_percent": 44.0}, facts=facts,
        disks={place: {"used_percent": 50.0 + key % 30} for place in ("/", "/srv", "/var")},
    )  # fmt: skip
    maxima = {(SIX.date() - timedelta(days=back)).isoformat(): 80.0 - back / 3 for back in range(60)}
    MachineMemory.objects.create(machine=machine, chart={"maxima": dict.fromkeys(("/", "/srv", "/var"), maxima)})
    for chunk, body in sealed().items():
        Chunk.objects.create(pk=key_of(key, MILLISECONDS, 0) + chunk, body=body)


@cache
def sealed() -> dict[int, bytes]:
    """Forty days of figures, as they are sealed, by the place of their chunk."""
    from rounds.agents.chunks import key_of  # noqa: PLC0415
    from rounds.agents.storage import DAY as MILLISECONDS  # noqa: PLC0415
    from rounds.core.packing import pack, table_of  # noqa: PLC0415

    last = int((SIX + DAY).timestamp()) // 86_400
    told = {f"{name}|{kind}": 40.0 for name in FIGURES for kind in KINDS}
    days: dict[int, list[int]] = {}
    for day in range(last - 40, last):
        days.setdefault(key_of(0, MILLISECONDS, day) - key_of(0, MILLISECONDS, 0), []).append(day)
    return {place: pack(table_of((day * MILLISECONDS, told) for day in group)) for place, group in days.items()}


FIGURES = [
    "processor.percent", "memory.used_percent", *(f"disk.{what}@{place}" for place in ("/", "/srv", "/var")
                                                  for what in ("used_percent", "free_bytes", "inodes_percent")),
    *(f"net.{number}" for number in range(29)),
]  # fmt: skip
KINDS = ("min", "max", "avg", "last", "p95")

if __name__ == "__main__":
    main()
