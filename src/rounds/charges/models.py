"""What a client has bought, used and owes for, as it happened: every row but `Standing` is written once."""

from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from rounds.charges.bringing_models import BroughtHours, Withdrawal
from rounds.charges.buying_models import Deposit, Purchase
from rounds.charges.giving_back_models import Curtailment, Forgone, Lapse, Refund, Returned
from rounds.charges.notice_models import Notice
from rounds.charges.tax_models import ClosingTax
from rounds.charges.visit_models import Rerated
from rounds.clients.models import Agreement, Client, Site
from rounds.work.models import Part, Stint, Void

__all__ = [
    "BroughtHours", "ClosingTax", "Curtailment", "Deposit", "Forgone", "Lapse", "Notice", "Purchase", "Refund",
    "Rerated", "Returned", "Withdrawal",
]  # fmt: skip # beside what stands here


class Standing(models.Model):
    """How far a client's account has been played: the one row that changes.

    `turn` goes up with every step that is kept, and the rows of a step carry it: who steps from a turn that
    the last has lost, and looks again. Low was raised under the agreement named, and has not been put right since;
    under that of `low_stop_told` it was told that the next block is not bought by itself, under that of `low_back_told`
    hours were given back.
    """

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveBigIntegerField(default=0)
    lapsed_through = models.DateField(null=True)
    opened_through = models.DateField(null=True)
    low_hours_told = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    low_retainer_told = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    low_stop_told = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    low_back_told = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.client} through {self.opened_through}"


class BlockSet(models.QuerySet["Block"]):
    """Blocks, with what has become of their hours."""

    def with_left(self) -> Self:
        """Each with `left`: its seconds less what was drawn, lapsed or given back, here or before it came here."""
        gone = Coalesce(Sum("draws__seconds"), Value(0))
        lost = Coalesce(F("lapse__seconds"), Value(0)) + _given_back()
        elsewhere = F("used_before") + Coalesce(F("withdrawal__seconds"), Value(0))
        return self.annotate(left=F("seconds") - elsewhere - gone - lost)

    def with_credited(self) -> Self:
        """Each with `credited`, the cents that credit notes took of its price, and `paid_back`: of them, for hours."""
        notes = Forgone.objects.filter(block=OuterRef("pk")).order_by().values("block").annotate(sum=Sum("amount"))
        hours = Refund.objects.filter(block=OuterRef("pk")).order_by().values("block").annotate(sum=Sum("amount"))
        return self.annotate(
            credited=Coalesce(Subquery(notes.values("sum")), Value(0)),
            paid_back=Coalesce(Subquery(hours.values("sum")), Value(0)),
        )

    def with_back(self) -> Self:
        """Each with `back`: its seconds that were given back."""
        return self.annotate(back=_given_back())


def _given_back() -> Coalesce:
    refunds = Refund.objects.filter(block=OuterRef("pk")).order_by().values("block").annotate(sum=Sum("seconds"))
    return Coalesce(Subquery(refunds.values("sum")), Value(0))


class Block(models.Model):
    """The hours of a purchase, in seconds, the free ones included; its price in cents is before tax.

    Without a purchase it was brought over from the old books, in which `used_before` of its seconds were used.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    purchase = models.OneToOneField(Purchase, null=True, on_delete=models.PROTECT, related_name="block")
    bought_on = models.DateField()
    seconds = models.PositiveIntegerField()
    used_before = models.PositiveIntegerField(default=0)
    price = models.BigIntegerField()
    lapses_on = models.DateField(null=True)
    turn = models.PositiveBigIntegerField()

    left: int  # only on those from `with_left`
    credited: int  # these two only on those from `with_credited`
    paid_back: int
    back: int  # only on those from `with_back`

    objects = BlockSet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seconds} s from {self.bought_on}"


class GrantSet(models.QuerySet["Grant"]):
    """Included hours, with what is left of them."""

    def with_left(self) -> Self:
        """Each with `whole`, what was brought over included, and `left`: that less what was drawn."""
        brought = (
            BroughtHours.objects.filter(grant=OuterRef("pk")).order_by().values("grant").annotate(sum=Sum("seconds"))
        )
        whole = F("seconds") + Coalesce(Subquery(brought.values("sum")), Value(0))
        return self.annotate(whole=whole, left=whole - Coalesce(Sum("draws__seconds"), Value(0)))


class Grant(models.Model):
    """Hours that an agreement includes for one month, usable for work of `month` to `last_month` (their firsts)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    last_month = models.DateField()
    seconds = models.PositiveIntegerField()

    whole: int  # these two only on those from `with_left`
    left: int

    objects = GrantSet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("agreement", "month"), name="each_month_granted_once"),)

    def __str__(self) -> str:
        return f"{self.seconds} s for {self.month:%Y-%m}"


