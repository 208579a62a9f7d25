"""What a credit note takes back of an invoice: of each tax, and of what is not taxed; to the cent, never more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from rounds.core.account import Closing, Kind
from rounds.core.money import round_half_away


@dataclass(frozen=True, slots=True)
class Taxed:
    """Cents of one tax row of an invoice: what was taxed, and the tax."""

    base: int = 0
    tax: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """Cents of an invoice, or of a credit note: what is not taxed, and what each tax row has, in their order."""

    untaxed: int = 0
    rows: tuple[Taxed, ...] = ()

    @property
    def tax(self) -> int:
        """All tax."""
        return sum(row.tax for row in self.rows)

    @property
    def taxed(self) -> int:
        """What is taxed, before tax."""
        return sum(row.base for row in self.rows)

    @property
    def total(self) -> int:
        """All of it."""
        return self.untaxed + self.taxed + self.tax

    def less(self, other: "Parts") -> "Parts":
        """What is left when another, of the same tax rows, is taken away."""
        rows = (
            Taxed(mine.base - its.base, mine.tax - its.tax) for mine, its in zip(self.rows, other.rows, strict=True)
        )
        return Parts(self.untaxed - other.untaxed, tuple(rows))

    @property
    def net(self) -> int:
        """All of it before tax."""
        return self.taxed + self.untaxed


def whole_of(closing: Closing) -> Parts:
    """An invoice's parts; retainer money, asked for or deposited, is none of them."""
    own = (line.amount for line in closing.lines if line.tax is None and line.kind is not Kind.RETAINER)
    return Parts(sum(own), tuple(Taxed(row.base, row.amount) for row in closing.taxes))


@dataclass(frozen=True, slots=True)
class Creditable:
    """An invoice's parts: the `whole`, what was left `before` the last notes of amounts, and what is `left` now."""

    whole: Parts
    before: Parts
    left: Parts

    @classmethod
    def of(cls, whole: Parts) -> "Creditable":
        """An invoice of which nothing was credited yet."""
        return cls(whole, whole, whole)

    def after(self, taken: Parts, *, is_by_lines: bool) -> "Creditable":
        """What can be credited after a credit note."""
        left = self.left.less(taken)
        return replace(self, before=left if is_by_lines else self.before, left=left)

    def by_amount(self, cents: int) -> Parts:
        """Credit an amount, tax included: each part by its share, cumulative; the last takes the rest.

        Taxes are rounded half away, other parts down. What goes beyond everything that is left is not taxed.
        """
        if cents >= self.left.total:
            return replace(self.left, untaxed=self.left.untaxed + cents - self.left.total)
        gone = self.before.total - self.left.total + cents
        rest, taken = cents, []
        for number, (whole, left) in enumerate(zip(_flat(self.before), _flat(self.left), strict=True)):
            rounded: Callable[[Fraction], int] = round_half_away if number < len(self.left.rows) else floor
            due = rounded(Fraction(whole * gone, self.before.total)) - (whole - left)
            taken.append(min(max(due, min(left, 0)), max(left, 0), rest))
            rest -= taken[-1]
        for number, left in reversed(list(enumerate(_flat(self.left)))):
            more = min(rest, max(left - taken[number], 0))
            taken[number], rest = taken[number] + more, rest - more
        return _parts(taken)

    def by_lines(self, untaxed: int, bases: Sequence[int]) -> Parts:
        """Credit lines, before tax: the tax of each row is its share, cumulative; the last of a row takes the rest."""
        rows = (
            Taxed(base, _tax_on(base, whole, left))
            for base, whole, left in zip(bases, self.whole.rows, self.left.rows, strict=True)
        )
        return Parts(untaxed, tuple(rows))

    def of_only_line(self, net: int) -> Parts:
        """Credit cents, before tax, of an invoice with one line: hours that were sold."""
        return self.by_lines(0, [net]) if self.whole.rows else self.by_lines(net, [])


def _tax_on(base: int, whole: Taxed, left: Taxed) -> int:
    if not base or base == left.base:
        return left.tax if base else 0
    gone = whole.base - left.base + base
    return min(max(round_half_away(Fraction(whole.tax * gone, whole.base)) - (whole.tax - left.tax), 0), left.tax)


def _flat(parts: Parts) -> list[int]:
    """The parts one after the other, in the order in which they take their shares: the last base takes the rest."""
    return [*(row.tax for row in parts.rows), parts.untaxed, *(row.base for row in parts.rows)]


def _parts(flat: Sequence[int]) -> Parts:
    count = len(flat) // 2
    return Parts(flat[count], tuple(map(Taxed, flat[count + 1 :], flat[:count])))
