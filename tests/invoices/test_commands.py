"""The command line of money: rehearse, close, books."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from rounds.clients.models import Client
from rounds.invoices.models import Invoice
from rounds.invoices.selling import buy_hours
from rounds.ledger.models import Posting
from rounds.people.models import Shop
from rounds.people.shop import local_day
from rounds.work.models import Order, Stint

OURS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
EXPECTED = [json.loads(file.with_suffix(".json").read_text()) for file in OURS]


def _say(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def _rehearse(*arguments: object, home: Path) -> list[dict[str, object]]:
    command = [sys.executable, "-c", "from rounds.web.cli import main; main()", "rehearse", *map(str, arguments)]
    environment = {**os.environ, "ROUNDS_HOME": str(home), "ROUNDS_DATABASE": "sqlite"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_rehearse_prints_one_object_a_line_and_touches_no_database(tmp_path: Path) -> None:
    assert _rehearse(*OURS, home=tmp_path) == EXPECTED

    assert not (tmp_path / "rounds.sqlite3").exists()


def test_rehearse_stored_prints_the_same_and_leaves_the_shops_database_alone(tmp_path: Path) -> None:
    assert _rehearse("--stored", *OURS, home=tmp_path) == EXPECTED

    assert not (tmp_path / "rounds.sqlite3").exists()


def test_rehearse_says_what_is_wrong_with_a_file_and_goes_on(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("title = ")

    first, second, third = _rehearse(broken, tmp_path / "missing.toml", OURS[0], home=tmp_path)

    assert "is not a TOML file" in str(first["refused"])
    assert "cannot be read" in str(second["refused"])
    assert third == EXPECTED[0]


@pytest.fixture
def worked(northside: Client) -> Client:
    """A client with an hour of work of last month."""
    last_month = timezone.now().replace(day=1, hour=12) - timedelta(days=5)
    order = Order.objects.create(client=northside, title="New printer", opened_at=last_month)
    Stint.objects.create(order=order, started_at=last_month, minutes=60, recorded_at=last_month)
    return northside


def test_close_issues_this_months_invoices_and_closing_again_changes_nothing(worked: Client) -> None:
    first = local_day(timezone.now()).replace(day=1)

    said = _say("close")
    again = _say("close", f"{first:%Y-%m}")

    assert "100.00  Northside Dental" in said
    assert "1 issued now; 1 in all" in said
    assert "0 issued now; 1 in all" in again
    assert Invoice.objects.get().issued_on == first


def test_shares_of_the_clients_together_are_all_of_them(worked: Client, elm: Client) -> None:
    own = Stint.objects.get()
    order = Order.objects.create(client=elm, title="New printer", opened_at=own.started_at)
    Stint.objects.create(order=order, started_at=own.started_at, minutes=60, recorded_at=own.recorded_at)

    first, again, second = (
        _say("close", "--share", "1/2"),
        _say("close", "--share", "1/2"),
        _say("close", "--share=2/2"),
    )

    assert "1 issued now; 1 in all" in first
    assert "0 issued now; 1 in all" in again
    assert "1 issued now; 2 in all" in second
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("share", ["0/2", "3/2", "2", "1/0", "a/b"])
def test_close_refuses_a_share_that_is_none(shop: Shop, share: str) -> None:
    with pytest.raises(CommandError, match="is no share"):
        _say("close", "--share", share)


def test_close_does_not_issue_a_month_that_has_not_begun(worked: Client) -> None:
    with pytest.raises(CommandError, match="has not begun"):
        _say("close", "2999-01")
    with pytest.raises(CommandError, match="is not a month"):
        _say("close", "soon")

    assert not Invoice.objects.exists()


def test_close_preview_changes_nothing(worked: Client) -> None:
    said = _say("close", "--preview")

    assert "nothing was changed" in said
    assert not Invoice.objects.exists()


def test_books_are_shown_exported_and_verified(northside: Client) -> None:
    buy_hours(northside, 2, at=timezone.now())

    shown, exported, verified = _say("books", "balances"), _say("books", "export"), _say("books", "verify")

    assert f"200.00 USD  assets:receivable:{northside.pk}" in shown
    assert f"7200 SEC  holdings:hours:{northside.pk}" in shown
    assert f"account assets:receivable:{northside.pk}" in exported
    assert "The books hold" in verified


def test_books_that_do_not_hold_are_told_apart(northside: Client) -> None:
    buy_hours(northside, 2, at=timezone.now())
    _say("books", "verify")
    strange = Posting.objects.first()
    assert strange is not None
    entry = strange.entry
    Posting.objects.bulk_create(
        [
            Posting(entry=entry, account=f"assets:receivable:{northside.pk}", commodity="USD", amount=1),
            Posting(entry=entry, account="income:labour", commodity="USD", amount=-1),
        ]
    )

    with pytest.raises(CommandError, match=r"entry \d+ .* is not what was sealed at place 1"):
        _say("books", "verify")
