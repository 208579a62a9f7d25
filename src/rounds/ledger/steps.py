"""Reads the steps of clients' accounts that are not in the books yet, and the fees whose periods have ended.

What was brought over from the old books is booked by whoever brings it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from rounds.charges.models import Block, Charge, Closing, ClosingLine, ClosingTax, Draw, Lapse, Refund, Standing
from rounds.clients.reading import parse_share
from rounds.core import account as values
from rounds.core.account import Kind, Outcome
from rounds.core.taxing import Tax, TaxCategory, TaxRow
from rounds.ledger.models import Booked

TURNS_AT_ONCE = 50  # steps of one account that are booked together
ORIGIN = ("rated", "voided", "returned")
REASONS = {
    "month": "Invoice of the month",
    "start": "Invoice at the start",
    "purchase": "Hours bought",
    "deposit": "Deposit",
}


@dataclass(slots=True)
class Step:
    """What one entry is made of: a stint or part, or a step of the account itself, as far as the books care."""

    on: date
    charges: list[values.Charge] = field(default_factory=list)
    draws: list[values.Draw] = field(default_factory=list)
    lapses: list[values.Lapse] = field(default_factory=list)
    refunds: list[values.Refund] = field(default_factory=list)
    blocks: list[values.Block] = field(default_factory=list)
    closing: values.Closing | None = None
    is_void: bool = False
    is_return: bool = False

    def note(self, voided: int | None, returned: int | None) -> None:
        """Note whether a draw or charge of it takes back what was recorded by mistake, or what was credited."""
        self.is_void = self.is_void or voided is not None
        self.is_return = self.is_return or returned is not None

    def outcome(self) -> Outcome:
        """The outcome that its rows were kept from."""
        return Outcome(
            charges=tuple(self.charges),
            draws=tuple(self.draws),
            lapses=tuple(self.lapses),
            refunds=tuple(self.refunds),
            blocks=tuple(self.blocks),
            closing=self.closing,
        )

    def what(self) -> str:
        """What happened, in words."""
        if self.closing is not None:
            return REASONS[self.closing.reason]
        if self.lapses:
            return "Hours lapsed"
        if self.refunds or self.is_return:
            return "Hours given back"
        if self.is_void:
            return "Recorded by mistake, taken back"
        if any(charge.kind == Kind.INTEREST for charge in self.charges):
            return "Interest on late invoices"
        return "Hours bought" if self.blocks else "Work and parts"


@dataclass(frozen=True, slots=True)
class EndedFee:
    """A fee or monitoring whose period has ended, the day on which it is earned, and the cents that never are."""

    key: int
    on: date
    line: values.Line
    rest: int


@dataclass(slots=True)
class Stretch:
    """What is to be booked of one client: his steps after one and through another, and fees that ended by a day."""

    client: int
    done: int
    last: int
    earned_before: date | None
    earned_through: date
    steps: dict[tuple[int, str], Step] = field(default_factory=dict)
    fees: list[EndedFee] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Is there anything to look at?"""
        return self.last > self.done or self.earned_before is None or self.earned_before < self.earned_through


def stretches_of(clients: Sequence[int], earned_through: date) -> list[Stretch]:
    """What is to be booked of some clients, in their order, with its rows: one question a table for all of them.

    How far the accounts are is read before the rows of their steps, so that all of these are there.
    """
    Booked.objects.bulk_create((Booked(client_id=key) for key in clients), ignore_conflicts=True)
    turns = dict(Standing.objects.filter(client__in=clients).values_list("client", "turn"))
    stretches = []
    asked = Booked.objects.filter(client__in=clients).order_by("client")
    for client, turn, earned in asked.values_list("client", "turn", "earned_through"):
        last = min(turns.get(client, 0), turn + TURNS_AT_ONCE)
        stretches.append(Stretch(client, turn, max(last, turn), earned, max(earned_through, earned or earned_through)))
    new = [stretch for stretch in stretches if stretch.is_new]
    if new:
        _Reading({stretch.client: stretch for stretch in new}).read()
    return new


