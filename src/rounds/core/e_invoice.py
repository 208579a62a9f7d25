"""An invoice as an electronic one: the values printed on it go in, the terms of EN 16931 (BT-…, BG-…) come out.

Nothing is rounded here that the invoice has not rounded: what cannot be told as quantity × price, exactly, is told as
one piece at its amount, with the hours in its description. `differences` proves that of any set of terms, because the
official rules do not multiply. Which category of tax a line has, and why, is in docs/e-invoice.md.
"""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from rounds.core.account import Kind
from rounds.core.countries import CODES
from rounds.core.money import SECONDS_PER_HOUR, Refused, parse_amount, round_half_away, show_amount, show_hours
from rounds.core.taxing import Tax, TaxCategory, TaxRow, percent

type Terms = dict[str, object]

HOURS, SECONDS, PIECES = "HUR", "SEC", "C62"  # units of UN/ECE Recommendation 20
RETAINER_REASON = "Money received in advance: not a supply"
UNTAXED_REASON = "Not taxed"
NO_TAX_REASON = "No tax is charged"
REVERSE_REASON = "Reverse charge"
LINES_OF_ADDRESS = 3
LOWEST_PERCENT = Fraction(1, 2)

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VAT_NUMBER = re.compile(r"([A-Z]{2})[0-9A-Z+*]{2,12}")
_ACCOUNT = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}\b")


@dataclass(frozen=True, slots=True)
class Party:
    """The shop or the client as printed; the country in two letters."""

    name: str
    address: str
    country: str
    tax_number: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line as printed: cents, seconds of time at a rate in cents an hour, or a number of pieces at a rate each."""

    text: str
    kind: str
    amount: int
    tax: Tax | None = None
    seconds: int | None = None
    quantity: int | None = None
    rate: int | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice or, where it `corrects` one (number and day), a credit note; amounts in cents.

    `taxes` are its tax rows; `paid` is what retainer, credit and deposits paid before it was sent.
    """

    number: str
    on: date
    due: date
    currency: str
    shop: Party
    client: Party
    items: tuple[Item, ...]
    taxes: tuple[TaxRow, ...] = ()
    paid: int = 0
    bank_details: str = ""
    corrects: tuple[str, date] | None = None

    @property
    def tax(self) -> int:
        """All its tax."""
        return sum(row.amount for row in self.taxes)

    @property
    def is_outside(self) -> bool:
        """Is all of it outside the scope of tax?"""
        return all(
            item.kind == Kind.RETAINER if item.tax is None else item.tax.category is TaxCategory.OUTSIDE
            for item in self.items
        )

    @property
    def total(self) -> int:
        """Lines and tax."""
        return sum(item.amount for item in self.items) + self.tax


def missing(paper: Paper) -> list[str]:
    """Name what an electronic invoice needs and this one does not have, in words."""
    needed = {
        "the shop’s name": paper.shop.name,
        "the shop’s address": paper.shop.address,
        "the shop’s country": paper.shop.country,
        "the shop’s tax number": paper.shop.tax_number,
        "the client’s address": paper.client.address,
        "the client’s country": paper.client.country,
    }
    lacks = [what for what, value in needed.items() if not clean(value)]
    # BR-CO-17 of the official rules rounds the rate to whole percents first, and so takes a lower one for none.
    if any(0 < row.tax.rate * 100 < LOWEST_PERCENT for row in paper.taxes):
        lacks.append("a tax rate of at least 0.5 %")
    if any(row.tax.category is TaxCategory.REVERSE for row in paper.taxes):  # BR-AE-02
        parties = {"the shop’s": paper.shop, "the client’s": paper.client}
        lacks += [f"{whose} VAT number" for whose, party in parties.items() if not _vat_number(party)]
    return lacks


def terms_of(paper: Paper) -> Terms:
    """Give the terms of EN 16931. Refused: something it needs is missing."""
    lacks = missing(paper)
    if lacks:
        raise Refused(f"an electronic invoice needs {', '.join(lacks)}")
    outside, net = paper.is_outside, sum(item.amount for item in paper.items)
    terms: Terms = {
        "BT-1": paper.number, "BT-2": paper.on, "BT-3": _type_code(paper), "BT-5": paper.currency,
        "BT-72": max((item.last_day for item in paper.items if item.last_day and item.last_day <= paper.on),
                     default=paper.on),
        "BG-4": party_terms(paper.shop, is_shop=True, outside=outside),
        "BG-7": party_terms(paper.client, is_shop=False, outside=outside),
        "BG-23": _breakdown(paper),
        "BG-25": [
            line_terms(number, item, category_of(item, paper)) for number, item in enumerate(paper.items, start=1)
        ],
        "BT-106": show_amount(net), "BT-109": show_amount(net), "BT-110": show_amount(paper.tax),
        "BT-112": show_amount(paper.total), "BT-115": show_amount(paper.total - paper.paid),
    }  # fmt: skip
    if paper.paid:
        terms["BT-113"] = show_amount(paper.paid)
    return terms | _payment_terms(paper)


