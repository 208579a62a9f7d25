"""Credits lines of an invoice with the tax on them, and says what any credit note takes back of tax and of lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from rounds.charges.accounts import load_account
from rounds.charges.forgoing import Taking, group_of, nets_of
from rounds.charges.models import Charge
from rounds.core import lines_left
from rounds.core.account import Kind
from rounds.core.crediting import Creditable, Parts, Taxed
from rounds.core.lines_left import BilledLine, Left, left_of
from rounds.core.money import Refused, show_amount
from rounds.core.settling import Debts, Receivable
from rounds.invoices.models import CreditLine, CreditNote, CreditTax, Invoice, InvoiceLine


def whole_of(invoice: Invoice) -> Parts:
    """An invoice's taxes, and its lines without one; retainer money, asked for or deposited, is none of them."""
    untaxed = invoice.lines.filter(tax=None).exclude(kind=Kind.RETAINER.value).aggregate(sum=Sum("amount"))["sum"]
    return Parts(int(untaxed or 0), tuple(Taxed(row.base, row.amount) for row in invoice.taxes))


def creditable(invoice: Invoice) -> Creditable:
    """What can be credited of an invoice, and how it came to that."""
    found = Creditable.of(whole_of(invoice))
    for note in invoice.credit_notes.prefetch_related("taxes", "lines").order_by("pk"):
        found = found.after(_aligned(note, invoice), is_by_lines=bool(note.lines.all()))
    return found


def _aligned(note: CreditNote, invoice: Invoice) -> Parts:
    """What a credit note took back, with nothing for the taxes that it did not touch."""
    kept = {one.row_id: Taxed(one.base, one.tax) for one in note.taxes.all()}
    return Parts(note.untaxed, tuple(kept.get(row.pk, Taxed()) for row in invoice.taxes))


def parts_kept(note: CreditNote) -> Parts:
    """What a credit note took back, as it was kept with it: only the taxes that it touched."""
    return Parts(note.untaxed, tuple(Taxed(one.base, one.tax) for one in note.taxes.all()))


def credited_of_lines(invoice: Invoice) -> dict[int, int]:
    """What was credited of each line by its name, by the line's key."""
    rows = CreditLine.objects.filter(line__invoice=invoice).order_by().values_list("line").annotate(Sum("amount"))
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Creditability:
    """What can still be credited of an invoice: its lines, in order, what is left of each, and what most of it all."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]
    left: Left
    receivable: Receivable
    retainer: int

    @property
    def most(self) -> int:
        """Cents, tax included; of retainer money only what is still held."""
        return lines_left.most(self.receivable, self.left, retainer=self.retainer)

    @property
    def named(self) -> list[tuple[InvoiceLine, int]]:
        """Each line with what can be credited of it by its name, before tax."""
        return [(line, one.named) for line, one in zip(self.lines, self.left.lefts, strict=True)]

    def by_line(self, taken: Mapping[int, int]) -> Parts:
        """What crediting some cents of some lines (by their keys) takes back.

        Refused: no line; more than is left of one; an invoice that asks for or brought retainer money.
        """
        if self.invoice.asked:
            raise Refused("retainer money is credited first (billing-rules.md): credit this invoice by an amount")
        places = {line.pk: place for place, line in enumerate(self.lines)}
        if not taken or set(taken) - set(places):
            raise Refused("choose what to credit: at least one line of the invoice")
        for line, left in self.named:
            if taken.get(line.pk, left) > left:
                raise Refused(f"“{line.text}” has {show_amount(left)} left to credit")
        return self.left.by_line({places[key]: cents for key, cents in taken.items()})

    def taking_lines(self, taken: Mapping[int, int], *, do_hours_stay: bool = False) -> Taking:
        """What a credit of lines takes of charges; the hours that their work drew go back unless they are to stay."""
        named = [line for line in self.lines if taken.get(line.pk)]
        return _taking(self.lines, taken, () if do_hours_stay else named)

    def taking_amount(self, parts: Parts, *, do_hours_stay: bool = False) -> Taking:
        """What a credit of an amount takes of charges: a share of each; hours go back only with all that is left."""
        shares = dict(zip((line.pk for line in self.lines), self.left.shares(parts), strict=True))
        is_whole = parts.total == self.left.total and not do_hours_stay
        return _taking(self.lines, shares, self.lines if is_whole else ())

    def lost_shares(self, lost: int) -> dict[int, int]:
        """How much of each charge is written off, when so many cents of the invoice are."""
        shares = dict(zip((line.pk for line in self.lines), lines_left.lost_shares(self.left, lost), strict=True))
        return dict(_taking(self.lines, shares, ()).charges)


def _taking(lines: Iterable[InvoiceLine], cents: Mapping[int, int], giving: Iterable[InvoiceLine]) -> Taking:
    """What is taken of the charges of work and parts on lines: cents by the lines' keys; some give their hours back."""
    of_work = {line.charge_id: line.pk for line in lines if line.charge is not None and line.charge.rated_id}
    rated = {line.charge.rated_id for line in giving if line.charge is not None}
    return Taking(
        {charge: cents.get(line, 0) for charge, line in of_work.items() if charge is not None},
        frozenset(key for key in rated if key is not None),
    )


