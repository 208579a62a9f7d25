"""What an edit changes on the months that are still open is shown before it is kept, and nothing is kept by it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges.changing import changes_of, price_change
from rounds.charges.models import Closing
from rounds.clients import agreeing
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.core.days import add_months, first_of_month
from rounds.invoices.issuing import bring
from rounds.people.models import User

type SignIn = Callable[[User], Browser]
JUNE = date(2026, 6, 1)
AT = datetime(2026, 6, 10, 16, tzinfo=UTC)


def agreement(client: Client, starts: date, **said: object) -> Agreement:
    return Agreement(client=client, plan="service-agreement", starts=starts, included_seconds=8 * 3600, **said)


@pytest.fixture
def agreed(northside: Client) -> Agreement:
    """8 hours a month at 100.00 since June, billed for June."""
    row = agreement(northside, JUNE, recorded_at=datetime(2026, 6, 1, 12, tzinfo=UTC))
    row.save()
    bring(northside, AT)
    return row


def shown(changes: list[object]) -> list[tuple[str, int, int]]:
    return [(f"{one.on:%m-%d}", one.total.before, one.total.after) for one in changes]  # type: ignore[attr-defined]


def test_a_change_is_shown_month_by_month_until_a_whole_one_is_billed(agreed: Agreement) -> None:
    typed = agreement(agreed.client, date(2026, 7, 15), discount="10%")

    changes = changes_of(typed, agreed, AT.date())

    # The old one is billed for 14 days of July; the new one for the other 17 when it starts, then for whole months.
    assert shown(list(changes)) == [
        ("07-15", 0, 394_84), ("08-01", 800_00, 720_00), ("09-01", 800_00, 720_00),
    ]  # fmt: skip
    assert [one.more for one in changes[1].differences if one.what == "in all"] == [-80_00]


def test_a_first_agreement_of_the_running_month_is_billed_today(northside: Client) -> None:
    changes = changes_of(agreement(northside, JUNE), None, AT.date())

    assert shown(list(changes)) == [("06-10", 0, 800_00), ("07-01", 0, 800_00), ("08-01", 0, 800_00)]


def test_one_that_begins_in_half_a_year_leaves_what_comes_before_alone(agreed: Agreement) -> None:
    typed = agreement(agreed.client, date(2026, 12, 1), fee=500_00)

    assert shown(list(changes_of(typed, agreed, AT.date()))) == [("12-01", 800_00, 500_00), ("01-01", 800_00, 500_00)]


def test_what_is_shown_is_what_is_then_billed(agreed: Agreement) -> None:
    typed = agreement(agreed.client, date(2026, 7, 15), discount="10%", monitoring="50.00")
    told = [(one.on, one.total.after) for one in changes_of(typed, agreed, AT.date())]

    kept = agreeing.change(agreed, typed, by=None, at=AT)
    assert kept.starts == date(2026, 7, 15)
    invoices = bring(agreed.client, datetime(2026, 9, 1, 16, tzinfo=UTC))

    billed = {invoice.issued_on: invoice.total for invoice in invoices}
    assert [(day, billed[day]) for day, _ in told] == told


def test_new_prices_show_whose_invoices_change(agreed: Agreement, elm: Client) -> None:
    typed = ShopTerms(since=date(2026, 7, 1), hourly_rate=110_00)

    change = price_change(typed, AT.date())

    assert change.on == date(2026, 7, 1)
    assert [(str(client), one.before, one.after) for client, one in change.clients] == [
        ("Northside Dental", 800_00, 880_00)
    ]
    assert (change.total.more, change.unchanged) == (80_00, 1)


def test_prices_that_hold_within_a_month_are_first_billed_on_the_next_first(agreed: Agreement) -> None:
    change = price_change(ShopTerms(since=date(2026, 7, 2), hourly_rate=110_00), AT.date())

    assert change.on == date(2026, 8, 1)
    assert change.total.more == 80_00


def test_the_owner_sees_on_the_page_what_prices_change_and_nothing_is_kept(
    northside: Client, olga: User, bea: User, as_person: SignIn
) -> None:
    today = timezone.localdate()
    row = agreement(northside, first_of_month(today), recorded_at=timezone.now())
    row.save()
    bring(northside, timezone.now())
    browser, closings = as_person(olga), Closing.objects.count()
    typed = dict(browser.get("/settings/prices").context["form"].initial)
    typed = {name: "" if value is None else value for name, value in typed.items()}
    typed |= {"since": add_months(first_of_month(today), 1).isoformat(), "hourly_rate": "125.00"}

    page = browser.post("/settings/prices", {**typed, "preview": "1"})

    text = " ".join(page.text.split())
    assert "Invoices of" in text
    assert '<td class="number">800.00</td><td class="number">1,000.00</td><td class="number">+200.00</td>' in text
    assert ShopTerms.objects.count() == 1
    assert Closing.objects.count() == closings
    assert as_person(bea).post("/settings/prices", {**typed, "preview": "1"}).status_code == 404
