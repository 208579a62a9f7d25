"""Follows each charge of a story: which line bills it, and what of it was credited or written off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rounds.core.account import Charge, Closing, Key, Kind, Outcome
from rounds.core.crediting import Creditable
from rounds.core.giving_back import Affected
from rounds.core.lines_left import BilledLine, Group, Left, left_of, lost_shares


@dataclass(slots=True)
class Known:
    """A charge as it stands: the invoice and line that bill it, if one does, and cents credited and written off."""

    charge: Charge
    group: Group
    line: tuple[Key, int] | None = None
    credited: int = 0
    lost: int = 0


@dataclass(slots=True)
class Billing:
    """All charges of one client, in the order in which they were made; `unbilled` are the places of those that wait.

    `ways` tells which visit work belongs to, `voids` what a void takes back: both name the causes of charges.
    """

    charges: list[Known] = field(default_factory=list)
    unbilled: list[int] = field(default_factory=list)
    ways: dict[Key, object] = field(default_factory=dict)
    voids: dict[Key, Key] = field(default_factory=dict)

    def follow(self, outcome: Outcome, number: Key) -> None:
        """Follow an outcome; its closing is issued as the invoice of a number."""
        if outcome.closing is not None:
            for place, line in enumerate(outcome.closing.lines):
                if line.charge is not None:
                    self.charges[self.unbilled[line.charge]].line = (number, place)
            self.unbilled = [known for known in self.unbilled if self.charges[known].line is None]
        for charge in outcome.charges:
            own = replace(charge, cause=self.voids.get(charge.cause, charge.cause))
            self.unbilled.append(len(self.charges))
            self.charges.append(Known(own, self.way(own.cause) if own.kind is Kind.TRIP else own.cause))

    def way(self, work: Key) -> Group:
        """The group of what the way of some work is charged."""
        return "way", self.ways.get(work, work)

    def of_group(self, group: Group) -> Iterator[Known]:
        """All charges of a group."""
        return (known for known in self.charges if known.group == group)

    def net(self, group: Group) -> int:
        """Cents billed for a group and not credited."""
        return sum(known.charge.amount - known.credited for known in self.of_group(group) if known.line is not None)

    def waiting(self, group: Group) -> int:
        """Cents of a group that wait to be billed, or to be charged back."""
        return sum(known.charge.amount for known in self.of_group(group) if known.line is None)

    def charged(self, group: Group) -> int:
        """Cents charged for a group, less what was charged back."""
        return sum(known.charge.amount for known in self.of_group(group))

    def given_up(self, group: Group) -> dict[Kind, int]:
        """Cents of a group that the client has not to pay any more, credited or written off, by kind."""
        found: dict[Kind, int] = {}
        for known in self.of_group(group):
            cents = known.credited + known.lost
            if cents:
                found[known.charge.kind] = found.get(known.charge.kind, 0) + cents
        return found

    def billed_on(self, number: Key) -> dict[int, Known]:
        """The charges that an invoice bills, by the place of their line; not interest."""
        return {
            known.line[1]: known
            for known in self.charges
            if known.line is not None and known.line[0] == number and known.charge.kind is not Kind.INTEREST
        }

    def left(self, number: Key, closing: Closing, found: Creditable, named: Mapping[int, int]) -> Left:
        """What can be credited of an invoice; `named` are cents credited by name of its other lines, by place."""
        known, taxes = self.billed_on(number), [row.tax for row in closing.taxes]
        lines = [
            BilledLine(
                line.amount,
                None if line.tax is None else taxes.index(line.tax),
                known[place].credited if place in known else named.get(place, 0),
                known[place].group if place in known else None,
            )
            for place, line in enumerate(closing.lines)
            if line.kind is not Kind.RETAINER
        ]
        return left_of(found, lines, {one.group: self.net(one.group) for one in known.values()})

    def credit(self, number: Key, shares: Sequence[int], also: Iterable[Group] = ()) -> tuple[Affected, ...]:
        """Credit shares of an invoice's lines; says what that leaves of each group, and of those that are told `also`.

        In the order of their lines.
        """
        also, found = set(also), dict[Group, Charge]()
        for place, known in self.billed_on(number).items():
            known.credited += shares[place]
            if shares[place] or known.group in also:
                found.setdefault(known.group, known.charge)
        return tuple(
            Affected(charge, self.net(group), self.waiting(group), group=group) for group, charge in found.items()
        )

    def lose(self, number: Key, left: Left, lost: int) -> None:
        """Keep how much of each line is written off, when so many cents of the invoice are."""
        shares = lost_shares(left, lost)
        for place, known in self.billed_on(number).items():
            known.lost = shares[place]
