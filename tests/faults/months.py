"""A small shop with months of work, run in a process of its own: `python -m tests.faults.months make|run|race|show`.

`run` prints a line when it begins, so that a test knows when to kill it; `race` then waits for a line until it goes on.
"""

import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from rounds.charges.models import Draw, Rated  # noqa: E402
from rounds.clients.agreeing import sign  # noqa: E402
from rounds.clients.models import Agreement, Client, ShopTerms  # noqa: E402
from rounds.invoices.checking import differences  # noqa: E402
from rounds.invoices.issuing import pull  # noqa: E402
from rounds.invoices.models import Invoice, Payment  # noqa: E402
from rounds.invoices.selling import buy_hours, deposit  # noqa: E402
from rounds.ledger import booking, sealing  # noqa: E402
from rounds.ledger.models import Entry, Seal  # noqa: E402
from rounds.work.models import Order, Part, Stint  # noqa: E402
from tests.trade import taxed  # noqa: E402

BEGINS = datetime(2005, 1, 3, 9, tzinfo=UTC)
THROUGH = datetime(2005, 7, 1, 12, tzinfo=UTC)
PLANS: tuple[dict[str, object], ...] = (
    {"plan": "service-agreement", "included_seconds": 4 * 3600, "discount": "10%", "roll_months": 1},
    {"plan": "retainer", "low_at_amount": 300_00, "top_up_to": 1_000_00, "discount": "10%"},
    {"plan": "block", "low_at_seconds": 3 * 3600, "monitoring": "2 hours", "hours_lapse_months": 3},
    {"plan": "reactive", "monitoring": "50.00"},
)


def make(clients: int) -> None:
    """Fill an empty database: clients of every plan, each with half a year of stints and parts, nothing of it rated."""
    call_command("migrate", verbosity=0)
    ShopTerms.objects.create(since=date(2005, 1, 1), bonus_hours=[[10, 1]], interest_rate="12% a year")
    taxed("8.25%", "part")
    for number in range(clients):
        client = Client.objects.create(name=f"Client {number:02d}", since=BEGINS)
        plan = PLANS[number % len(PLANS)]
        sign(Agreement(client=client, starts=BEGINS.date(), **plan), by=None, at=BEGINS)
        if plan["plan"] == "block":
            buy_hours(client, 10, at=BEGINS)
        if plan["plan"] == "retainer":
            deposit(client, 1_000_00, at=BEGINS)
        order = Order.objects.create(client=client, title="Work", opened_at=BEGINS)
        days = [BEGINS + timedelta(days=7 * week + number % 5) for week in range(25)]
        Stint.objects.bulk_create(
            Stint(order=order, started_at=day, minutes=25 + 13 * (number + week) % 90, recorded_at=day)
            for week, day in zip(count(), days, strict=False)
        )
        Part.objects.bulk_create(
            Part(order=order, name="Cable", cost=9_99, used_at=day, recorded_at=day) for day in days[::6]
        )


def run(*, is_race: bool = False) -> None:
    """The monthly run, as the ticker makes it: play and issue everything that is due, book it, and seal the entries."""
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    if is_race:
        sys.stdin.readline()
    pull(THROUGH)
    booking.pull(THROUGH)
    sealing.pull()


def show() -> None:
    """What came of it, without the keys of rows."""
    invoices = Invoice.objects.with_open().order_by("series", "number")
    described = {
        "invoices": [
            [one.client_name, str(one), str(one.issued_on), one.total, one.open,
             list(one.lines.values_list("kind", "amount", "seconds"))]
            for one in invoices
        ],
        "rated": Rated.objects.count(),
        "drawn": sum(Draw.objects.values_list("seconds", flat=True)),
        "paid": Payment.objects.count(),
        "entries": Entry.objects.count(),
        "sealed": Seal.objects.count(),
        "differences": differences(),
    }  # fmt: skip
    sys.stdout.write(json.dumps(described, indent=1))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", clients]:
            make(int(clients))
        case ["run"]:
            run()
        case ["race"]:
            run(is_race=True)
        case ["show"]:
            show()
