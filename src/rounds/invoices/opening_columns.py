"""The files of opening balances: which columns each kind has, and what one row of it means."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rounds.clients.sheets import Column
from rounds.core.account import Block
from rounds.core.bringing import Brought, OldInvoice, deferred
from rounds.core.days import first_of_month
from rounds.core.money import Refused, show_amount, show_hours
from rounds.core.typed import read_amount, read_day, read_hours

KINDS = (
    ("hours", "Blocks of hours"),
    ("included", "Included hours rolled in"),
    ("money", "Retainers and credit"),
    ("invoices", "Open invoices"),
    ("numbers", "First invoice numbers"),
)
_NUMBER = re.compile(r"[^\s?#%]+(?: [^\s?#%]+)*")


def _text(longest: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        bare = " ".join(cell.split())
        if len(bare) > longest:
            raise Refused(f"this is longer than {longest} letters")
        return bare

    return read


def _number(cell: str) -> str:
    """An invoice's number of the old books; a stroke becomes a hyphen, as addresses of pages are made of it."""
    bare = _text(40)(cell).replace("/", "-")
    if not _NUMBER.fullmatch(bare) or bare in {".", ".."} or bare.endswith((".pdf", ".xml")):
        raise Refused("a number has letters, digits, hyphens and points")
    return bare


def _series(cell: str) -> str:
    if not re.fullmatch(r"C?[12][0-9]{3}", cell):
        raise Refused("a series is a year, like 2026, or for credit notes C2026")
    return cell


def _next(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", cell) or not int(cell):
        raise Refused("write the number that is given next, like 108")
    return int(cell)


CLIENT = Column(
    "client", "Client", _text(120), ("customer", "company", "name"), is_required=True, example="Northside Dental"
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "hours": (
        CLIENT,
        Column("bought", "Bought on", read_day, ("date", "bought"), example="2026-03-10"),
        Column("hours", "Hours bought", read_hours, ("hours", "size"), example="20"),
        Column("free", "Free hours", read_hours, ("bonus hours", "bonus"), example="2"),
        Column("left", "Hours left", read_hours, ("left", "remaining"), is_required=True, example="5.5"),
        Column("price", "Price paid", read_amount, ("price", "paid"), example="2000.00"),
        Column("deferred", "Still deferred", read_amount, ("deferred", "deferred value")),
        Column("lapses", "Lapse on", read_day, ("lapses", "lapses on", "expires", "expiry"), example="2027-03-10"),
    ),
    "included": (
        CLIENT,
        Column("left", "Hours left", read_hours, ("left", "hours"), is_required=True, example="2.5"),
        Column(
            "through",
            "Usable through",
            read_day,
            ("through", "until", "lapse on"),
            is_required=True,
            example="2026-11-30",
        ),
    ),
    "money": (
        CLIENT,
        Column("retainer", "Retainer", read_amount, ("retainer balance", "deposit"), example="300.00"),
        Column("credit", "Credit", read_amount, ("paid too much", "credit balance"), example=""),
    ),
    "invoices": (
        CLIENT,
        Column("number", "Number", _number, ("invoice", "invoice number"), is_required=True, example="INV-1043"),
        Column("date", "Date", read_day, ("invoice date", "issued"), is_required=True, example="2026-10-01"),
        Column("due", "Due", read_day, ("due date",), is_required=True, example="2026-10-11"),
        Column("open", "Open amount", read_amount, ("open", "balance"), is_required=True, example="121.00"),
        Column("tax", "Tax in it", read_amount, ("tax",), example="21.00"),
        Column("order", "Client's order", _text(60), ("po", "po number", "purchase order"), example="PO-77"),
    ),
    "numbers": (
        Column("series", "Series", _series, ("year",), is_required=True, example="2026"),
        Column("next", "Next number", _next, ("next", "number"), is_required=True, example="108"),
    ),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a row brings over: its key among all that stand, and figures by name for the totals (cents or seconds)."""

    key: str
    brought: Brought
    money: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


def meaning_of(kind: str, told: Mapping[str, Any], client: int, on: date) -> list[Meaning]:
    """What a row means for a client (by his key) as of a day. Refused: what cannot be."""
    return {"hours": _hours, "included": _included, "money": _money, "invoices": _invoice}[kind](told, client, on)


def _hours(told: Mapping[str, Any], client: int, on: date) -> list[Meaning]:
    """A block: whole, by its size and price, or what is left of it, by what is still deferred."""
    size, price, left = told["hours"] + told["free"], told["price"], told["left"]
    if not left:
        raise Refused("no hours are left: leave the row out")
    if not price and told["deferred"]:
        size, price = left, told["deferred"]
    elif not size:
        raise Refused("write how many hours were bought, or what is still deferred and no price")
    block = Block("new", told["bought"] or on, size, left, price, told["lapses"])
    brought = Brought(on, blocks=(block,))
    if told["price"] and told["deferred"] and told["deferred"] != deferred(block):
        worth = show_amount(deferred(block))
        raise Refused(f"by its price {worth} is still deferred: leave one of the two empty, or mend them")
    key = f"block:{client}:{block.bought_on}:{size}:{price}:{block.lapses_on or ''}"
    return [Meaning(key, brought, {"Price": price, "Still deferred": deferred(block)}, {"Hours left": left})]


def _included(told: Mapping[str, Any], client: int, on: date) -> list[Meaning]:
    if not told["left"]:
        raise Refused("no hours are left: leave the row out")
    month = first_of_month(told["through"])
    brought = Brought(on, rolled=((month, told["left"]),))
    return [Meaning(f"included:{client}:{month:%Y-%m}", brought, hours={"Hours left": told["left"]})]


def _money(told: Mapping[str, Any], client: int, on: date) -> list[Meaning]:
    made = []
    if told["retainer"]:
        brought = Brought(on, retainer=told["retainer"])
        made.append(Meaning(f"retainer:{client}", brought, {"Retainers": told["retainer"]}))
    if told["credit"]:
        made.append(Meaning(f"credit:{client}", Brought(on, credit=told["credit"]), {"Credit": told["credit"]}))
    if not made:
        raise Refused("the row has neither a retainer nor credit: leave it out")
    return made


def _invoice(told: Mapping[str, Any], _client: int, on: date) -> list[Meaning]:
    if not told["open"]:
        raise Refused("nothing is open: leave the row out")
    old = OldInvoice(told["number"], told["date"], told["due"], told["open"], told["tax"])
    order = f", your order {told['order']}" if told["order"] else ""
    note = f"Open on invoice {old.number} of {old.on.day} {old.on:%B %Y}{order}"
    brought = Brought(on, invoices=(old,))
    figures = {"Open": old.open, "Tax in it": old.tax}
    return [Meaning(f"invoice:{old.number.casefold()}", brought, figures, note=note)]


def shown(value: object) -> str:
    """A cell as it was understood."""
    return "" if value is None else str(value)


def as_told(kind: str, told: Mapping[str, Any]) -> dict[str, str]:
    """A row's cells as they were understood, by column: what is shown, kept and compared."""
    readers = {one.name: one.read for one in COLUMNS[kind]}

    def text(name: str, value: Any) -> str:
        if readers[name] is read_amount:
            return show_amount(value) if value else ""
        if readers[name] is read_hours:
            return show_hours(value) if value else ""
        return shown(value)

    return {name: text(name, value) for name, value in told.items()}
