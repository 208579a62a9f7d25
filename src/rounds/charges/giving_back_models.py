"""What was given back of what clients had paid for beforehand; written once."""

from django.db import models

from rounds.clients.models import Client


class Refund(models.Model):
    """Unused seconds of a block that were given back, and the cents of its price given back for them.

    `earned` are the cents kept instead, where the hours used before are charged at the list rate.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    block = models.ForeignKey("charges.Block", on_delete=models.PROTECT, related_name="refunds")
    on = models.DateField()
    seconds = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    earned = models.BigIntegerField(default=0)
    turn = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seconds} s given back on {self.on}"


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