def _type_code(paper: Paper) -> str:
    """Commercial invoice, credit note or, where all of it is money in advance, prepayment invoice (UNTDID 1001)."""
    if paper.corrects:
        return "381"
    return "386" if all(item.kind == Kind.RETAINER for item in paper.items) else "380"


def _payment_terms(paper: Paper) -> Terms:
    """How it is to be paid; a credit note is not, and names what it corrects."""
    if paper.corrects:
        number, on = paper.corrects
        return {"BG-3": [{"BT-25": number, "BT-26": on}], "BT-20": "Credited to your account"}
    account = account_in(paper.bank_details)
    means: Terms = {"BT-81": "30", "BT-84": account} if account else {"BT-81": "1"}
    told = f"Due on {paper.due}"
    details = clean(paper.bank_details).replace("\n", ", ")
    return means | {"BT-9": paper.due, "BT-83": paper.number, "BT-20": f"{told}; {details}" if details else told}


def category_of(item: Item, paper: Paper) -> str:
    """Find a line's category of tax: S taxed, Z zero-rated, E exempt, AE reverse charge, O outside the scope of tax.

    O may not stand beside others (BR-O-11), so retainer money asked for beside work is E with its reason.
    """
    if item.tax is not None and item.tax.rate:
        return "S"
    if item.tax is not None and item.tax.category in {TaxCategory.ZERO, TaxCategory.REVERSE}:
        return str(item.tax.category)
    return "O" if paper.is_outside else "E"


def _breakdown(paper: Paper) -> list[Terms]:
    """Sum up the lines of each category and rate (BG-23); all tax is that of category S."""
    found: dict[tuple[str, Fraction], list[Item]] = {}
    for item in paper.items:
        found.setdefault((category_of(item, paper), _rate(item.tax)), []).append(item)
    groups = []
    for (category, rate), items in sorted(found.items(), key=lambda one: one[0]):
        tax = sum(row.amount for row in paper.taxes if category == "S" and row.tax.rate == rate)
        group: Terms = {
            "BT-116": show_amount(sum(item.amount for item in items)), "BT-117": show_amount(tax), "BT-118": category,
        }  # fmt: skip
        if category != "O":
            group["BT-119"] = percent(rate)
        if category not in {"S", "Z"}:  # BR-S-10, BR-Z-10
            group["BT-120"] = "; ".join(dict.fromkeys(_reason(item) for item in items))
        groups.append(group)
    return groups


def _rate(tax: Tax | None) -> Fraction:
    return tax.rate if tax is not None else Fraction(0)


def _reason(item: Item) -> str:
    """Say why a line is not taxed."""
    if item.kind == Kind.RETAINER:
        return RETAINER_REASON
    if item.tax is None:
        return UNTAXED_REASON
    usual = {TaxCategory.REVERSE: REVERSE_REASON, TaxCategory.STANDARD: NO_TAX_REASON}
    return clean(item.tax.reason) or usual.get(item.tax.category) or clean(item.tax.words) or UNTAXED_REASON


def line_terms(number: int, item: Item, category: str) -> Terms:
    """Give a line's terms (BG-25)."""
    quantity, unit, price, base = measure(item)
    line: Terms = {
        "BT-126": str(number), "BT-129": quantity, "BT-130": unit, "BT-131": show_amount(item.amount),
        "BT-146": price, "BT-151": category, "BT-153": clean(item.text) or str(item.kind),
    }  # fmt: skip
    if base:
        line["BT-149"] = base
    if category != "O":
        line["BT-152"] = percent(_rate(item.tax))
    if unit == PIECES and item.seconds:
        at = f" at {show_amount(item.rate)} an hour" if item.rate is not None else ""
        line["BT-154"] = f"{show_hours(item.seconds)} h{at}"
    if item.first_day and item.last_day:
        line |= {"BT-134": item.first_day, "BT-135": item.last_day}
    return line


