"""The daily proof of the books: once a day, a finding for the shop while something is wrong, and closed after."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from rounds.clients.models import Client
from rounds.findings.models import Finding
from rounds.invoices.auditing import RULE, prove, pull
from rounds.invoices.selling import buy_hours
from rounds.ledger.models import Entry, MonthTotal, Proof, Unsealed
from tests.engines import guards_down

NIGHT = datetime(2005, 4, 5, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def own(northside: Client) -> Client:
    buy_hours(northside, 2, at=NIGHT - DAY)
    return Client.objects.create(name="Our own office", is_own=True)


def _change(what: str) -> None:
    entry = Entry.objects.order_by("pk").first()
    assert entry is not None
    with guards_down(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET what = %s WHERE id = %s", (what, entry.pk))


def test_the_books_are_proved_once_a_day(own: Client) -> None:
    assert [pull(NIGHT), pull(NIGHT + timedelta(hours=5)), pull(NIGHT + DAY)] == [1, 0, 1]

    assert list(Proof.objects.values_list("wrong", flat=True)) == [[], []]
    assert not Unsealed.objects.exists()
    assert not Finding.objects.exists()


def test_what_does_not_hold_is_a_finding_for_the_shop_itself_until_it_holds_again(own: Client) -> None:
    pull(NIGHT)
    _change("Something else")

    pull(NIGHT + DAY)
    pull(NIGHT + 2 * DAY)

    finding = Finding.objects.get()
    assert (finding.client, finding.rule, finding.severity) == (own, RULE, "trouble")
    assert "is not what was sealed at place 1" in finding.title
    assert finding.rule_label == "Books do not hold"
    assert "is not what was sealed" in Proof.objects.get(on=(NIGHT + DAY).date()).wrong[0]

    _change("Hours bought")
    pull(NIGHT + 3 * DAY)

    finding.refresh_from_db()
    assert finding.closed_at == NIGHT + 3 * DAY


def test_a_total_that_somebody_changed_is_found(own: Client) -> None:
    prove(NIGHT)
    MonthTotal.objects.filter(account="income:hours").delete()
    MonthTotal.objects.filter(account__startswith="assets:receivable").update(amount=1)

    wrong = prove(NIGHT)

    assert any("the total of assets:receivable" in one for one in wrong)
    assert any("in the books" in one for one in wrong)


def test_a_shop_without_an_office_of_its_own_still_keeps_the_proof(northside: Client) -> None:
    buy_hours(northside, 2, at=NIGHT - DAY)
    prove(NIGHT)
    _change("Something else")

    assert pull(NIGHT) == 1
    assert Proof.objects.get().wrong
    assert not Finding.objects.exists()
