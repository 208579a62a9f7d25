"""Invoices as issued, what was paid and credited on them, and where each payment went; all written once."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from rounds.charges.models import Charge, Closing, ClosingTax
from rounds.clients.models import Client
from rounds.invoices.bringing_models import BroughtOver, Opening, OpeningDraft, Undoing
from rounds.invoices.late_models import (
    CreditLine,
    CreditTax,
    Interest,
    Reminder,
    ReminderPause,
    ReminderStep,
    WriteOff,
)
from rounds.invoices.refund_models import Payout, PayoutReturn, Release

__all__ = [
    "BroughtOver",
    "CreditLine",
    "CreditTax",
    "Interest",
    "Opening",
    "OpeningDraft",
    "Payout",
    "PayoutReturn",
    "Release",
    "Reminder",
    "ReminderPause",
    "ReminderStep",
    "Undoing",
    "WriteOff",
]  # beside all that stands here


class Series(models.Model):
    """A run of numbers without a gap: the last one given, taken inside the transaction that issues.

    It begins with `first`: a shop that comes from other books goes on after their last number.
    """

    name = models.CharField(max_length=12, unique=True)
    first = models.PositiveIntegerField(default=1)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} to {self.last}"


class InvoiceSet(models.QuerySet["Invoice"]):
    """Invoices, with what is still open on them."""

    def with_open(self) -> Self:
        """Each with `open`: what the client still has to pay, in cents."""
        return self.annotate(
            open=F("total") - F("from_retainer") - _sum_on_invoice(Allocation, "amount")
            - _sum_on_invoice(CreditNote, "lowers") - _sum_on_invoice(WriteOff, "amount"),
        )  # fmt: skip

    def with_fate(self) -> Self:
        """Each with `open`, and what of it was `lowered` by credit notes and `lost` by writing it off, in cents."""
        sums = {"lowered": _sum_on_invoice(CreditNote, "lowers"), "lost": _sum_on_invoice(WriteOff, "amount")}
        return self.with_open().annotate(**sums)

    def standing(self) -> Self:
        """All but those that were brought over by mistake."""
        return self.exclude(brought__opening__undoing__isnull=False)

    def unpaid(self) -> Self:
        """Those with something open, in the order due."""
        return self.with_open().filter(open__gt=0).order_by("due_on", "pk")


class Invoice(models.Model):
    """What a client was asked to pay, in cents, with every name, address and rate as it was when it was issued."""

    closing = models.OneToOneField(Closing, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    shop_name = models.CharField(max_length=120)
    shop_address = models.TextField(blank=True)
    shop_country = models.CharField(max_length=2, blank=True)
    shop_email = models.EmailField(blank=True)
    shop_phone = models.CharField(max_length=40, blank=True)
    shop_tax_number = models.CharField(max_length=40, blank=True)
    shop_bank_details = models.TextField(blank=True)
    client_name = models.CharField(max_length=120)
    client_address = models.TextField(blank=True)
    client_country = models.CharField(max_length=2, blank=True)
    client_tax_number = models.CharField(max_length=40, blank=True)
    tax = models.BigIntegerField()
    total = models.BigIntegerField()  # lines and tax; what the retainer pays is not taken off
    from_retainer = models.BigIntegerField()
    asked = models.BigIntegerField()  # its retainer line, which counts when the invoice is paid in full

    old_number = models.CharField(max_length=40, blank=True)  # of the old books, from which it was brought over

    open: int  # only on those from `with_open`
    lowered: int  # these two only on those from `with_fate`
    lost: int

    objects = InvoiceSet.as_manager()

    class Meta:
        ordering = ("-issued_on", "-pk")
        constraints = (models.UniqueConstraint(fields=("series", "number"), name="each_invoice_number_once"),)
        indexes = (models.Index(fields=("client", "due_on"), name="invoice_by_client_and_due"),)

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        """Its number as printed: "2005-0042"; one that was brought over keeps that of the old books."""
        return self.old_number or f"{self.series}-{self.number:04d}"

    @property
    def taxes(self) -> list[ClosingTax]:
        """Its taxes: copies of the codes as they were, with what was taxed by each, and the tax."""
        return list(self.closing.taxes.all())

    @property
    def told_taxes(self) -> list[ClosingTax]:
        """Those of its taxes that are printed on it."""
        return [row for row in self.taxes if row.is_told]

    @property
    def is_brought(self) -> bool:
        """Was it issued by the old books? Then there is no paper of ours."""
        return bool(self.old_number)

    @property
    def ended_as(self) -> str:
        """How nothing came to be open on it, in words; "" while something is. Only on those from `with_fate`."""
        if self.open:
            return ""
        if self.total - self.lowered - self.lost > 0:
            return "paid, part written off" if self.lost else "paid"
        if self.lost:
            return "written off, part credited" if self.lowered else "written off"
        return "credited"


class InvoiceLine(models.Model):
    """A line as printed: what for, when, how much. `seconds` for time, `quantity` for parts, days for a fee."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    amount = models.BigIntegerField()
    seconds = models.IntegerField(null=True)
    rate = models.BigIntegerField(null=True)
    quantity = models.IntegerField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    done_on = models.DateField(null=True)
    tax = models.ForeignKey(ClosingTax, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    charge = models.OneToOneField(Charge, null=True, on_delete=models.PROTECT, related_name="+")

    held: int  # seconds that its work holds beside its money; only where a page asked

    class Meta:
        ordering = ("invoice", "position")
        constraints = (models.UniqueConstraint(fields=("invoice", "position"), name="each_invoice_line_once"),)

    def __str__(self) -> str:
        return self.text


class Payment(models.Model):
    """Money received from a client; `invoice` is the one that he named, if he named one."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    on = models.DateField()
    received_on = models.DateField(null=True)  # by the bank, where that was before the day on which it was recorded
    at = models.DateTimeField()
    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_has_an_amount"),)

    def __str__(self) -> str:
        return f"{self.amount} from {self.client} on {self.on}"


class Reversal(models.Model):
    """A payment taken back: recorded for the wrong client, or it `bounced`; what it had settled is open again."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="reversal")
    on = models.DateField()
    at = models.DateTimeField()
    has_bounced = models.BooleanField(default=False)
    why = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.payment} taken back"


