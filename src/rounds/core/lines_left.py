"""What can still be credited of an invoice line by line: what was billed goes in, what is left, and shares, come out.

Work that was recorded by mistake may have been charged back meanwhile (`voiding`): that is not credited once more. So
all lines and charges of one thing (a stint's time, the way of a visit, a part) are a group, and nobody gets more of a
group than what it has cost him.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from rounds.core.crediting import Creditable, Parts
from rounds.core.money import Refused, show_amount
from rounds.core.settling import Receivable

type Group = object


@dataclass(frozen=True, slots=True)
class BilledLine:
    """Cents before tax of a line, less than nothing where it charges back; the place of its tax, None: it has none.

    `credited` is what credit notes took of it; `group` what it belongs to; None: a fee, hours sold, interest.
    """

    amount: int
    row: int | None
    credited: int = 0
    group: Group | None = None

    @property
    def left(self) -> int:
        """What no credit note has taken."""
        return self.amount - self.credited


@dataclass(frozen=True, slots=True)
class LineLeft:
    """Cents of a line that can be credited: with the `whole` invoice, or `named` by itself (never below nothing)."""

    whole: int
    named: int


@dataclass(frozen=True, slots=True)
class Left:
    """What can be credited of an invoice: its parts, and each of its lines, in their order."""

    found: Creditable
    lines: tuple[BilledLine, ...]
    lefts: tuple[LineLeft, ...]

    @property
    def total(self) -> int:
        """All of it with its tax; nothing where more was charged back than is left."""
        return max(0, self.found.left.total)

    @property
    def groups(self) -> set[Group]:
        """All groups that it bills."""
        return {line.group for line in self.lines if line.group is not None}

    def by_line(self, taken: Mapping[int, int]) -> Parts:
        """Credit cents, before tax, of lines, named by their place. Refused: no line, or more than is left of one."""
        if not taken or any(not 0 <= place < len(self.lines) for place in taken):
            raise Refused("choose what to credit: at least one line of the invoice")
        sums = dict[int | None, int]()
        for place, amount in taken.items():
            row, left = self.lines[place].row, self.lefts[place].named
            if not 0 < amount <= left:
                raise Refused(f"line {place + 1} has {show_amount(left)} left to credit")
            sums[row] = sums.get(row, 0) + amount
        rest, rows = self.found.left, range(len(self.found.whole.rows))
        if sums.get(None, 0) > rest.untaxed or any(sums.get(row, 0) > rest.rows[row].base for row in rows):
            raise Refused("less than that is left of these lines together: credit the rest of the invoice by an amount")
        return self.found.by_lines(sums.get(None, 0), [sums.get(row, 0) for row in rows])

    def shares(self, parts: Parts) -> tuple[int, ...]:
        """Share what a credit of an amount takes back among the lines, by what is left of each, in their order.

        Where it takes all that is left of a tax, each line goes whole; else what charges back stays as it is. Only
        lines of a group have a share; the others have the rest.
        """
        left, found = self.found.left, [0] * len(self.lines)
        bases: dict[int | None, tuple[int, int]] = {None: (parts.untaxed, left.untaxed)}
        bases |= {n: (one.base, rest.base) for n, (one, rest) in enumerate(zip(parts.rows, left.rows, strict=True))}
        for row, (base, whole) in bases.items():
            places = [n for n, one in enumerate(self.lines) if one.row == row and one.group is not None]
            if base == whole:
                for place in places:
                    found[place] = self.lefts[place].whole
                continue
            weights = [self.lefts[place].named for place in places]
            others = max(0, whole - sum(self.lefts[place].whole for place in places))
            for place, share in zip(places, shared(base, [*weights, others]), strict=False):
                found[place] = share
        return tuple(found)


def most(invoice: Receivable, left: Left, *, retainer: int) -> int:
    """Find how many cents of an invoice can be credited: of retainer money that it brought only what is still held.

    What the retainer has paid for since is credited where it paid: on the invoice of that work.
    """
    return invoice.asked + min(invoice.held, max(0, retainer)) + left.total


def shared(cents: int, weights: Sequence[int]) -> list[int]:
    """Share cents by weights, cumulatively and rounded down; no share is more than its weight, if all are enough."""
    whole, so_far, given, found = sum(weights), 0, 0, []
    for weight in weights:
        so_far += weight
        due = floor(Fraction(cents * so_far, whole)) if whole else 0
        found.append(due - given)
        given = due
    return found


def left_of(found: Creditable, lines: Iterable[BilledLine], nets: Mapping[Group, int]) -> Left:
    """Find what is left to credit; `nets` are cents billed for each group and not credited, on whatever invoices."""
    lines = tuple(lines)
    here: dict[Group, int] = {}
    for line in lines:
        if line.group is not None:
            here[line.group] = here.get(line.group, 0) + line.left
    short = {group: max(0, cents) - min(max(0, cents), max(0, nets[group])) for group, cents in here.items()}
    lefts, gone = list[LineLeft](), dict[int | None, int]()
    for line in reversed(lines):
        whole, named = line.left, max(0, line.left)
        if line.group is not None:
            less = min(short[line.group], named)
            short[line.group] -= less
            gone[line.row] = gone.get(line.row, 0) + less
            whole, named = whole - less, min(named - less, max(0, nets[line.group]), max(0, here[line.group]))
        lefts.append(LineLeft(whole, named))
    back = found.by_lines(gone.get(None, 0), [gone.get(place, 0) for place in range(len(found.whole.rows))])
    left = found.after(back, is_by_lines=True) if any(gone.values()) else found
    return Left(left, lines, tuple(reversed(lefts)))


def lost_shares(left: Left, lost: int) -> tuple[int, ...]:
    """Share what is written off of an invoice, its tax included, among its lines; what charges back has no share."""
    net = left.found.left.net
    places = [n for n, line in enumerate(left.lines) if line.group is not None]
    others = max(0, net - sum(left.lefts[n].whole for n in places))
    all_ = sum(left.lefts[n].named for n in places) + others
    if not left.total or not all_:
        return (0,) * len(left.lines)
    share = Fraction(min(lost, left.total) * net, left.total * all_)
    return tuple(
        floor(one.named * share) if line.group is not None else 0
        for line, one in zip(left.lines, left.lefts, strict=True)
    )
