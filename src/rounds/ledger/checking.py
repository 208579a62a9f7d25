"""Compares the books with what clients' accounts say; both are made from the same events in different ways."""

from collections.abc import Iterator, Mapping

from django.db.models import F, Sum

from rounds.charges.models import Block, Charge, Draw, Lapse, Refund, RetainerMove
from rounds.core import account as values
from rounds.core.books import HOURS, Chart
from rounds.core.money import show_amount, show_hours
from rounds.ledger import verifying
from rounds.ledger.balancing import balances
from rounds.ledger.models import Posting
from rounds.people.shop import the_shop

OF_ACCOUNTS = (
    "liabilities:retainer",
    "liabilities:asked",
    "liabilities:deferred:hours",
    "assets:unbilled",
    "holdings:hours",
)

OF_HOURS = ("hours:opening", "hours:issued", "hours:used", "hours:lapsed", "hours:refunded")

type Expected = Mapping[tuple[str, str], int]


def differences() -> list[str]:
    """Everything in which the books and the accounts differ, in words; nothing, if all is well. Book (`pull`) first."""
    return [
        *_unbalanced(),
        *verifying.faults(),
        *compare(expected_of_accounts(), OF_ACCOUNTS),
        *compare(expected_of_hours(), OF_HOURS),
        *_wrong_income(),
    ]


def compare(expected: Expected, accounts: tuple[str, ...]) -> Iterator[str]:
    """Compare what is expected of some accounts, and those below them, with the books."""
    found = {place: sum_ for root in accounts for place, sum_ in balances(below=f"{root}:").items()}
    for place in sorted({*expected, *found}):
        should, does = expected.get(place, 0), found.get(place, 0)
        if should != does:
            show = show_hours if place[1] == HOURS else show_amount
            yield f"{place[0]}: {show(does)} {place[1]} in the books, {show(should)} expected"


def expected_of_accounts() -> dict[tuple[str, str], int]:
    """What clients' accounts say that the books should say of hours held, of retainers, and of what is not billed."""
    money = the_shop().currency
    expected: dict[tuple[str, str], int] = {}
    sums = RetainerMove.objects.order_by().values_list("client").annotate(Sum("amount"), Sum("asked"))
    for client, held, asked in sums:
        chart = Chart(str(client), money)
        expected |= {(chart.retainer, money): -held, (chart.asked, money): -asked}
    for client, amount in Charge.objects.filter(line=None).order_by().values_list("client").annotate(Sum("amount")):
        expected[Chart(str(client), money).unbilled, money] = amount
    for block in Block.objects.with_left():
        chart = Chart(str(block.client_id), money)
        value = values.Block(block.pk, block.bought_on, block.seconds, block.left, block.price)
        expected[chart.holding(block.pk), HOURS] = block.left
        expected[chart.deferred_hours(block.pk), money] = value.earned_at(block.left) - block.price
    return {place: amount for place, amount in expected.items() if amount}


def expected_of_hours() -> dict[tuple[str, str], int]:
    """What blocks say of where each client's hours came from and went to: issued = held + used + lapsed + refunded.

    Hours that were brought over were issued in the old books, and come from the opening here.
    """
    expected: dict[tuple[str, str], int] = {}
    brought = Block.objects.filter(purchase=None, withdrawal=None).order_by().values_list("client")
    for client, seconds in brought.annotate(sum=Sum(F("seconds") - F("used_before"))):
        expected[Chart(str(client)).hours("opening"), HOURS] = -seconds
    for fate, rows, sign in (
        ("issued", Block.objects.filter(purchase__isnull=False), -1),
        ("used", Draw.objects.filter(block__isnull=False), 1),
        ("lapsed", Lapse.objects.all(), 1),
        ("refunded", Refund.objects.all(), 1),
    ):
        for client, seconds in rows.order_by().values_list("client").annotate(Sum("seconds")):
            expected[Chart(str(client)).hours(fate), HOURS] = sign * seconds
    return {place: seconds for place, seconds in expected.items() if seconds}


def _wrong_income() -> Iterator[str]:
    """What blocks earned by draws and by lapsing, against the books."""
    found, money = balances(below="income:"), the_shop().currency
    for account, of in (("income:hours", (Draw, Refund)), ("income:breakage", (Lapse,))):
        should = sum(rows.objects.aggregate(sum=Sum("earned"))["sum"] or 0 for rows in of)
        does = -found.get((account, money), 0)
        if should != does:
            yield f"{account}: {show_amount(does)} {money} in the books, {show_amount(should)} expected"


def _unbalanced() -> Iterator[str]:
    sums = Posting.objects.order_by().values_list("entry__cause", "commodity").annotate(off_by=Sum("amount"))
    for cause, commodity, off_by in sums.exclude(off_by=0):
        yield f"entry {cause} is off by {off_by} {commodity}"
