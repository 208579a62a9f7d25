"""What can happen in a story, as values: what was bought, paid, credited, approved, taken back, given back, ended."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from rounds.core.account import Key, Part, Work


@dataclass(frozen=True, slots=True)
class Purchase:
    """Hours bought."""

    hours: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """Cents put on the retainer."""

    amount: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Cents paid, for an invoice named by its place in order of issue, or for whatever is due first."""

    amount: int
    invoice: int | None = None


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Cents credited of an invoice, named by its place in order of issue; None: all that is left.

    Of a `line`, named by its place in the invoice from 1, the cents are before its tax. The hours that the work on a
    line drew go back with all of its money, unless they are told to stay.
    """

    invoice: int
    amount: int | None = None
    line: int | None = None
    do_hours_stay: bool = False


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Cents of an invoice, named by its place, that nobody expects to be paid any more; None: all that is open."""

    invoice: int
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What was written off of an invoice, named by its place, is expected after all."""

    invoice: int


@dataclass(frozen=True, slots=True)
class Approval:
    """The client's approval, given later, of work that is named by its key."""

    work: Key


@dataclass(frozen=True, slots=True)
class Void:
    """Work or a part, named by its key, that was recorded by mistake and is taken back."""

    what: Key


class To(StrEnum):
    """Where money goes that is given back."""

    BANK = "bank"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class RefundOfHours:
    """Unused seconds (None: all) of the block that an event sold, given back; the used ones count `at_list_rate`."""

    purchase: Key
    seconds: int | None = None
    at_list_rate: bool = False
    is_paid_out: bool = True


@dataclass(frozen=True, slots=True)
class RefundOfMoney:
    """Cents given back of the retainer, or of the client's credit: by the bank, or (`is_paid_out` no) as credit.

    `even_if_needed`: also what the retainer holds for work that is not billed yet.
    """

    source: Literal["retainer", "credit"]
    amount: int
    even_if_needed: bool = False
    is_paid_out: bool = True


@dataclass(frozen=True, slots=True)
class Ending:
    """An agreement (by its place) that ends early: its last day, before what was charged for it in advance is over."""

    agreement: int
    on: date
    is_paid_out: bool = True


type Happening = (
    Work
    | Part
    | Purchase
    | Deposit
    | Payment
    | CreditNote
    | WriteOff
    | Expectation
    | Approval
    | Void
    | RefundOfHours
    | RefundOfMoney
    | Ending
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened `at` a moment and was recorded at one, local to the shop; `key` is its place from 1.

    The moments have the story's zone, if it names one.
    """

    key: int
    at: datetime
    recorded: datetime
    what: Happening
