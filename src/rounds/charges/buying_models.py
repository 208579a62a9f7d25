"""What a client paid for beforehand, as it was recorded: hours and deposits."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from rounds.clients.models import Agreement, Client


class Purchase(models.Model):
    """Hours that a client bought; the free ones are in `Block.seconds`.

    Where they were bought by themselves, `agreement` says so and `cause` names what was about to draw on them.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    hours = models.PositiveIntegerField()
    on = models.DateField()
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60, null=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(hours__gt=0), name="a_purchase_has_hours"),
            models.UniqueConstraint(
                fields=("client", "cause"), condition=Q(cause__isnull=False), name="a_cause_buys_one_block"
            ),
        )

    def __str__(self) -> str:
        return f"{self.hours} h bought by {self.client}"


class Deposit(models.Model):
    """Money that a client put on his retainer."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    on = models.DateField()
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="a_deposit_has_an_amount"),)

    def __str__(self) -> str:
        return f"deposit of {self.client} on {self.on}"
