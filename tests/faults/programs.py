"""Programs that send the same things, in processes of their own: `python -m tests.faults.programs make|send|show`.

`make` prints a token's secret; `send` prints a line when it begins, waits for one, then posts time and payments under
keys that are the same in every process.
"""

import json
import os
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client as Browser  # noqa: E402

from rounds.api.admitting import Wanted, make_token  # noqa: E402
from rounds.api.models import Scope, Sent  # noqa: E402
from rounds.clients.models import Client, ShopTerms  # noqa: E402
from rounds.invoices.models import Payment  # noqa: E402
from rounds.ledger.balancing import balances  # noqa: E402
from rounds.people.joining import add_person  # noqa: E402
from rounds.people.models import Role  # noqa: E402
from rounds.work.models import Order, Stint  # noqa: E402

BEGUN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def make() -> None:
    """A shop with a client, an order, and a token that may write."""
    call_command("migrate", verbosity=0)
    ShopTerms.objects.create(since=date(2026, 1, 1))
    owner = add_person("olga@shop.example", "Olga", Role.OWNER)
    client = Client.objects.create(name="Northside Dental", since=BEGUN)
    Order.objects.create(client=client, title="New printer", opened_at=BEGUN)
    sys.stdout.write(make_token(Wanted("tracker", owner, Scope.WRITE), by=owner, at=datetime.now(UTC))[1])


def send(secret: str, count: int) -> None:
    """Post so many stints and payments, and say how each was answered."""
    browser, order = Browser(SERVER_NAME="localhost"), Order.objects.get()
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(count):
        begun = (BEGUN + timedelta(hours=number)).isoformat()
        things = {
            "stints": {"order": order.pk, "started_at": begun, "minutes": 30},
            "payments": {"client": order.client_id, "amount": {"amount": "10.00", "currency": "USD"}},
        }
        for kind, told in things.items():
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"{kind}-{number}"}
            reply = browser.post(f"/api/v1/{kind}", told, content_type="application/json", headers=headers)
            sys.stdout.write(f"{kind}-{number} {reply.status_code} {reply.json().get('id')}\n")
            sys.stdout.flush()


def show() -> None:
    """What was kept."""
    paid = balances(below="liabilities:credit:")
    described = {
        "stints": Stint.objects.count(),
        "starts": len(Counter(Stint.objects.values_list("started_at", flat=True))),
        "payments": Payment.objects.count(),
        "credit": -sum(paid.values()),
        "keys": Sent.objects.count(),
    }
    sys.stdout.write(json.dumps(described))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["send", secret, count]:
            send(secret, int(count))
        case ["show"]:
            show()
