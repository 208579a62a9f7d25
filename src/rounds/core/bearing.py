"""The interest of a story: its client's invoices as they are issued, paid and credited go in, charges come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from rounds.core import interest
from rounds.core.account import Charge, Closing, Key, Kind
from rounds.core.interest import Charged, Late
from rounds.core.settling import Crediting, Settlement
from rounds.core.taxing import Tax
from rounds.core.terms import Terms


@dataclass(slots=True)
class Bearing:
    """His invoices as interest sees them, what each was charged, and the lines of interest on each."""

    late: dict[Key, Late] = field(default_factory=dict)
    charged: dict[Key, list[Charged]] = field(default_factory=dict)
    lines: dict[Key, dict[int, tuple[Key, int, Tax | None]]] = field(default_factory=dict)  # by their places
    named: dict[Key, dict[int, int]] = field(default_factory=dict)  # cents of these credited by their line
    whose: dict[Key, Key] = field(default_factory=dict)  # the late invoice that a charge of interest is for
    by_retainer: dict[Key, int] = field(default_factory=dict)  # cents that the retainer paid and has not got back

    def issue(self, key: Key, closing: Closing, unbilled: tuple[Charge, ...] = (), since: date = date.min) -> None:
        """Take an invoice as it is issued; `unbilled` is what its lines of interest name."""
        self.late[key] = Late(key, closing.due, interest.base_of(closing), since=since)
        self.by_retainer[key] = closing.from_retainer
        own = {
            place: (self.whose[unbilled[one.charge].cause], one.amount, one.tax)
            for place, one in enumerate(closing.lines)
            if one.kind is Kind.INTEREST and one.charge is not None
        }
        if own:
            self.lines[key] = own

    def settle(self, settlement: Settlement, since: date) -> None:
        """Take what was settled; the money was there since a day."""
        for one in settlement.allocations:
            late = self.late[one.invoice]
            self.late[one.invoice] = replace(late, cleared=(*late.cleared, (since, one.amount)))

    def credit(self, crediting: Crediting, named: Mapping[int, int]) -> None:
        """Take what a credit note took back: as if it had never been owed.

        `named` is what all credit notes of its invoice took by line so far, by the place of the line: interest that
        was credited by its line is out of the base already.
        """
        key, not_owed = crediting.invoice, crediting.asked + crediting.held + crediting.returned
        before = self._own(key)
        self.named[key] = {place: cents for place, cents in named.items() if place in self.lines.get(key, {})}
        self.by_retainer[key] -= crediting.returned
        late = self.late[key]
        self.late[key] = replace(late, base=late.base - crediting.amount + not_owed + before - self._own(key))

    def _own(self, key: Key) -> int:
        """What an invoice's own lines of interest come to, less what was credited of them by their line."""
        amounts = [(tax, amount) for _, amount, tax in self.lines.get(key, {}).values()]
        return interest.own_of(amounts, sum(self.named.get(key, {}).values()))

    def lose(self, key: Key, cents: int, on: date) -> None:
        """Take what was written off of an invoice, from a day on; less than nothing where it is expected again."""
        if cents:
            self.late[key] = replace(self.late[key], cleared=(*self.late[key].cleared, (on, cents)))

    def charge(self, terms: Terms, day: date) -> list[Charge]:
        """Charge what late invoices come to by the day before a first of the month."""
        given, made = self._forgiven(), []
        for key, late in self.late.items():
            charged = self.charged.setdefault(key, [])
            for one in interest.interest_on(terms, late, charged, day, forgiven=given.get(key, 0)):
                charged.append(Charged(one.first, one.last, one.amount))
                made.append(one.charge(day - timedelta(days=1)))
                self.whose[made[-1].cause] = key
        return made

    def _forgiven(self) -> dict[Key, int]:
        """What credit notes took back of interest that was charged, by the late invoice that it is for."""
        found: dict[Key, int] = {}
        for invoice, lines in self.lines.items():
            named = self.named.get(invoice, {})
            for place, cents in named.items():
                found[lines[place][0]] = found.get(lines[place][0], 0) + cents
            left = [(key, amount - named.get(place, 0), tax) for place, (key, amount, tax) in lines.items()]
            for key, cents in interest.forgiven(self.late[invoice].base + self.by_retainer[invoice], left).items():
                found[key] = found.get(key, 0) + cents
        return found
