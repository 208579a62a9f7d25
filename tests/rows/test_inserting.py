"""Rows inserted at once are what the same rows are when they are saved one by one."""

from datetime import UTC, date, datetime

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from rounds.charges.models import Standing
from rounds.clients.models import Client
from rounds.ledger.models import Entry, Posting, Proof
from rounds.rows import inserting
from rounds.rows.inserting import insert

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 6, 30, 15, 250, tzinfo=UTC)


def entry(number: int) -> Entry:
    return Entry(on=date(2026, 4, number), what=f"Entry {number}", cause=f"test:{number}", booked_at=AT)


def test_each_row_gets_its_key_and_reads_back_as_it_was() -> None:
    rows = [entry(number) for number in range(1, 6)]

    insert(rows)

    kept = Entry.objects.in_bulk([row.pk for row in rows])
    assert [(kept[row.pk].cause, kept[row.pk].on, kept[row.pk].booked_at) for row in rows] == [
        (f"test:{number}", date(2026, 4, number), AT) for number in range(1, 6)
    ]


def test_days_that_are_missing_and_lists_are_kept_as_django_keeps_them() -> None:
    one_by_one = Proof(on=date(2026, 4, 1), at=AT, wrong=["off by 0.01", "“odd” \x7f signs"])
    one_by_one.save()
    standing = Standing(client=Client.objects.create(name="Northside"), turn=3)

    insert([Proof(on=date(2026, 4, 2), at=AT, wrong=one_by_one.wrong)])
    insert([standing])

    saved, inserted = Proof.objects.order_by("on").values_list("at", "wrong")
    assert saved == inserted
    assert Standing.objects.get(pk=standing.pk).opened_through is None


def test_rows_with_keys_of_their_own_keep_them() -> None:
    insert([Entry(pk=1_000_007, on=date(2026, 4, 1), what="Its own key", cause="test:own", booked_at=AT)])

    assert Entry.objects.get(cause="test:own").pk == 1_000_007


def test_more_rows_than_one_statement_takes_come_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inserting, "ROWS_AT_ONCE", 3)
    rows = [entry(number) for number in range(1, 9)]

    insert(rows)

    assert list(Entry.objects.order_by("pk").values_list("cause", flat=True)) == [row.cause for row in rows]


def test_all_or_none_are_kept() -> None:
    insert([entry(3)])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([entry(1), entry(2), entry(3)])

    assert Entry.objects.count() == 1


def test_what_is_inserted_can_be_saved_and_named_by_others() -> None:
    (row,) = insert([entry(1)])

    insert([Posting(entry=row, account="assets:bank", commodity="USD", amount=5),
            Posting(entry=row, account="income:fee", commodity="USD", amount=-5)])  # fmt: skip

    assert row.postings.count() == 2
    assert not row._state.adding


def test_nothing_is_nothing() -> None:
    assert insert([]) == []


@isolate_apps("rounds.ledger")
def test_a_field_that_changes_as_it_is_saved_is_refused() -> None:
    class Stamped(models.Model):
        at = models.DateTimeField(auto_now=True)

        class Meta:
            app_label = "ledger"
            managed = False

        def __str__(self) -> str:
            return str(self.at)

    with pytest.raises(TypeError, match="changes as it is saved"):
        insert([Stamped()])


def test_values_without_objects_are_kept_as_objects_are() -> None:
    about = ("cause", "on", "what", "client_id", "booked_at")

    keys = inserting.insert_values(
        Entry, about, [(f"test:{n}", date(2026, 4, n), "“odd” %s", None, AT) for n in (1, 2)]
    )

    kept = Entry.objects.in_bulk(keys)
    assert [(kept[key].cause, kept[key].on, kept[key].what, kept[key].booked_at) for key in keys] == [
        ("test:1", date(2026, 4, 1), "“odd” %s", AT),
        ("test:2", date(2026, 4, 2), "“odd” %s", AT),
    ]
    assert inserting.insert_values(Entry, about, []) == []


def test_words_that_are_too_long_are_refused_not_cut() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no lengths")

    with pytest.raises(DataError), transaction.atomic():
        insert([Entry(on=date(2026, 4, 1), what="long", cause="x" * 61, booked_at=AT)])
