"""What a credit note takes back of an invoice's tax and of its taxed and untaxed lines, to the cent and never more."""

from dataclasses import dataclass
from fractions import Fraction

from rounds.core.account import Closing, Kind
from rounds.core.entries import credited_revenue, credited_tax
from rounds.core.money import round_half_away
from rounds.core.settling import Crediting


@dataclass(frozen=True, slots=True)
class Parts:
    """Cents of an invoice, or of a credit note: tax, and what is taxed and untaxed before it."""

    tax: int = 0
    taxed: int = 0
    untaxed: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.tax + self.taxed + self.untaxed

    def less(self, other: "Parts") -> "Parts":
        """What is left when another is taken away."""
        return Parts(self.tax - other.tax, self.taxed - other.taxed, self.untaxed - other.untaxed)

    @property
    def net(self) -> int:
        """All of it before tax."""
        return self.taxed + self.untaxed


def whole_of(closing: Closing) -> Parts:
    """An invoice's tax, and its taxed and untaxed lines; retainer money, asked for or deposited, is none of them."""
    lines = [line for line in closing.lines if line.kind is not Kind.RETAINER]
    taxed = sum(line.amount for line in lines if line.is_taxable)
    return Parts(closing.tax, taxed, sum(line.amount for line in lines) - taxed)


def of_amount(closing: Closing, left: Parts, crediting: Crediting, *, has_lines: bool) -> Parts:
    """The parts of a credit of an amount: of the whole invoice, cumulative, or of what credited lines have left."""
    now = credited_revenue(crediting)
    if has_lines:
        return by_amount(left, now)
    whole = whole_of(closing)
    before = whole.total - left.total
    tax = credited_tax(closing, crediting, before)
    untaxed = _share(whole.untaxed, before + now, whole.total) - _share(whole.untaxed, before, whole.total)
    untaxed = min(untaxed, now - tax)
    return Parts(tax, now - tax - untaxed, untaxed)


def _share(whole: int, part: int, of: int) -> int:
    """A part's share of a whole, rounded down, and all of it when the part is all."""
    return whole * min(part, of) // of if of else 0


def by_amount(left: Parts, amount: int) -> Parts:
    """Credit an amount, tax included, of what is left: each part by its share, and everything when it is all."""
    if amount >= left.total:
        return left
    tax = round_half_away(Fraction(left.tax * amount, left.total))
    untaxed = min(left.untaxed * amount // left.total, amount - tax)
    return Parts(tax, amount - tax - untaxed, untaxed)


def by_lines(whole: Parts, left: Parts, taxed: int, untaxed: int) -> Parts:
    """Credit lines, before tax: their tax is their share of the invoice's, cumulative; the last takes the rest."""
    if taxed == left.taxed:
        return Parts(left.tax, taxed, untaxed)
    gone = whole.taxed - left.taxed
    due = round_half_away(Fraction(whole.tax * (gone + taxed), whole.taxed)) - (whole.tax - left.tax)
    return Parts(min(max(due, 0), left.tax), taxed, untaxed)