def creditability(invoice: Invoice, debts: Debts, *, retainer: int) -> Creditability:
    """What can still be credited of an invoice; the debts must know it."""
    related = ("charge__rated__stint", "tax")
    lines = tuple(invoice.lines.exclude(kind=Kind.RETAINER.value).select_related(*related).order_by("position"))
    charges = [line.charge for line in lines if line.charge is not None and line.charge.rated_id is not None]
    has_visits = load_account(invoice.client).terms.has_visits if charges else False
    nets = nets_of(charges, has_visits=has_visits)
    rows = Charge.objects.filter(pk__in=[one.pk for one in charges]).with_credited()
    credited, by_name = {row.pk: row.credited for row in rows}, credited_of_lines(invoice)
    taxes = [row.pk for row in invoice.taxes]
    billed = []
    for line in lines:
        group = group_of(line.charge, has_visits=has_visits) if line.charge is not None else None
        taken = by_name.get(line.pk, 0) if group is None else credited[line.charge_id or 0]
        row = None if line.tax_id is None else taxes.index(line.tax_id)
        billed.append(BilledLine(line.amount, row, taken, group))
    left = left_of(creditable(invoice), billed, {group: net.billed for group, net in nets.items()})
    return Creditability(invoice, lines, left, debts.find(invoice.pk), retainer)


def held_by_lines(invoice: Invoice) -> dict[int, int]:
    """Seconds that the work on an invoice's lines holds of blocks and months beside its money, by the line's key."""
    lines = invoice.lines.filter(kind__in=("labour", "overage"), charge__rated__voided=None).order_by()
    rows = lines.values_list("pk").annotate(sum=Sum("charge__rated__draws__seconds"))
    return {line: seconds for line, seconds in rows if seconds}


def keep_taxes(note: CreditNote, parts: Parts) -> None:
    """Keep what a credit note takes back of each tax of its invoice."""
    CreditTax.objects.bulk_create(
        CreditTax(note=note, row=row, base=one.base, tax=one.tax)
        for row, one in zip(note.invoice.taxes, parts.rows, strict=True)
        if one.base or one.tax
    )


def codes_of(invoice: Invoice, parts: Parts) -> tuple[tuple[str, int], ...]:
    """The tax that a credit note takes back, by code."""
    return tuple((row.code, one.tax) for row, one in zip(invoice.taxes, parts.rows, strict=True))


def keep_lines(note: CreditNote, taken: Mapping[int, int]) -> None:
    """Keep which lines a credit note takes back."""
    CreditLine.objects.bulk_create(CreditLine(note=note, line_id=key, amount=cents) for key, cents in taken.items())
