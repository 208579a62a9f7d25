"""The sample shop in a process of its own: `python -m tests.faults.sample make|tick [STATEMENT]|show`.

`tick` runs the ticker once on the morning of the 1st; killed (-9) by itself at the statement named, if one is.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
django.setup()

from django.core.management import call_command
from django.db import connection

from rounds.invoices.checking import differences
from rounds.invoices.models import Invoice
from rounds.mail.models import Expectation, Letter
from rounds.web.sample.making import make_sample
from rounds.web.steps import STEPS
from rounds.web.ticking import tick

MORNING = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)


def make() -> None:
    """A year of the sample shop, up to the evening before the 1st."""
    call_command("migrate", verbosity=0)
    make_sample(MORNING, say=lambda _text: None)


def tick_once(killed_at: int) -> None:
    """The ticker's round on the 1st; prints how many statements it took."""
    seen = 0

    def count(execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> object:  # noqa: FBT001
        nonlocal seen
        seen += 1
        if seen == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        tick(STEPS, {}, MORNING)
    sys.stdout.write(str(seen))


def show() -> None:
    """Every invoice, what the checks of the books say, and how many letters were written."""
    invoices = [
        [str(one), one.client_name, str(one.issued_on), one.total, one.tax, one.open,
         list(one.lines.values_list("kind", "amount", "seconds"))]
        for one in Invoice.objects.with_open().order_by("pk")
    ]  # fmt: skip
    told = {
        "invoices": invoices,
        "differences": differences(),
        "letters": Letter.objects.count(),
        "expected": sorted(Expectation.objects.values_list("source__name", flat=True)),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["tick", *statement]:
            tick_once(int(statement[0]) if statement else 0)
        case ["show"]:
            show()