def measure(item: Item) -> tuple[str, str, str, str]:
    """Tell a line as quantity, unit, price and the quantity which the price is for, so that they give its amount.

    Hours where four decimals tell them exactly, else seconds at the price of an hour, else one piece at the amount.
    """
    rate = item.rate
    ways = []
    if rate is not None and item.kind == Kind.HOURS and item.quantity:
        ways.append((str(item.quantity), HOURS, show_amount(rate), ""))
    elif rate is not None and item.seconds:
        if not item.seconds % 9:  # 3,600 seconds an hour: a multiple of 9 has at most four decimals
            ways.append((show_hours(item.seconds), HOURS, show_amount(rate), ""))
        ways.append((str(item.seconds), SECONDS, show_amount(rate), str(SECONDS_PER_HOUR)))
    elif rate is not None and item.quantity:
        ways.append((str(item.quantity), PIECES, show_amount(rate), ""))
    for quantity, unit, price, base in ways:
        if multiply(quantity, price, base) == item.amount:
            return quantity, unit, price, base
    return "-1" if item.amount < 0 else "1", PIECES, show_amount(abs(item.amount)), ""  # no price is negative (BR-27)


def multiply(quantity: str, price: str, base: str = "") -> int:
    """Multiply as the standard says (quantity × price ÷ what the price is for), exactly, rounded once to cents."""
    return round_half_away(Fraction(quantity) * Fraction(price) * 100 / Fraction(base or 1))


def party_terms(party: Party, *, is_shop: bool, outside: bool) -> Terms:
    """Give the shop's (BG-4) or the client's terms (BG-7); no VAT number where all is outside its scope (BR-O-02)."""
    vat_number = _vat_number(party)
    terms: Terms = {"name": clean(party.name), "country_code": party.country}
    first, *rest = [line.strip() for line in clean(party.address).splitlines() if line.strip()]
    lines = [first, *rest[: LINES_OF_ADDRESS - 2], ", ".join(rest[LINES_OF_ADDRESS - 2 :])]
    terms |= {f"addr_l{place}": line for place, line in enumerate(lines, start=1) if line}
    if vat_number and not outside:
        terms["vat_identifier"] = vat_number
    elif clean(party.tax_number):
        terms["identifiers"] = {None: clean(party.tax_number)}
        if is_shop and not outside:
            terms["tax_identifier"] = clean(party.tax_number)
    return terms


def _vat_number(party: Party) -> str:
    """The party's VAT number: a country's letters and signs; "" where its tax number is none."""
    number = re.sub(r"[\s.\-/]", "", clean(party.tax_number)).upper()
    found = _VAT_NUMBER.fullmatch(number)
    return number if found is not None and found[1] in CODES | {"EL", "XI"} else ""


def account_in(details: str) -> str:
    """Find the bank account (an IBAN, by its check digits) in what the shop prints for paying; nothing: none."""
    for found in _ACCOUNT.finditer(clean(details).upper()):
        number = found[0].replace(" ", "")
        for length in range(len(number), 14, -1):  # words that follow may look like more of it
            told = "".join(str(int(sign, 36)) for sign in number[4:length] + number[:4])
            if int(told) % 97 == 1:
                return number[:length]
    return ""


def differences(terms: Terms) -> list[str]:
    """Find what does not add up in terms: quantity × price of each line, the sums, and what is left to pay."""
    lines: list[dict[str, str]] = terms["BG-25"]  # type: ignore[assignment]
    groups: list[dict[str, str]] = terms["BG-23"]  # type: ignore[assignment]
    wrong = [
        f"line {line['BT-126']}: {line['BT-129']} × {line['BT-146']} is not {line['BT-131']}"
        for line in lines
        if multiply(line["BT-129"], line["BT-146"], line.get("BT-149", "")) != parse_amount(line["BT-131"])
    ]
    total = {term: parse_amount(str(terms.get(term, "0"))) for term in
             ("BT-106", "BT-109", "BT-110", "BT-112", "BT-113", "BT-115")}  # fmt: skip
    sums = {
        "the lines are not their sum": sum(parse_amount(line["BT-131"]) for line in lines) - total["BT-106"],
        "the taxed amounts are not the sum": sum(parse_amount(one["BT-116"]) for one in groups) - total["BT-109"],
        "the taxes are not the tax": sum(parse_amount(one["BT-117"]) for one in groups) - total["BT-110"],
        "sum and tax are not the total": total["BT-109"] + total["BT-110"] - total["BT-112"],
        "what is paid and what is due are not the total": total["BT-113"] + total["BT-115"] - total["BT-112"],
    }
    return wrong + [f"{what}: off by {show_amount(by)}" for what, by in sums.items() if by]


def clean(text: str) -> str:
    """Leave out signs that XML cannot hold, and space around."""
    return _NOT_IN_XML.sub("", text).strip()
