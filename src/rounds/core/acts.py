"""What playing a story keeps: invoices as they were issued, and what a rule made of each step."""

from dataclasses import dataclass
from datetime import date

from rounds.core.account import Closing, Key, Outcome
from rounds.core.bringing import Brought
from rounds.core.crediting import Parts
from rounds.core.ending import Rest
from rounds.core.settling import Crediting, Receipt, Settlement


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice as it was issued; `number` is its place in order of issue, from 1."""

    number: int
    closing: Closing


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit note: what it does, its parts, and what it took back of hours and of retainer money."""

    crediting: Crediting
    parts: Parts
    taken: Outcome
    is_of_lines: bool = False
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """Retainer money given back to the client: it settles what he owes like a payment."""

    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Lowered:
    """Cents of an invoice written off, `asked` of them for the retainer; less than nothing: expected again."""

    invoice: Key
    amount: int
    asked: int


@dataclass(frozen=True, slots=True)
class Act:
    """What a rule made of a step, as it was kept: the books follow from the acts (`books_of`)."""

    on: date
    what: Outcome | Settlement | Credited | Released | Lowered | Receipt | Brought