class Advance(models.Model):
    """A period of an agreement, by its first day, whose fee, monitoring and included hours have been settled."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    on = models.DateField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("agreement", "first_day"), name="each_period_charged_once"),)

    def __str__(self) -> str:
        return f"{self.agreement}, from {self.first_day}"


class Held(models.Model):
    """A stint that waits for the client's approval (call first); it is rated once there is one."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    stint = models.OneToOneField(Stint, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.stint}, held"


class Rated(models.Model):
    """A stint or a part under the terms of the day it was done; `trace` tells a person what was done to it and why."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    stint = models.OneToOneField(Stint, null=True, on_delete=models.PROTECT, related_name="+")
    part = models.OneToOneField(Part, null=True, on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField()
    recorded_on = models.DateField()
    billable_seconds = models.PositiveIntegerField(null=True)
    trace = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(stint=None) ^ Q(part=None), name="rated_is_a_stint_or_a_part"),
        )
        indexes = (models.Index(fields=("client", "done_on"), name="rated_by_client_and_day"),)

    def __str__(self) -> str:
        return str(self.stint or self.part)


class Voided(models.Model):
    """A void that was played: what the stint or part drew was given back, and what it cost was charged back.

    `rated` None: it waited for approval, so there was nothing to give back.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    void = models.OneToOneField(Void, on_delete=models.PROTECT, related_name="+")
    rated = models.OneToOneField(Rated, null=True, on_delete=models.PROTECT, related_name="voided")
    on = models.DateField()
    trace = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.void)


