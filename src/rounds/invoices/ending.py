"""Ends an agreement earlier than what was charged for it: the unused rest of its fees goes back, by credit notes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from rounds.charges import ending as charges_ending
from rounds.charges.accounts import hold, load_account
from rounds.charges.forgoing import Taking
from rounds.charges.keeping import Cause
from rounds.charges.models import ClosingLine
from rounds.clients import agreeing
from rounds.clients.models import Agreement, AgreementEnd
from rounds.core import ending, settling
from rounds.core.account import Outcome
from rounds.core.crediting import Parts
from rounds.core.ending import Rest
from rounds.core.settling import Debts, Settlement
from rounds.invoices.crediting import creditable
from rounds.invoices.debts import credit_of, load_debts, retainer_of
from rounds.invoices.foreseeing import Foreseen
from rounds.invoices.issuing import bring
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.noting import Deed, keep_credit
from rounds.invoices.refunding import Giving, pay_out_rest
from rounds.ledger.booking import line_value
from rounds.people.shop import local_day, shop_zone


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back of one invoice: lines by their place, and the parts of the credit note with their tax."""

    invoice: Invoice
    lines: tuple[ClosingLine, ...]
    rests: tuple[Rest, ...]
    parts: Parts


def end_early(agreement: Agreement, ends: date, giving: Giving) -> AgreementEnd:
    """End an agreement with a day that is charged beyond already; the rest goes back, as credit or paid out.

    Refused: as `agreeing.end_early` refuses, or no reason.
    """
    giving.refuse_without_reason()
    client, on = agreement.client, local_day(giving.at)
    bring(client, giving.at)
    with transaction.atomic():
        hold(client)
        end = agreeing.end_early(agreement, ends, why=giving.why.strip()[:200], by=giving.by, at=giving.at)
        before = credit_of(client)
        curtailed: dict[int, int] = {}
        for back in backs_of(agreement, ends, on):
            _credit(back, giving)
            curtailed |= {back.lines[rest.place].pk: rest.amount for rest in back.rests if rest.deferred}
        charges_ending.end_early(agreement, Cause(f"end:{end.pk}", on, giving.at), curtailed)
        pay_out_rest(client, Settlement(credit_change=credit_of(client) - before), giving)
        return end


def _credit(back: Back, giving: Giving) -> None:
    note = CreditNote(
        invoice=back.invoice, client=back.invoice.client, amount=back.parts.total, on=local_day(giving.at),
        at=giving.at, why=giving.why.strip(), recorded_by=giving.by,
    )  # fmt: skip
    client, printed = back.invoice.client, {line.position: line.pk for line in back.invoice.lines.all()}
    debts = load_debts(client, back.invoice)
    crediting = settling.credit(
        debts, back.invoice.pk, back.parts.total, retainer=retainer_of(client), is_of_lines=True
    )
    lines = {printed[back.lines[rest.place].position]: rest.amount for rest in back.rests}
    fees = tuple((rest.kind, rest.amount) for rest in back.rests if rest.deferred)
    keep_credit(note, Deed(back.parts, crediting, Taking(), lines, fees))


def backs_of(agreement: Agreement, ends: date, on: date) -> Iterator[Back]:
    """Find what goes back of each invoice that charged days after the last one, when that is found on a day."""
    charged = ClosingLine.objects.filter(agreement=agreement, last_day__gt=ends).values("closing")
    for invoice in Invoice.objects.filter(closing__in=charged).select_related("closing", "client").order_by("pk"):
        lines, found = tuple(invoice.closing.lines.order_by("position")), creditable(invoice)
        taxes = [row.pk for row in invoice.taxes]
        printed = {line.position: line.tax_id for line in invoice.lines.all()}
        rows = [None if (tax := printed[line.position]) is None else taxes.index(tax) for line in lines]
        rests = ending.rests([line_value(line) for line in lines], rows, agreement.pk, ends, on, found.left)
        if not rests:
            continue
        yield Back(invoice, lines, rests, ending.parts_of(found, rests))


def foresee_end(agreement: Agreement, ends: date, at: datetime) -> tuple[list[tuple[Back, Foreseen]], Outcome]:
    """What ending an agreement with a day would do: each credit note, and the included hours that go.

    Refused: as `agreeing.end_early` refuses.
    """
    agreeing.refuse_early_end(agreement, ends, at)
    client, retainer = agreement.client, retainer_of(agreement.client)
    backs = list(backs_of(agreement, ends, local_day(at)))
    debts, found = load_debts(client), []
    for back in backs:
        one = load_debts(client, back.invoice).find(back.invoice.pk)
        if all(known.key != one.key for known in debts.invoices):
            debts = Debts((*debts.invoices, one), debts.credit)
        deed = settling.credit(debts, back.invoice.pk, back.parts.total, retainer=retainer, is_of_lines=True)
        debts, retainer = debts.credited(deed), retainer + deed.returned - deed.held
        found.append((back, Foreseen(back.parts, deed)))
    account = load_account(client)
    terms = ending.end_early(account.terms, agreement.pk, ends, at.astimezone(shop_zone()))
    value = next(one for one in terms.agreements if one.key == agreement.pk)
    return found, ending.cut(replace(account, terms=terms), value, ends)
