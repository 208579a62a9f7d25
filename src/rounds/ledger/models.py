"""The books: entries that balance in every commodity, and their postings; nothing in them is ever changed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.clients.models import Client


class Entry(models.Model):
    """One event in double entry; `cause` names the row it books, so that each is booked once."""

    on = models.DateField(db_index=True)
    what = models.CharField(max_length=200)
    cause = models.CharField(max_length=60, unique=True)
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"{self.on} {self.what}"


class Booked(models.Model):
    """How far the charges of a client are in the books: the one row here that changes."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveBigIntegerField(default=0)  # the last step of `charges` that was booked
    earned_through = models.DateField(null=True)  # fees for periods that ended by then have been earned

    def __str__(self) -> str:
        return f"{self.client} to {self.turn}"


class Posting(models.Model):
    """An amount on an account: cents of the shop's currency, or seconds of prepaid time."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=120)
    commodity = models.CharField(max_length=8)
    amount = models.BigIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="a_posting_moves_something"),)
        indexes = (models.Index(fields=("account", "commodity", "amount"), name="posting_sums"),)

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.commodity}"
