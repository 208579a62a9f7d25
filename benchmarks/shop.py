"""A shop with many clients for the benchmarks of invoicing, and the databases of both engines to put it into.

Every client has a service agreement and works under all rules: business hours, public holidays, minimum, grace and
rounding, included hours that run out, parts with a markup, and tax on some kinds of line.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
ENGINES = ("sqlite", "postgresql")
BEGINS = datetime(2026, 3, 1, 6, tzinfo=UTC)
LAST = datetime(2026, 3, 31, 21, tzinfo=UTC)
CLOSES = datetime(2026, 4, 1, 6, tzinfo=UTC)
FEES, PARTS = 1, 3  # lines of an invoice that are no stints


@contextmanager
def database(engine: str) -> Iterator[dict[str, str]]:
    """The environment of processes on an empty database of an engine, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rounds-benchmark-") as folder:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "rounds.web.settings", "ROUNDS_DATABASE": engine,
                       "ROUNDS_HOME": folder, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}  # fmt: skip
        if engine == "sqlite":
            yield environment
            return
        from tests.engines import start_postgresql  # noqa: PLC0415 - it needs pytest, SQLite alone does not

        home, stop = start_postgresql(is_durable=True)
        try:
            yield environment | {"PGHOST": str(home), "PGUSER": "rounds", "PGDATABASE": "postgres"}
        finally:
            stop()


def run(environment: dict[str, str], *words: object) -> str:
    """Run the benchmark itself with other words in a process of its own; gives what it printed."""
    return subprocess.run(_command(*words), env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def start(environment: dict[str, str], *words: object) -> subprocess.Popen[bytes]:
    """Start it, to run beside others."""
    return subprocess.Popen(_command(*words), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _command(*words: object) -> list[str]:
    return [sys.executable, str(Path(sys.argv[0]).resolve()), *(str(word) for word in words)]


def load() -> str:
    """How much else the machine has to do."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def open_shop(clients: int, *, stints: int) -> None:
    """Fill an empty database: clients who have been invoiced for the start of March, and their work and parts since."""
    import django  # noqa: PLC0415 - only the processes that measure need it

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from rounds.clients.models import ShopTerms, TaxChoice, TaxCode, TaxRate  # noqa: PLC0415
    from rounds.invoices.issuing import pull  # noqa: PLC0415
    from rounds.ledger import booking, sealing  # noqa: PLC0415
    from rounds.people.models import Shop  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Shop.objects.create(pk=1, name="Mill Street Computing", currency="USD", time_zone="America/New_York")
    ShopTerms.objects.create(
        since=date(2026, 1, 1), hourly_rate=120_00, minimum_onsite_minutes=60, grace_minutes=3, parts_markup="20%",
        business_hours="Mon-Fri 09:00-17:00", holidays="US-NY",
    )  # fmt: skip
    code = TaxCode.objects.create(name="tax")
    TaxRate.objects.create(code=code, since=date(2026, 1, 1), rate="8.25%", words="Tax")
    TaxChoice.objects.create(since=date(2026, 1, 1), codes=dict.fromkeys(("labour", "overage", "part"), "tax"))
    _keep_clients(clients)
    pull(BEGINS)
    booking.pull(BEGINS)
    sealing.pull()
    _keep_work(stints)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _keep_clients(count: int) -> None:
    from rounds.clients.models import Agreement, Client  # noqa: PLC0415

    clients = Client.objects.bulk_create(
        Client(name=f"Client {number:04d}", billing_address=f"{number} Mill Street\nAlbany NY", since=BEGINS)
        for number in range(1, count + 1)
    )
    Agreement.objects.bulk_create(
        Agreement(client=client, plan="service-agreement", starts=BEGINS.date(), included_seconds=600, discount="10%",
                  monitoring="included", recorded_at=BEGINS)
        for client in clients
    )  # fmt: skip


def _keep_work(stints: int) -> None:
    """So many stints and three parts for every client: the first uses up what is included and bills the rest."""
    from rounds.clients.models import Client  # noqa: PLC0415
    from rounds.work.models import Order, Part, Stint  # noqa: PLC0415

    orders = Order.objects.bulk_create(
        Order(client=client, title="Mail does not arrive", opened_at=BEGINS) for client in Client.objects.order_by("pk")
    )
    days = [day for number in range(1, 30) if (day := BEGINS + timedelta(days=number)).weekday() < 5]
    moments = [
        days[place * len(days) // stints] + timedelta(hours=8, minutes=95 * place % 550) for place in range(stints)
    ]  # from 9:00 on the shop's clock to 18:10
    for order in orders:
        Stint.objects.bulk_create(
            Stint(order=order, started_at=at, minutes=20 + (order.pk + 7 * place) % 50, recorded_at=at,
                  place="onsite" if place % 3 == 0 else "remote", note=f"Mail server, step {place}")
            for place, at in enumerate(moments)
        )  # fmt: skip
    Part.objects.bulk_create(
        Part(order=order, name=f"Disk {place}", cost=80_00 + place, used_at=at, recorded_at=at)
        for order in orders
        for place in range(PARTS)
        for at in [LAST - timedelta(days=3 * place)]
    )
