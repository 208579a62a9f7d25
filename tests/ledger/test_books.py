"""The books: every step booked once, a fee over its month, and a journal with which hledger and ledger agree."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, reject, settings

from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client
from rounds.core.money import Refused
from rounds.core.stories import read_story
from rounds.invoices.issuing import pull
from rounds.invoices.paying import pay
from rounds.invoices.rehearsing import LAST_MOMENT, Telling
from rounds.invoices.selling import buy_hours
from rounds.ledger import booking
from rounds.ledger.balancing import balances
from rounds.ledger.exporting import export
from rounds.ledger.models import Entry, Posting
from rounds.people.shop import local_moment
from rounds.work.models import Order, Stint
from tests.ledger.judges import as_beancount, as_printed, printed_by_beancount, printed_by_hledger, printed_by_ledger
from tests.scenarios.stories import stories

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)


@pytest.fixture
def worked(northside: Client) -> Client:
    terms = Agreement(client=northside, plan="service-agreement", included_seconds=2 * 3600, starts=date(2005, 4, 1))
    sign(terms, by=None, at=APRIL - timedelta(days=5))
    buy_hours(northside, 2, at=APRIL)
    order = Order.objects.create(client=northside, title="Server", opened_at=APRIL)
    for minutes in (180, 120):
        Stint.objects.create(order=order, started_at=APRIL, minutes=minutes, recorded_at=APRIL)
    pull(APRIL + timedelta(hours=1))
    return northside


def test_every_step_is_booked_once(worked: Client) -> None:
    first = booking.pull(APRIL + timedelta(hours=2))
    postings = Posting.objects.count()

    assert first > 0
    assert booking.pull(APRIL + timedelta(hours=2)) == 0
    assert Posting.objects.count() == postings


def test_a_fee_is_earned_when_its_month_is_over(worked: Client) -> None:
    booking.pull(datetime(2005, 4, 30, 15, tzinfo=UTC))
    assert balances()[f"liabilities:deferred:fee:{worked.pk}", "USD"] == -200_00

    booking.pull(datetime(2005, 5, 1, 15, tzinfo=UTC))
    booking.pull(datetime(2005, 5, 2, 15, tzinfo=UTC))

    assert balances()["income:fee", "USD"] == -200_00
    assert Entry.objects.get(what="fee earned").on == date(2005, 4, 30)


def test_balances_can_be_had_for_any_day(worked: Client) -> None:
    booking.pull(APRIL + timedelta(hours=2))

    before, after = balances(date(2005, 4, 3)), balances(date(2005, 4, 4))

    receivable = (f"assets:receivable:{worked.pk}", "USD")
    assert (before[receivable], after[receivable]) == (200_00, 400_00)
    assert after[f"assets:unbilled:{worked.pk}", "USD"] == 100_00  # 3 h + 2 h, of which 2 are included and 2 bought


def test_hledger_ledger_and_beancount_accept_the_books_and_print_the_same_balances(
    worked: Client, tmp_path: Path
) -> None:
    pay(worked, 350_00, at=datetime(2005, 5, 3, 15, tzinfo=UTC))
    booking.pull(datetime(2005, 5, 4, 15, tzinfo=UTC))

    _assert_others_agree(tmp_path)


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=stories())
@pytest.mark.django_db
def test_hledger_ledger_and_beancount_agree_with_the_stored_books_of_random_shops(
    told: dict[str, Any], tmp_path: Path
) -> None:
    with transaction.atomic():
        try:
            Telling(story := read_story(told)).tell(story.through)
        except Refused:
            reject()
        booking.pull(local_moment(story.through, LAST_MOMENT))

        _assert_others_agree(tmp_path)
        transaction.set_rollback(True)


def _assert_others_agree(folder: Path) -> None:
    for name in ("hledger", "ledger", "beancount"):
        (folder / name).write_bytes(b"".join(export(name)))
    ours = balances()
    assert printed_by_hledger(folder / "hledger") == as_printed(ours)
    assert printed_by_ledger(folder / "ledger") == as_printed(ours)
    assert printed_by_beancount(folder / "beancount") == as_beancount(ours)
