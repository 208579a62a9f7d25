"""Run inside an installation by test_daily_reports.py: `make`, `tick KILLED_AT`, `show`.

`tick` prints a line when it begins, waits for one, then makes and mails the daily reports of a morning, twice as the
ticker would; killed (-9) by itself at the statement of that number, if there is one.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up by now
from django.db import connection  # noqa: E402

from rounds.clients.models import Client, Contact, Site  # noqa: E402
from rounds.mail.models import Letter  # noqa: E402
from rounds.people.models import Shop  # noqa: E402
from rounds.reports import mailing, making  # noqa: E402
from rounds.reports.models import ClientChoice, Report, Wanted  # noqa: E402

CLIENTS = 8
MORNING = datetime(2026, 4, 14, 7, tzinfo=UTC)
LONG_AGO = MORNING - timedelta(days=90)


def make() -> None:
    """Clients who always want a report, each with a contact who gets it by mail."""
    call_command("migrate", verbosity=0)
    Shop.objects.create(pk=1, time_zone="UTC", email="office@shop.example", name="The shop")
    for number in range(CLIENTS):
        client = Client.objects.create(name=f"Client {number}", since=LONG_AGO)
        Site.objects.create(client=client, name="Main office")
        contact = Contact.objects.create(client=client, name="Nora", email=f"nora{number}@client.example")
        ClientChoice.objects.create(
            client=client, wanted=Wanted.ALWAYS, contacts=[contact.pk], hour_since=LONG_AGO, at=LONG_AGO
        )


def tick(killed_at: int) -> None:
    """Make and mail the reports."""
    seen = 0

    def count(execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> object:  # noqa: FBT001
        nonlocal seen
        seen += 1
        if seen == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    sys.stdout.write("begins\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with connection.execute_wrapper(count):
        for _ in range(2):
            making.pull(MORNING)
            mailing.pull(MORNING)
    sys.stdout.write(f"{seen}\n")


def show() -> None:
    """What was made: of which client and day, and which letters went to whom."""
    reports = list(Report.objects.order_by("client", "day").values_list("client", "day", "to"))
    letters = [[key, to] for key, to in Letter.objects.order_by("key").values_list("key", "to")]
    keys = sorted(f"daily-report:{pk}" for pk in Report.objects.values_list("pk", flat=True))
    told = {
        "reports": [[client, f"{day}", to] for client, day, to in reports],
        "to": sorted(to[0] for _, to in letters),
        "each_has_its_letter": sorted(key for key, _ in letters) == keys,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["tick", number]:
            tick(int(number))
        case ["show"]:
            show()