class CreditNote(models.Model):
    """A mistake put right: it `lowers` what was open on the invoice; what goes beyond (`over`) is like a payment.

    What the retainer had paid of the invoice goes back `to_retainer`.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    lowers = models.BigIntegerField()
    over = models.BigIntegerField()
    asked = models.BigIntegerField(default=0)  # of what it lowers, what was asked for the retainer
    to_retainer = models.BigIntegerField(default=0)
    from_retainer = models.BigIntegerField(default=0)  # of what goes beyond, what was held on the retainer
    tax = models.BigIntegerField(default=0)  # in the amount, as the books have it; its `taxes` say of which kind
    untaxed = models.BigIntegerField(default=0)  # of the amount, what stood on lines that are not taxed
    on = models.DateField()
    at = models.DateTimeField()
    why = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    went: list[tuple[str, str]]  # the hours that went with it; only where a page asked (`hours_back`)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("series", "number"), name="each_credit_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_credit_has_an_amount"),
            models.CheckConstraint(
                condition=Q(amount=F("lowers") + F("over") + F("to_retainer")), name="a_credit_goes_somewhere"
            ),
        )

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        """Its number as printed: "C2005-0003"."""
        return f"{self.series}-{self.number:04d}"


class Allocation(models.Model):
    """Where money went: a part of a payment, or of what a credit note left over, settles a part of an invoice.

    Or it was paid back to the client. Less than nothing where a payment, or what was paid back, was taken back.
    """

    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="allocations")
    payout = models.ForeignKey(Payout, null=True, on_delete=models.PROTECT, related_name="allocations")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="allocations")
    credit_note = models.ForeignKey(CreditNote, null=True, on_delete=models.PROTECT, related_name="allocations")
    amount = models.BigIntegerField()
    on = models.DateField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(payment=None) ^ Q(credit_note=None), name="an_allocation_has_a_source"),
            models.CheckConstraint(condition=Q(invoice=None) ^ Q(payout=None), name="an_allocation_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount__lt=0) & (Q(payment__isnull=False) | Q(payout__isnull=False)),
                name="an_allocation_has_an_amount",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} to {self.invoice or self.payout}"


class BankFile(models.Model):
    """A file of the bank's that was read: of which account of the shop's, and its bytes' fingerprint."""

    name = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    account = models.CharField(max_length=40)
    read_at = models.DateTimeField()
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("fingerprint", "account"), name="each_bank_file_once"),)

    def __str__(self) -> str:
        return self.name


class BankLineSet(models.QuerySet["BankLine"]):
    """Lines of the bank's, with what became of them."""

    def with_fate(self) -> Self:
        """Each with its `turn` and `fate`: the last decision; none, if nobody decided or its payment was taken back."""
        last = BankDecision.objects.filter(line=OuterRef("pk")).order_by("-turn")
        stands = Case(When(payment__reversal__isnull=False, then=Value("")), default=F("what"))
        return self.annotate(
            turn=Coalesce(Subquery(last.values("turn")[:1]), Value(0)),
            fate=Coalesce(Subquery(last.annotate(stands=stands).values("stands")[:1]), Value("")),
        )


class BankLine(models.Model):
    """A booked line of the shop's account: cents that came (+) or went (-); `key` is its own in its account."""

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=40)
    key = models.CharField(max_length=32)
    on = models.DateField()
    amount = models.BigIntegerField()
    name = models.CharField(max_length=140, blank=True)
    from_account = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500, blank=True)

    turn: int  # these two only on those from `with_fate`
    fate: str

    objects = BankLineSet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        constraints = (models.UniqueConstraint(fields=("account", "key"), name="each_bank_line_once"),)

    def __str__(self) -> str:
        return f"{self.amount} on {self.on}, {self.name}"


class Fate(models.TextChoices):
    """What a person decided about a line of the bank's."""

    MATCHED = "matched", "Matched"
    IGNORED = "ignored", "Ignored"
    REOPENED = "", "New"


class BankDecision(models.Model):
    """What somebody decided about a line; a change of mind is the next turn, which only one person can take."""

    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="decisions")
    turn = models.PositiveIntegerField()
    what = models.CharField(max_length=8, choices=Fate, blank=True)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="bank_decisions")
    reversal = models.OneToOneField(Reversal, null=True, on_delete=models.PROTECT, related_name="bank_decision")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("line", "turn")
        constraints = (models.UniqueConstraint(fields=("line", "turn"), name="each_bank_decision_once"),)

    def __str__(self) -> str:
        return f"{self.line}: {self.what or 'new'}"


def _sum_on_invoice(model: type[Allocation] | type[CreditNote] | type[WriteOff], field: str) -> Coalesce:
    """The sum of a field over a model's rows of the invoice asked about; a subquery, so that sums do not multiply."""
    rows = model._default_manager.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    return Coalesce(Subquery(rows.annotate(sum=Sum(field)).values("sum")), Value(0))
