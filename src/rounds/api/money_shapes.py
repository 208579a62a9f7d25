"""The shapes of invoices, payments, balances and the books."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rounds.api.shapes import NO_CONTROL, Hours, Id, Moment, Money, Ref

InvoiceState = Literal["open", "overdue", "paid", "written-off", "credited"]


class Party(Struct, frozen=True):
    """The shop or the client as printed."""

    name: str
    address: str
    country: str
    tax_number: str


class Documents(Struct, frozen=True):
    """Where an invoice's papers are: PDF/A-3 with the CII in it, CII and UBL by themselves."""

    pdf: str
    cii: str
    ubl: str


class Invoice(Struct, frozen=True):
    """What a client was asked to pay. `total` holds the tax; `from_retainer` of it was paid by the retainer.

    `documents` is null for one that was brought over from the old books.
    """

    number: str
    client: Ref
    issued_on: date
    due_on: date
    issued_at: Moment
    tax: Money
    total: Money
    from_retainer: Money
    asked_for_retainer: Money
    credited: Money
    written_off: Money
    open: Money
    state: InvoiceState
    documents: Documents | None


class InvoiceLine(Struct, frozen=True):
    """A line as printed: hours at a rate, a quantity, or a period; the amount is before tax, `tax` its tax's code."""

    position: int
    kind: str
    text: str
    done_on: date | None
    hours: Hours | None
    rate: Money | None
    quantity: int | None
    first_day: date | None
    last_day: date | None
    tax: str | None
    amount: Money


class TaxRow(Struct, frozen=True):
    """One tax of an invoice, and the sum of the lines that it is on; `category` is that of EN 16931."""

    code: str
    words: str
    category: str
    reason: str
    rate: str
    base: Money
    tax: Money


class Settlement(Struct, frozen=True):
    """Money that settled a part of an invoice; less than nothing where a payment was taken back."""

    on: date
    amount: Money
    payment: int | None
    credit_note: str | None


class CreditNote(Struct, frozen=True):
    """A mistake put right: it lowers what is open on the invoice, goes back to the retainer, or is like a payment."""

    number: str
    on: date
    amount: Money
    tax: Money
    lowers: Money
    to_retainer: Money
    why: str


class InvoiceWhole(Invoice, frozen=True):
    """An invoice with its parties, lines, tax, and what has settled it."""

    shop: Party
    billed_to: Party
    lines: list[InvoiceLine]
    tax_rows: list[TaxRow]
    settlements: list[Settlement]
    credit_notes: list[CreditNote]


class Settled(Struct, frozen=True):
    """An invoice and how much of it a payment settles."""

    invoice: str
    amount: Money


class Reversal(Struct, frozen=True):
    """That a payment was taken back, or bounced."""

    on: date
    why: str
    has_bounced: bool


class Payment(Struct, frozen=True):
    """Money received; `left` of it settles nothing yet and is the client's credit, `paid_back` went back to him.

    `is_off_retainer`: no money came in; it was taken off the retainer to be given back.
    """

    id: int
    client: Ref
    amount: Money
    on: date
    received_on: date | None
    at: Moment
    invoice: str | None
    note: str
    is_off_retainer: bool
    settled: list[Settled]
    paid_back: Money
    left: Money
    reversal: Reversal | None


class Payout(Struct, frozen=True):
    """Credit of a client's that was paid back to him; `taken_back`: it came back, or was never sent."""

    id: int
    client: Ref
    amount: Money
    on: date
    at: Moment
    how: Literal["transfer", "cheque", "card", "cash"]
    reference: str
    why: str
    taken_back: Reversal | None


class NewPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money received, for the invoice named first, then for those that fall due first; `received_on`: before today."""

    client: Id
    amount: Money
    invoice: Annotated[str, Meta(min_length=1, max_length=40, pattern=NO_CONTROL)] | None = None
    note: Annotated[str, Meta(max_length=200, pattern=NO_CONTROL)] = ""
    received_on: date | None = None


class Balances(Struct, frozen=True):
    """What a client owed and held at the end of a day, as it was shown then.

    `credit` is what he paid too much. `retainer_available` is the retainer less everything not yet billed and its tax,
    below nothing where that is more; null for who has no retainer.
    """

    client: Ref
    on: date
    plan: str
    receivable: Money
    credit: Money
    retainer: Money
    retainer_asked: Money
    retainer_available: Money | None
    block_hours: Hours
    included_hours: Hours
    unbilled: Money
    unbilled_tax: Money


class AccountMoney(Struct, frozen=True):
    """An account's balance, on one of the two sides."""

    account: str
    title: str
    debit: Money
    credit: Money


class AccountHours(Struct, frozen=True):
    """An account of hours with its balance, on one of the two sides."""

    account: str
    title: str
    debit: Hours
    credit: Hours


class TrialBalance(Struct, frozen=True):
    """Every account at the end of a day, in money and in hours; both sides are equal."""

    on: date
    money: list[AccountMoney]
    hours: list[AccountHours]
    money_total: Money
    hours_total: Hours
