"""The examples of docs/api.md, run with curl one after the other against a shop, give what stands below them."""

import json
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from rounds.api.admitting import Wanted, make_token
from rounds.api.models import Scope
from rounds.clients.models import Client
from rounds.invoices.models import Invoice
from rounds.people.models import User
from rounds.work.models import Stint
from rounds.work.ordering import Call, take_order
from tests.api.conftest import run_stages
from tests.trade import moment, worked

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def _examples() -> list[tuple[str, Any]]:
    found = re.findall(r"```sh\n(.*?)```\n+```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return [(command, json.loads(expected)) for command, expected in found]


@pytest.mark.django_db(transaction=True)
def test_every_example_of_the_docs_does_what_it_says(
    live_server: LiveServer, northside: Client, olga: User, theo: User
) -> None:
    done = worked(northside, moment(2026, 3, 20).date(), 60, by=theo)
    run_stages(timezone.now())
    done.order.done_at = timezone.now()
    done.order.save()
    order = take_order(Call(northside, "Mail does not arrive"), by=theo, at=timezone.now() - timedelta(days=2))
    _token, secret = make_token(Wanted("docs", olga, Scope.WRITE), by=olga, at=timezone.now())
    words = {
        "ROUNDS": live_server.url, "TOKEN": secret, "CLIENT": str(northside.pk), "ORDER": str(order.pk),
        "INVOICE": str(Invoice.objects.get()),
    }  # fmt: skip
    examples = _examples()

    for command, expected in examples:
        mine = Stint.objects.filter(order=order).last()
        words["STINT"] = str(mine.pk) if mine else ""
        shown = subprocess.run(
            ["bash", "-c", command], env={**os.environ, **words}, capture_output=True, text=True, check=True
        ).stdout
        assert _holds(json.loads(shown), expected), (command, shown)

    assert len(examples) == DOCS.read_text().count("```sh\n") == 11


def _holds(found: Any, expected: Any) -> bool:
    """Is all that is expected in what was found? Lists are compared row by row, as far as rows are expected."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(name in found and _holds(found[name], one) for name, one in
                                               expected.items())  # fmt: skip
    if isinstance(expected, list):
        return len(found) >= len(expected) and all(map(_holds, found, expected))
    return bool(found == expected)