class _Reading:
    """The rows of some stretches, put into their steps."""

    def __init__(self, stretches: dict[int, Stretch]) -> None:
        self.stretches = stretches
        self.turns = _turns(stretches.values())
        self.ended = _ended(stretches.values())

    def read(self) -> None:
        """Read every table of which steps are made."""
        for one in (self._blocks, self._draws, self._charges, self._lapses, self._refunds, self._closings, self._fees):
            one()

    def _step(self, client: int, turn: int, on: date, key: str = "") -> Step:
        """The step that a row belongs to; without a key, a step of the account itself."""
        steps, place = self.stretches[client].steps, (turn, key or f"step:{client}:{turn}")
        if place not in steps:
            steps[place] = Step(on)
        return steps[place]

    def _blocks(self) -> None:
        asked = Block.objects.filter(self.turns, purchase__isnull=False)
        for client, turn, on, *rest in asked.values_list("client", "turn", "bought_on", "pk", "seconds", "price"):
            key, seconds, price = rest
            self._step(client, turn, on).blocks.append(values.Block(key, on, seconds, seconds, price))

    def _draws(self) -> None:
        asked = Draw.objects.filter(self.turns, block__isnull=False)
        about = ("client", "turn", "on", *ORIGIN, "block", "seconds", "earned")
        for client, turn, on, rated, voided, returned, *rest in asked.values_list(*about):
            block, seconds, earned = rest
            step = self._step(client, turn, on, _key_of(rated, voided, returned))
            step.draws.append(values.Draw("block", seconds, "", block=block, earned=earned))
            step.note(voided, returned)

    def _charges(self) -> None:
        about = ("client", "turn", "recorded_on", *ORIGIN, "pk", "kind", "amount")
        for client, turn, on, rated, voided, returned, *rest in Charge.objects.filter(self.turns).values_list(*about):
            key, kind, amount = rest
            step = self._step(client, turn, on, _key_of(rated, voided, returned))
            step.charges.append(values.Charge(KINDS[kind], amount, key, on))
            step.note(voided, returned)

    def _lapses(self) -> None:
        about = ("client", "turn", "on", "block", "seconds", "earned")
        for client, turn, on, block, seconds, earned in Lapse.objects.filter(self.turns).values_list(*about):
            self._step(client, turn, on).lapses.append(values.Lapse(block, on, seconds, earned))

    def _refunds(self) -> None:
        about = ("client", "turn", "on", "block", "seconds", "amount", "earned", "was_credited")
        for client, turn, on, *rest in Refund.objects.filter(self.turns).values_list(*about):
            block, seconds, amount, earned, was_credited = rest
            refund = values.Refund(block, on, seconds, amount, earned, was_credited)
            self._step(client, turn, on).refunds.append(refund)

    def _closings(self) -> None:
        closings = list(Closing.objects.filter(self.turns).exclude(reason="opening").order_by("pk"))
        said = closing_values(closings)
        for row in closings:
            self._step(row.client_id, row.turn, row.on).closing = said[row.pk]

    def _fees(self) -> None:
        asked = ClosingLine.objects.filter(self.ended)
        about = (
            "closing__client",
            "closing__on",
            "pk",
            "kind",
            "amount",
            "first_day",
            "last_day",
            "curtailment__amount",
        )
        for client, billed, key, kind, amount, *rest in asked.order_by("pk").values_list(*about):
            first, last, curtailed = rest
            line = values.Line(KINDS[kind], amount, period=(first, last))
            self.stretches[client].fees.append(EndedFee(key, max(last, billed), line, curtailed or 0))


def _turns(stretches: Collection[Stretch]) -> RawSQL:
    """The rows of the steps of some stretches, in a table with a client and a turn.

    As one expression: Django takes longer over three conditions a client than the database does over the answer.
    """
    each = " OR ".join(["(client_id = %s AND turn BETWEEN %s AND %s)"] * len(stretches))
    given = [value for stretch in stretches for value in (stretch.client, stretch.done + 1, stretch.last)]
    return RawSQL(f"({each})", given, BooleanField())  # noqa: S611 - numbers, and they are given apart


def _ended(stretches: Collection[Stretch]) -> Q:
    """The lines of closings whose periods ended, or that were billed afterwards, since it was last looked."""
    alike: dict[tuple[date | None, date], list[int]] = {}
    for stretch in stretches:
        alike.setdefault((stretch.earned_before, stretch.earned_through), []).append(stretch.client)
    found = Q()
    for (before, through), clients in alike.items():
        lines = Q(closing__client__in=clients, last_day__lte=through, closing__on__lte=through)
        found |= lines if before is None else lines & (Q(last_day__gt=before) | Q(closing__on__gt=before))
    return found


KINDS = {kind.value: kind for kind in Kind}


def closing_values(closings: Sequence[Closing]) -> dict[int, values.Closing]:
    """Some closings as the rules made them, as far as money goes: their lines' kinds and amounts, and their taxes."""
    if not closings:
        return {}
    lines, taxes = _by_closing(_lines(closings)), _by_closing(_taxes(closings))
    return {
        row.pk: values.Closing(
            row.on, row.due, row.reason,  # type: ignore[arg-type]
            tuple(lines.get(row.pk, ())), tuple(taxes.get(row.pk, ())),
            row.from_retainer, row.asked, row.is_paid_at_once,
        )
        for row in closings
    }  # fmt: skip


def _by_closing[Value](rows: Iterator[tuple[int, Value]]) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def _lines(closings: Sequence[Closing]) -> Iterator[tuple[int, values.Line]]:
    asked = ClosingLine.objects.filter(closing__in=closings).order_by("closing", "position")
    for closing, kind, amount in asked.values_list("closing", "kind", "amount"):
        yield closing, values.Line(KINDS[kind], amount)


def _taxes(closings: Sequence[Closing]) -> Iterator[tuple[int, TaxRow]]:
    asked = ClosingTax.objects.filter(closing__in=closings).order_by("closing", "position")
    about = ("closing", "code", "rate", "words", "category", "reason", "base", "amount")
    for closing, code, rate, words, category, reason, base, amount in asked.values_list(*about):
        tax = Tax(code, parse_share(rate), words, TaxCategory(category), reason)
        yield closing, TaxRow(tax, base, amount)


def _key_of(rated: int | None, voided: int | None, returned: int | None) -> str:
    """The cause of what a stint or part drew or cost, or of its being taken back.

    Interest, and what a credit note gives back, is a step of its own, which has none.
    """
    if rated is None or returned is not None:
        return ""
    return f"voided:{voided}" if voided else f"rated:{rated}"
