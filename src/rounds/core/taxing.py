"""Tax: which code each kind of line has on a day and at a site, and the tax rows of an invoice, to the cent.

Tax is computed once for each category and rate on the sum of its lines, half away from zero, never line by line; what
an invoice charges is the sum of its rows (EN 16931, BR-CO-14; billing-rules.md, "Invoices and payments").
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from rounds.core.money import Refused, round_half_away

type Site = int | str
type OfKinds = Mapping[str, "Tax | None"]

PLAIN = "tax"  # the code of a shop that has one tax: its account in the books is that of all tax
NEVER = ("retainer", "brought")
_CODE = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")


class TaxCategory(StrEnum):
    """What EN 16931 calls a kind of tax (UNTDID 5305); all but the first are without tax."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE = "AE"
    OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Tax:
    """A code of the shop as it holds on a day: a rate as a share, the words on an invoice, the reason for no tax."""

    code: str
    rate: Fraction = Fraction(0)
    words: str = "Tax"
    category: TaxCategory = TaxCategory.STANDARD
    reason: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise Refused(f"“{self.code}” is not a code: small letters, digits and dashes, at most 20, like vat-20")
        if not 0 <= self.rate <= 1:
            raise Refused(f"{self.code}: the rate is negative" if self.rate < 0 else f"{self.code}: above 100 %")
        if self.rate and self.category is not TaxCategory.STANDARD:
            raise Refused(f"{self.code}: only what is taxed (category S) has a rate")


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One tax of an invoice: what was taxed by it, and the tax, in cents."""

    tax: Tax
    base: int
    amount: int


@dataclass(frozen=True, slots=True)
class Taxes:
    """Which tax each kind of line has on a day; a kind that is not named has none.

    `sites` are those elsewhere, each with the kinds for which it has another tax, or none; `shop` is what holds at all
    other sites, where `kinds` are those of a client's billing site, which is one elsewhere.
    """

    kinds: OfKinds = field(default_factory=dict)
    sites: Mapping[Site, OfKinds] = field(default_factory=dict)
    shop: OfKinds | None = None

    def __post_init__(self) -> None:
        for kinds in (self.kinds, *self.sites.values()):
            if any(kinds.get(kind) is not None for kind in NEVER):
                raise Refused("a retainer line is never taxed: take it out of the taxable kinds")

    def of(self, kind: str, site: Site | None = None) -> Tax | None:
        """The tax of a kind of line; without a site, that of the client's billing site."""
        if site is None:
            return self.kinds.get(kind)
        home = self.kinds if self.shop is None else self.shop
        elsewhere = self.sites.get(site, {})
        return elsewhere[kind] if kind in elsewhere else home.get(kind)

    def billed_at(self, site: Site | None) -> "Taxes":
        """The taxes of a client whose billing site is this one."""
        if site is None or site not in self.sites:
            return self
        home = self.kinds if self.shop is None else self.shop
        return replace(self, kinds={**home, **self.sites[site]}, shop=home)


UNTAXED = Taxes()


def one_tax(rate: Fraction, kinds: Iterable[str]) -> Taxes:
    """The taxes of a shop with one rate on some kinds of line."""
    tax = Tax(PLAIN, rate)
    return Taxes(dict.fromkeys(map(str, kinds), tax))


def tax_rows(lines: Iterable[tuple[Tax | None, int]]) -> tuple[TaxRow, ...]:
    """Tax lines (the tax of each, and its cents): a row a code, in the order in which they come.

    Codes of one category and rate are rounded together, once, and share it cumulatively: the last takes the rest.
    """
    bases: dict[Tax, int] = {}
    for tax, cents in lines:
        if tax is not None:
            bases[tax] = bases.get(tax, 0) + cents
    so_far: dict[tuple[TaxCategory, Fraction], tuple[int, int]] = {}
    rows = []
    for tax, base in bases.items():
        before, given = so_far.get((tax.category, tax.rate), (0, 0))
        due = round_half_away((before + base) * tax.rate)
        rows.append(TaxRow(tax, base, due - given))
        so_far[tax.category, tax.rate] = (before + base, due)
    return tuple(rows)


def tax_of(lines: Iterable[tuple[Tax | None, int]]) -> int:
    """The tax on lines in all, in cents."""
    return sum(row.amount for row in tax_rows(lines))


def percent(rate: Fraction) -> str:
    """Write a rate in per cent, exactly and without the sign: 33/400 is "8.25"."""
    exact = rate * 100
    return f"{(Decimal(exact.numerator) / exact.denominator).normalize():f}"