class Draw(models.Model):
    """Seconds taken from a block or a grant, for rated work or (`opened_on`) for the monitoring of a month.

    `earned` is the revenue that a draw on a block earns, in cents (billing-rules.md, "The books behind it"). Both are
    negative where a void (`voided`) gives back what was drawn by mistake, or a credit note (`returned`) what it takes
    back; a void may also draw for the rest of its visit.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    block = models.ForeignKey(Block, null=True, on_delete=models.PROTECT, related_name="draws")
    grant = models.ForeignKey(Grant, null=True, on_delete=models.PROTECT, related_name="draws")
    rated = models.ForeignKey(Rated, null=True, on_delete=models.PROTECT, related_name="draws")
    voided = models.ForeignKey(Voided, null=True, on_delete=models.PROTECT, related_name="draws")
    returned = models.ForeignKey(Returned, null=True, on_delete=models.PROTECT, related_name="draws")
    opened_on = models.DateField(null=True)
    on = models.DateField()
    seconds = models.IntegerField()
    earned = models.BigIntegerField(default=0)
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("client", "turn"), name="draw_by_client_and_turn"),)
        constraints = (
            models.CheckConstraint(condition=Q(block=None) ^ Q(grant=None), name="a_draw_is_on_a_block_or_a_grant"),
            models.CheckConstraint(condition=Q(rated=None) ^ Q(opened_on=None), name="a_draw_has_one_cause"),
            models.CheckConstraint(
                condition=Q(seconds__gt=0) | Q(seconds__lt=0) & (Q(voided__isnull=False) | Q(returned__isnull=False)),
                name="a_draw_takes_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seconds} s on {self.on}"


class ChargeSet(models.QuerySet["Charge"]):
    """Charges, asked for by what matters."""

    def unbilled(self) -> Self:
        """Those that wait for the next first of the month, in the order recorded."""
        return self.filter(line=None).order_by("pk")

    def with_credited(self) -> Self:
        """Each with `credited`: the cents of it that credit notes took back."""
        notes = Forgone.objects.filter(charge=OuterRef("pk"), is_lost=False).order_by().values("charge")
        return self.annotate(credited=Coalesce(Subquery(notes.annotate(sum=Sum("amount")).values("sum")), Value(0)))


class Charge(models.Model):
    """What a stint or part costs in money: one line of the next invoice. It is billed when a `ClosingLine` names it.

    Interest on a late invoice has neither: `invoices.Interest` says what it is for. Amount and time or
    quantity are negative where a void (`voided`) charges back what was charged by mistake; what a credit note gives
    back instead of that is charged again (`returned`).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    rated = models.ForeignKey(Rated, null=True, on_delete=models.PROTECT, related_name="charges")
    voided = models.ForeignKey(Voided, null=True, on_delete=models.PROTECT, related_name="charges")
    returned = models.ForeignKey(Returned, null=True, on_delete=models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=12)
    amount = models.BigIntegerField()
    seconds = models.IntegerField(null=True)
    rate = models.BigIntegerField(null=True)
    quantity = models.IntegerField(null=True)
    trace = models.JSONField(default=list)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    recorded_on = models.DateField()
    turn = models.PositiveBigIntegerField()

    credited: int  # only on those from `with_credited`

    objects = ChargeSet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("client", "turn"), name="charge_by_client_and_turn"),)
        constraints = (
            models.CheckConstraint(condition=Q(rated__isnull=False) ^ Q(kind="interest"), name="a_charge_has_a_cause"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Closing(models.Model):
    """What one invoice will show: of a first of the month, an agreement's start, a purchase or a deposit."""

    key = models.CharField(max_length=60, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    due = models.DateField()
    reason = models.CharField(max_length=8)
    tax = models.BigIntegerField(default=0)
    from_retainer = models.BigIntegerField(default=0)
    asked = models.BigIntegerField(default=0)
    is_paid_at_once = models.BooleanField(default=False)
    purchase = models.OneToOneField(Purchase, null=True, on_delete=models.PROTECT, related_name="closing")
    deposit = models.OneToOneField(Deposit, null=True, on_delete=models.PROTECT, related_name="closing")
    at = models.DateTimeField()
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("client", "turn"), name="closing_by_client_and_turn"),)

    def __str__(self) -> str:
        return f"{self.client}, {self.reason} of {self.on}"


class ClosingLine(models.Model):
    """A line of a closing; `charge` is what it bills, unless it is a fee, monitoring, hours bought or a retainer."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    amount = models.BigIntegerField()
    seconds = models.IntegerField(null=True)
    rate = models.BigIntegerField(null=True)
    quantity = models.IntegerField(null=True)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    charge = models.OneToOneField(Charge, null=True, on_delete=models.PROTECT, related_name="line")
    tax = models.ForeignKey(ClosingTax, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ("closing", "position")
        constraints = (models.UniqueConstraint(fields=("closing", "position"), name="each_closing_line_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class RetainerMove(models.Model):
    """Money in (+) or out (-) of a retainer, or asked for; the sums are the balance, and what is not yet received."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    amount = models.BigIntegerField(default=0)
    asked = models.BigIntegerField(default=0)
    cause = models.CharField(max_length=60, unique=True)  # "closing:7", "invoice:9", "credit:2"
    closing = models.OneToOneField(Closing, null=True, on_delete=models.PROTECT, related_name="retainer_move")
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("client", "turn"), name="move_by_client_and_turn"),)

    def __str__(self) -> str:
        return f"{self.amount} for {self.cause}"
