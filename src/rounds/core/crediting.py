"""What a credit note takes back of an invoice's tax and of its taxed and untaxed lines, to the cent and never more."""

from dataclasses import dataclass
from fractions import Fraction

from rounds.core.money import round_half_away


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
