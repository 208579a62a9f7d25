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


class Unsealed(models.Model):
    """An entry that is not in the chain yet, nor in the totals of its month: kept with it, gone when it is sealed."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="unsealed")

    def __str__(self) -> str:
        return f"{self.entry}, not sealed"


class Seal(models.Model):
    """An entry's place in the chain (its key: 1, 2, 3 without a gap) and the hash that ties it to the one before."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.hash[:12]}"


class Chain(models.Model):
    """How long the chain is, and its last hash: one row, which whoever seals holds until he is done."""

    length = models.PositiveBigIntegerField(default=0)
    last = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.length} {self.last[:12]}"


class MonthTotal(models.Model):
    """What the sealed entries of a month (its first day) moved on an account: derived, and proved by `books verify`."""

    account = models.CharField(max_length=120)
    commodity = models.CharField(max_length=8)
    month = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "commodity", "month"), name="each_month_total_once"),)
        indexes = (models.Index(fields=("account", "commodity", "month", "amount"), name="month_sums"),)

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m} {self.amount} {self.commodity}"


class Proof(models.Model):
    """A day's proof of the books: everything that was found wrong, in words; nothing, if all was well."""

    on = models.DateField(unique=True)
    at = models.DateTimeField()
    wrong = models.JSONField(default=list)

    class Meta:
        ordering = ("-on",)

    def __str__(self) -> str:
        return f"{self.on}: {len(self.wrong)} wrong"


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
