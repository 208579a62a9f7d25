"""Says what a credit note or a refund would do, before it is kept: the same rules decide, and nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from rounds.charges.accounts import load_account
from rounds.charges.models import RetainerMove
from rounds.clients.models import Client
from rounds.core import giving_back, settling
from rounds.core.account import Refund
from rounds.core.crediting import Parts
from rounds.core.money import show_amount, show_hours
from rounds.core.settling import Crediting, Settlement
from rounds.invoices.debts import load_debts
from rounds.invoices.models import Invoice
from rounds.invoices.paying import parts_of_amount, sold_by


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A credit note as it would be: its parts, what it settles, and the hours that go back with it."""

    parts: Parts
    crediting: Crediting
    hours: Refund | None
    hours_left: int = 0

    def words(self) -> Iterator[str]:
        """What it gives back and to whom, in sentences."""
        crediting, tax = self.crediting, self.parts.tax
        if tax:
            yield f"{show_amount(tax)} of it is tax."
        if self.hours is not None:
            stay = f"{show_hours(self.hours_left)} h of the block stay" if self.hours_left else "none of the block stay"
            gone, worth = show_hours(self.hours.seconds), show_amount(self.hours.amount)
            yield f"{gone} h that were bought go back, worth {worth}; {stay}."
            if self.hours.earned:
                yield f"{show_amount(self.hours.earned)} more is kept for the hours used, at the list rate."
        if crediting.lowered:
            yield f"{show_amount(crediting.lowered)} lowers what is open on the invoice."
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


def retainer_of(client: Client) -> int:
    """The balance of a client's retainer, in cents."""
    return int(RetainerMove.objects.filter(client=client).aggregate(sum=Sum("amount"))["sum"] or 0)


def foresee_credit(invoice: Invoice, amount: int, day: date, parts: Parts | None = None) -> Foreseen:
    """What crediting cents of an invoice would do on a day; of `parts`, where lines are credited by name."""
    client = invoice.client
    crediting = settling.credit(load_debts(client, invoice), invoice.pk, amount, retainer=retainer_of(client))
    parts = parts or parts_of_amount(invoice, crediting)
    sold = sold_by(invoice)
    if sold is None:
        return Foreseen(parts, crediting, None)
    block = giving_back.block_of(load_account(client), sold.block)
    hours = giving_back.hours_of_credit(block, sold.net + parts.net, sold.before, day)
    return Foreseen(parts, crediting, hours, block.left - (hours.seconds if hours else 0))


def foresee_refund(invoice: Invoice, hours: Refund, parts: Parts) -> Foreseen:
    """What giving hours back would do: on the invoice that sold them."""
    client = invoice.client
    crediting = settling.credit(load_debts(client, invoice), invoice.pk, parts.total, retainer=retainer_of(client))
    block = giving_back.block_of(load_account(client), hours.block)
    return Foreseen(parts, crediting, hours, block.left - hours.seconds)


def creditable(invoice: Invoice) -> int:
    """What can be credited of an invoice: all that was not yet, but of retainer money only what is still held.

    What the retainer has paid for since is credited where it paid: on the invoice of that work.
    """
    left = invoice.total - sum(invoice.credit_notes.values_list("amount", flat=True))
    held = load_debts(invoice.client, invoice).find(invoice.pk).held
    return max(0, left - max(0, held - retainer_of(invoice.client)))
