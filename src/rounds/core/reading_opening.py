"""Reads the opening of a story: what its client had on the day on which the shop began with these books."""

from dataclasses import replace
from datetime import date

from rounds.core import reading
from rounds.core.account import Block
from rounds.core.bringing import Brought, OldInvoice
from rounds.core.days import first_of_month
from rounds.core.reading import Table, located


def read_opening(values: object, what: str) -> Brought:
    """Read the table `[opening]` and the tables below it.

    It has the day `on`, and may have a `retainer` and a `credit`; `block`s of `hours`, the free ones included, with
    what is `left`, their `price`, the day they were `bought` (unless told, `on`) and the one on which it `lapses`;
    `included` hours that can be used `through` the month of a day; and `invoice`s with `number`, `date`, `due`, what
    is `open`, and the `tax` in it.
    """
    table = Table(values, what)
    on = table.need("on", reading.day)
    blocks = table.take("block", reading.each(lambda one, where: _block(one, where, on)), default=())
    rolled = table.take("included", reading.each(_rolled), default=())
    invoices = table.take("invoice", reading.each(_invoice), default=())
    retainer = table.take("retainer", reading.amount, default=0)
    credit = table.take("credit", reading.amount, default=0)
    table.finish()
    keyed = tuple(replace(block, key=f"opening-{place}") for place, block in enumerate(blocks, start=1))
    return located(table.where, lambda: Brought(on, keyed, rolled, retainer, credit, invoices))


def _block(values: object, what: str, on: date) -> Block:
    table = Table(values, what)
    block = Block(
        "opening",
        table.take("bought", reading.day, default=on),
        table.need("hours", reading.seconds),
        table.need("left", reading.seconds),
        table.need("price", reading.amount),
        table.take("lapses", reading.day, default=None),
    )
    table.finish()
    return block


def _rolled(values: object, what: str) -> tuple[date, int]:
    table = Table(values, what)
    last, seconds = table.need("through", reading.day), table.need("hours", reading.seconds)
    table.finish()
    return first_of_month(last), seconds


def _invoice(values: object, what: str) -> OldInvoice:
    table = Table(values, what)
    told = (
        table.need("number", reading.text),
        table.need("date", reading.day),
        table.need("due", reading.day),
        table.need("open", reading.amount),
        table.take("tax", reading.amount, default=0),
    )
    table.finish()
    return located(table.where, lambda: OldInvoice(*told))
