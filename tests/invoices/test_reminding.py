"""Reminders of late invoices: step by step, each once, paused where the shop says so; the papers that go with them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from rounds.clients.models import Client, Contact, ShopTerms
from rounds.core.money import Refused
from rounds.invoices.checking import differences
from rounds.invoices.issuing import pull as issue
from rounds.invoices.models import Invoice, Reminder, ReminderStep
from rounds.invoices.noting import credit
from rounds.invoices.papers import credit_note_pdf, reminder_pdf, statement_pdf
from rounds.invoices.paying import pay
from rounds.invoices.reminding import pause, pull, resume, set_steps
from rounds.invoices.selling import buy_hours
from rounds.invoices.statements import statement_of
from rounds.ledger import booking
from rounds.mail.models import Letter
from tests.invoices.test_printing import words_of
from tests.trade import agreed

APRIL = datetime(2005, 4, 4, 15, tzinfo=UTC)  # due on the 14th
DAY = timedelta(days=1)
STEPS = [(3, "Perhaps you have missed this.", 0), (14, "Please pay within a week.", 5_00)]


@pytest.fixture
def late(northside: Client) -> Invoice:
    """100.00, due on 14 April; Nora gets the invoices."""
    Contact.objects.filter(client=northside).update(gets_invoices=True)
    set_steps(STEPS)
    invoice = buy_hours(northside, 1, at=APRIL)
    assert invoice is not None
    return invoice


def due(days: int) -> datetime:
    return APRIL + (10 + days) * DAY


def test_each_step_comes_once_when_its_day_has_come(late: Invoice) -> None:
    assert pull(due(2)) == 0
    assert [pull(due(3)), pull(due(3)), pull(due(13))] == [1, 0, 0]
    assert [pull(due(14)), pull(due(14)), pull(due(200))] == [1, 0, 0]

    letters = list(Letter.objects.filter(key__startswith="reminder:").order_by("pk"))
    assert [letter.to for letter in letters] == [["nora@northside.example"]] * 2
    assert "Perhaps you have missed this." in letters[0].body
    assert "USD 100.00 is open" in letters[0].body
    assert bytes(letters[1].attachment or b"").startswith(b"%PDF")
    assert [row.open for row in Reminder.objects.order_by("number")] == [100_00, 100_00]


def test_after_a_long_silence_the_steps_still_keep_their_distance(late: Invoice) -> None:
    assert pull(due(60)) == 1
    assert pull(due(70)) == 0
    assert pull(due(71)) == 1


def test_a_fee_comes_with_the_next_invoice(northside: Client, late: Invoice) -> None:
    pull(due(3))
    pull(due(14))

    issue(datetime(2005, 5, 1, 15, tzinfo=UTC))

    following = Invoice.objects.latest("pk")
    assert [(line.text, line.amount) for line in following.lines.all()] == [
        (f"Reminder fee, invoice {late.full_number}", 5_00)
    ]
    booking.pull(datetime(2005, 5, 2, 15, tzinfo=UTC))
    assert differences() == []


def test_a_reminder_says_what_interest_is_charged_and_has_come_to(northside: Client, late: Invoice) -> None:
    ShopTerms.objects.create(
        since=datetime(2005, 1, 2, tzinfo=UTC).date(), interest_rate="12% a year", interest_grace_days=5
    )

    pull(due(3))
    pull(due(15))

    first, second = Letter.objects.filter(key__startswith="reminder:").order_by("pk")
    assert "Interest of 12 % a year is charged on what is more than 5 days late.\n" in first.body
    # 100.00 from 20 to 28 April, the day before: 9 days, 29.6 cents.
    assert "charged on what is late: USD 0.30 so far, billed on the first of a month." in second.body
    assert [row.interest for row in Reminder.objects.order_by("number")] == [0, 30]
    assert "USD 0.30 so far" in words_of(reminder_pdf(Reminder.objects.get(number=2)))


def test_a_reminder_says_nothing_of_interest_where_none_is_charged(northside: Client, late: Invoice) -> None:
    ShopTerms.objects.create(since=datetime(2005, 1, 2, tzinfo=UTC).date(), interest_rate="12% a year")
    agreed(northside, "reactive", datetime(2005, 4, 5, tzinfo=UTC).date(), waives_interest=True)

    pull(due(3))

    assert "nterest" not in Letter.objects.get(key__startswith="reminder:").body
    assert Reminder.objects.get().interest is None


def test_what_is_paid_is_not_reminded_of_and_a_part_reminds_of_the_rest(northside: Client, late: Invoice) -> None:
    pay(northside, 60_00, at=due(1))
    pull(due(3))
    assert Reminder.objects.get().open == 40_00

    pay(northside, 40_00, at=due(4))

    assert pull(due(20)) == 0


def test_a_pause_of_the_invoice_or_the_client_holds_until_it_is_ended(northside: Client, late: Invoice) -> None:
    for subject in ({"invoice": late}, {"client": northside}):
        pause(**subject, why="In dispute", by=None, at=due(1))
        pause(**subject, why="In dispute", by=None, at=due(1))
        assert pull(due(3)) == 0
        resume(**subject, at=due(3))

    assert pull(due(3)) == 1


def test_without_steps_or_without_anybody_to_write_to_nothing_is_written(northside: Client, late: Invoice) -> None:
    Contact.objects.update(gets_invoices=False)
    assert pull(due(3)) == 0

    Contact.objects.update(gets_invoices=True)
    set_steps([])

    assert pull(due(3)) == 0
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("steps", "why"),
    [([(3, " ", 0)], "says nothing"), ([(3, "a", 0), (3, "b", 0)], "later than 3"), ([(0, "a", 0)], "later than 0")],
)
def test_steps_that_make_no_sense_are_refused(late: Invoice, steps: list[tuple[int, str, int]], why: str) -> None:
    with pytest.raises(Refused, match=why):
        set_steps(steps)

    assert ReminderStep.objects.count() == 2


def test_the_papers_print_and_are_the_same_again(northside: Client, late: Invoice) -> None:
    note = credit(late, 30_00, at=due(1), why="Typed <wrong> #1")
    pull(due(3))
    at, reminder = due(4), Reminder.objects.get()

    papers: list[Callable[[], bytes]] = [
        lambda: credit_note_pdf(note),
        lambda: reminder_pdf(reminder),
        lambda: statement_pdf(northside, statement_of(northside), at),
        lambda: statement_pdf(northside, [], at),
    ]
    for made in papers:
        assert made().startswith(b"%PDF")
        assert made() == made()
