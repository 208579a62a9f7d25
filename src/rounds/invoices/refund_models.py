"""Money given back: what was paid to a client, what came off his retainer for it, and what of it was taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from rounds.clients.models import Client


class How(models.TextChoices):
    """How the shop pays."""

    TRANSFER = "transfer", "Bank transfer"
    CHEQUE = "cheque", "Cheque"
    CARD = "card", "Back to his card"
    CASH = "cash", "Cash"


class Release(models.Model):
    """Money taken off a client's retainer to give it back: it counts as a payment of his, and settles what he owes."""

    payment = models.OneToOneField("invoices.Payment", on_delete=models.PROTECT, related_name="release")
    even_if_needed = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.payment}, off the retainer"


class Payout(models.Model):
    """Credit of a client's (cents) that was paid back to him, by which way and under which reference."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    on = models.DateField()
    at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=How, default=How.TRANSFER)
    reference = models.CharField(max_length=140, blank=True)
    why = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="a_payout_has_an_amount"),)

    def __str__(self) -> str:
        return f"{self.amount} back to {self.client} on {self.on}"


class PayoutReturn(models.Model):
    """Money paid back that came back, or was never sent: it is the client's credit again."""

    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, related_name="taken_back")
    on = models.DateField()
    at = models.DateTimeField()
    why = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.payout}, taken back"
