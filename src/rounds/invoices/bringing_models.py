"""What was brought over from the old books: each file, what each of its lines made, and whether it was undone."""

from typing import Self

from django.conf import settings
from django.db import models

from rounds.charges.models import Block, BroughtHours, RetainerMove
from rounds.clients.models import Client


class OpeningDraft(models.Model):
    """A file of opening balances as uploaded, until it is confirmed."""

    kind = models.CharField(max_length=8)
    on = models.DateField()
    file_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class OpeningSet(models.QuerySet["Opening"]):
    """Openings, asked for by what became of them."""

    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undoing=None)


class Opening(models.Model):
    """A file of opening balances that was confirmed, and the day as of whose start it holds."""

    kind = models.CharField(max_length=8)
    on = models.DateField()
    file_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = OpeningSet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.file_name


class Undoing(models.Model):
    """An opening that was undone as a whole, before anything was built on it."""

    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="undoing")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.opening}, undone"


class BroughtOver(models.Model):
    """A line of an opening, and the row that it made; `key` is its own among all that stand, `told` what it says."""

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=200)
    told = models.JSONField()
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    block = models.OneToOneField(Block, null=True, on_delete=models.PROTECT, related_name="+")
    hours = models.OneToOneField(BroughtHours, null=True, on_delete=models.PROTECT, related_name="+")
    move = models.OneToOneField(RetainerMove, null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.OneToOneField("invoices.Payment", null=True, on_delete=models.PROTECT, related_name="brought")
    invoice = models.OneToOneField("invoices.Invoice", null=True, on_delete=models.PROTECT, related_name="brought")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.key
