"""A shop that opened its books in the middle of a client's life ends with the balances of one that lived it all."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as some

from rounds.core.account import Block
from rounds.core.bookkeeping import books_of
from rounds.core.books import Chart, balances
from rounds.core.bringing import Brought, OldInvoice
from rounds.core.performing import Performance
from rounds.core.rehearsing import perform
from rounds.core.stories import Story, read_story

ON, END = date(2005, 4, 15), date(2005, 6, 20)
HELD = ("assets:receivable", "assets:unbilled", "holdings", "liabilities:retainer", "liabilities:credit",
        "liabilities:asked", "liabilities:deferred:hours")  # fmt: skip
SHOP = {"hourly_rate": "97.13", "increment_minutes": 1, "tax_rate": "7%", "taxable": ["labour", "hours"],
        "bonus_hours": [[3, 1]]}  # fmt: skip

days = some.integers(0, 99).map(lambda number: date(2005, 3, 1) + timedelta(days=number))
happenings = some.one_of(
    some.integers(1, 120).map(lambda minutes: {"work": {"minutes": minutes}}),
    some.integers(1, 7).map(lambda hours: {"buy_hours": hours}),
    some.integers(1, 900_00).map(lambda cents: {"deposit": f"{cents // 100}.{cents % 100:02d}"}),
    some.integers(1, 900_00).map(lambda cents: {"pay": f"{cents // 100}.{cents % 100:02d}"}),
)
events = some.lists(some.tuples(days, happenings), max_size=14)


def _story(told: list[dict[str, Any]], through: date) -> Story:
    return read_story({"through": through, "shop": SHOP, "event": told, "agreement": [
        {"plan": "block", "starts": date(2005, 3, 1), "hours_lapse_months": 2, "monitoring": "none"}]})  # fmt: skip


def _brought(lived: Performance) -> Brought:
    """What a bookkeeper would read off the old books on the evening before the opening day."""
    blocks = tuple(
        Block(f"old-{block.key}", block.bought_on, block.seconds, block.left, block.price, block.lapses_on)
        for block in lived.account.blocks
        if block.left and (block.lapses_on is None or block.lapses_on > ON)
    )
    invoices = tuple(
        OldInvoice(str(issued.number), issued.closing.on, issued.closing.due, still_open)
        for issued in lived.invoices
        if (still_open := lived.debts.find(issued.number).open)
    )
    account = lived.account
    return Brought(ON, blocks, retainer=account.retainer, credit=lived.debts.credit, invoices=invoices)


def _held(performance: Performance, block_names: dict[object, object]) -> dict[tuple[str, str], int]:
    """Balances held at the end, a block by the day and size by which both shops know it."""
    found: dict[tuple[str, str], int] = {}
    for (account, unit), amount in balances(books_of(performance, Chart("client"), END)).items():
        if account.startswith(HELD):
            root, _, last = account.rpartition(":")
            place = (f"{root}:{block_names.get(last, last)}", unit)
            found[place] = found.get(place, 0) + amount
    return {place: amount for place, amount in found.items() if amount}


def _names(performance: Performance) -> dict[object, object]:
    return {str(block.key): f"{block.bought_on}/{block.seconds}" for block in performance.account.blocks}


@given(told=events)
def test_books_opened_in_the_middle_end_with_the_balances_of_books_that_lived_it_all(
    told: list[tuple[date, dict[str, Any]]],
) -> None:
    first = (date(2005, 3, 1), {"buy_hours": 7})
    rows = [
        {"at": datetime.combine(day, time(9)), **what} for day, what in sorted([first, *told], key=lambda one: one[0])
    ]
    old = perform(_story([row for row in rows if row["at"].date() < ON], ON - timedelta(days=1)))
    assume(not old.account.unbilled)  # what is not billed yet is billed by the old books before they are closed
    story = _story([row for row in rows if row["at"].date() >= ON], END)

    opened = perform(replace(story, opening=_brought(old)))
    lived = perform(_story(rows, END))

    assert _held(opened, _names(opened)) == _held(lived, _names(lived))
