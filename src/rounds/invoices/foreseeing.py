"""Says what a credit note or a refund would do, before it is kept: the same rules decide, and nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from rounds.charges import forgoing
from rounds.charges.accounts import Position, load_account, load_position
from rounds.charges.keeping import Cause
from rounds.core import giving_back, settling
from rounds.core.account import Key, Outcome, Refund
from rounds.core.crediting import Parts
from rounds.core.money import show_amount, show_hours
from rounds.core.settling import Crediting, Settlement
from rounds.invoices.debts import load_debts, retainer_of
from rounds.invoices.models import Invoice
from rounds.invoices.noting import Deed

NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A credit note as it would be: its parts, what it settles, and the hours that go back with it.

    `hours_left` are those that stay of the block that the invoice sold; `returned` tells of hours that work drew.
    """

    parts: Parts
    crediting: Crediting
    taken: Outcome = NOTHING
    hours_left: int = 0
    returned: tuple[str, ...] = ()

    def words(self) -> Iterator[str]:
        """What it gives back and to whom, in sentences."""
        crediting, tax = self.crediting, self.parts.tax
        if tax:
            yield f"{show_amount(tax)} of it is tax."
        for hours in self.taken.refunds:
            if hours.was_credited:
                continue
            stay = f"{show_hours(self.hours_left)} h of the block stay" if self.hours_left else "none of the block stay"
            gone, worth = show_hours(hours.seconds), show_amount(hours.amount)
            yield f"{gone} h that were bought go back, worth {worth}; {stay}."
            if hours.earned:
                yield f"{show_amount(hours.earned)} more is kept for the hours used, at the list rate."
        yield from self.returned
        instead = sum(charge.amount for charge in self.taken.charges)
        if instead:
            yield f"{show_amount(instead)} was to be charged back on the next invoice: it is credited instead."
        if lowered := crediting.lowered - crediting.recovered:
            yield f"{show_amount(lowered)} lowers what is open on the invoice."
        if crediting.recovered:
            yield f"{show_amount(crediting.recovered)} had been written off: no loss any more, and not his credit."
        if crediting.asked:
            yield f"{show_amount(crediting.asked)} less is asked for the retainer."
        if crediting.held:
            yield f"{show_amount(crediting.held)} comes off the retainer."
        if crediting.returned:
            yield f"{show_amount(crediting.returned)} goes back onto the retainer, which had paid it."
        yield from settled_in_words(crediting.beyond)


def settled_in_words(settlement: Settlement) -> Iterator[str]:
    """Where money of the client's goes, in sentences."""
    settled = sum(allocation.amount for allocation in settlement.allocations)
    if settled:
        yield f"{show_amount(settled)} settles what he owes on other invoices."
    if settlement.credit_change > 0:
        yield f"{show_amount(settlement.credit_change)} is left over, as his credit."


def foresee_credit(invoice: Invoice, deed: Deed, day: date) -> Foreseen:
    """What a credit note would do, as it is decided, on a day."""
    position = load_position(invoice.client)
    taken = forgoing.foresee(position, deed.crediting, deed.taking, Cause("credit:?", day, timezone.now()))
    left = 0
    if deed.taking.block is not None:
        left = giving_back.block_of(position.account.after(taken), deed.taking.block).left
    return Foreseen(deed.parts, deed.crediting, taken, left, tuple(_gone_from(position, taken)))


def _gone_from(position: Position, taken: Outcome) -> Iterator[str]:
    """Where the hours go back to that work drew, in sentences, and what has become of those that do not."""
    back: dict[str, int] = {}
    for draw in taken.draws:
        name = f"the included hours of {draw.grant[1]:%B %Y}" if draw.grant else _block(position, draw.block or 0)
        back[name] = back.get(name, 0) - draw.seconds
    for name, seconds in back.items():
        yield f"{show_hours(seconds)} h that this work drew go back to {name}."
    for refund in taken.refunds:
        if refund.was_credited:
            name = _block(position, refund.block)
            yield f"{show_hours(refund.seconds)} h of those are gone again: the money for {name} was given back before."
    for one in taken.returned:
        for step in one.trace:
            if "lapsed" in step:
                yield f"{step[0].upper()}{step[1:]}: they do not come back."


def _block(position: Position, key: Key) -> str:
    block = giving_back.block_of(position.account, key)
    return f"the block of {block.bought_on.day} {block.bought_on:%B %Y}"


def foresee_refund(invoice: Invoice, hours: Refund, parts: Parts) -> Foreseen:
    """What giving hours back would do: on the invoice that sold them."""
    client = invoice.client
    crediting = settling.credit(
        load_debts(client, invoice), invoice.pk, parts.total, retainer=retainer_of(client), is_of_lines=True
    )
    block = giving_back.block_of(load_account(client), hours.block)
    return Foreseen(parts, crediting, Outcome(refunds=(hours,)), block.left - hours.seconds)
