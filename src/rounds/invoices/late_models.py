"""What is done about invoices that are not paid, what they bear, and which lines a credit note takes back."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from rounds.charges.models import Charge, ClosingTax
from rounds.clients.models import Client

if TYPE_CHECKING:
    from rounds.invoices.models import Invoice


class WriteOff(models.Model):
    """What of an invoice is not expected to be paid any more; less than nothing where it is, after all.

    `asked` is what of it was asked for the retainer: it is no loss.
    """

    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="write_offs")
    amount = models.BigIntegerField()
    asked = models.BigIntegerField(default=0)
    on = models.DateField()
    at = models.DateTimeField()
    why = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="a_write_off_has_an_amount"),)

    def __str__(self) -> str:
        return f"{self.amount} of {self.invoice}"


class ReminderStep(models.Model):
    """How the shop reminds: the step's number, after how many days, in which words, for which fee (cents)."""

    number = models.PositiveIntegerField(unique=True)
    days_late = models.PositiveIntegerField()
    text = models.TextField()
    fee = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"reminder {self.number}, {self.days_late} days late"


class Reminder(models.Model):
    """A reminder as it was written: each step once for an invoice.

    `interest` is what it had come to by then, before tax; None: the client is charged none.
    """

    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="reminders")
    number = models.PositiveIntegerField()
    on = models.DateField()
    at = models.DateTimeField()
    open = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(null=True)
    text = models.TextField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=("invoice", "number"), name="each_reminder_once"),)

    def __str__(self) -> str:
        return f"reminder {self.number} of {self.invoice}"


class ReminderPause(models.Model):
    """No reminders for an invoice, or for a client, until somebody ends the pause."""

    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", null=True, on_delete=models.PROTECT, related_name="reminder_pauses")
    why = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(client=None) ^ Q(invoice=None), name="a_pause_has_one_subject"),
        )

    def __str__(self) -> str:
        return f"no reminders for {self.invoice or self.client}"


class CreditLine(models.Model):
    """What a credit note takes back of a line, in cents before tax."""

    note = models.ForeignKey("invoices.CreditNote", on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey("invoices.InvoiceLine", on_delete=models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()

    class Meta:
        ordering = ("note", "line__position")
        constraints = (
            models.UniqueConstraint(fields=("note", "line"), name="each_line_once_on_a_credit_note"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_credited_line_has_an_amount"),
        )

    def __str__(self) -> str:
        return f"{self.amount} of {self.line}"


class CreditTax(models.Model):
    """What a credit note takes back of one tax of its invoice: of what was taxed, and of the tax, in cents."""

    note = models.ForeignKey("invoices.CreditNote", on_delete=models.PROTECT, related_name="taxes")
    row = models.ForeignKey(ClosingTax, on_delete=models.PROTECT, related_name="+")
    base = models.BigIntegerField()
    tax = models.BigIntegerField()

    class Meta:
        ordering = ("note", "row__position")
        constraints = (models.UniqueConstraint(fields=("note", "row"), name="each_tax_once_on_a_credit_note"),)

    def __str__(self) -> str:
        return f"{self.tax} of {self.row}"


class Interest(models.Model):
    """What a late invoice was charged for some of its days on a first of the month, or given back for them: `charge`.

    `trace` tells how it comes about, stretch by stretch of days.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="interest")
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    first_day = models.DateField()
    last_day = models.DateField()
    amount = models.BigIntegerField()
    trace = models.JSONField(default=list)
    at = models.DateTimeField()

    line: "Invoice | None"  # on which it was billed; only on those from `interest_of`

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "on", "first_day"), name="each_period_of_interest_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="interest_has_an_amount"),
        )

    def __str__(self) -> str:
        return f"{self.amount} for {self.invoice}, {self.first_day} to {self.last_day}"
