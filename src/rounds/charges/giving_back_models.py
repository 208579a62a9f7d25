"""What was given back of what clients had paid for beforehand, or lapsed; written once."""

from django.db import models
from django.db.models import Q

from rounds.clients.models import Client


class Lapse(models.Model):
    """The seconds of a block that lapsed at the start of a day, and the breakage that they earn, in cents."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    block = models.OneToOneField("charges.Block", on_delete=models.PROTECT, related_name="lapse")
    on = models.DateField()
    seconds = models.PositiveIntegerField()
    earned = models.BigIntegerField()
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seconds} s lapsed on {self.on}"


class Refund(models.Model):
    """Unused seconds of a block that were given back, and the cents of its price given back for them.

    `earned` are the cents kept instead, where the hours used before are charged at the list rate. `was_credited`: a
    credit note had given the money back before, when the hours were still used. `cause` names what gave them back.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    block = models.ForeignKey("charges.Block", on_delete=models.PROTECT, related_name="refunds")
    on = models.DateField()
    seconds = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    earned = models.BigIntegerField(default=0)
    was_credited = models.BooleanField(default=False)
    cause = models.CharField(max_length=60, blank=True)  # "credit:7", "void:3"
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seconds} s given back on {self.on}"


class Forgone(models.Model):
    """Cents before tax of a charge, or of a block's price, that a client has not to pay: credited, or written off.

    A credit note takes them back; what was written off (`is_lost`) may be expected again: less than nothing then. Here
    and not beside credit notes, as voids must know of it.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey("charges.Charge", null=True, on_delete=models.PROTECT, related_name="forgone")
    block = models.ForeignKey("charges.Block", null=True, on_delete=models.PROTECT, related_name="forgone")
    amount = models.BigIntegerField()
    is_lost = models.BooleanField(default=False)
    cause = models.CharField(max_length=60)  # "credit:7", "write-off:2"
    on = models.DateField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(charge=None) ^ Q(block=None), name="forgone_of_a_charge_or_a_block"),
            models.CheckConstraint(condition=~Q(amount=0), name="forgone_has_an_amount"),
        )

    def __str__(self) -> str:
        return f"{self.amount} of {self.charge or self.block}"


class Returned(models.Model):
    """What a credit note did to a stint or a part beside its money: hours went back, or nothing is charged back more.

    `trace` tells what became of its hours; its draws and charges name it.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    rated = models.ForeignKey("charges.Rated", on_delete=models.PROTECT, related_name="returned")
    cause = models.CharField(max_length=60)  # "credit:7"
    on = models.DateField()
    trace = models.JSONField(default=list)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("cause", "rated"), name="each_return_once"),)

    def __str__(self) -> str:
        return f"{self.rated}, by {self.cause}"


class Curtailment(models.Model):
    """Cents of a fee or monitoring, billed for days to come, that are never earned, as the agreement ended early."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    line = models.OneToOneField("charges.ClosingLine", on_delete=models.PROTECT, related_name="curtailment")
    amount = models.BigIntegerField()
    on = models.DateField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.amount} of {self.line} is not earned"
