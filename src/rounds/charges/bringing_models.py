"""What a client holds from the old books: hours that a month has beside its own, and a block taken off again."""

from django.db import models

from rounds.clients.models import Client


class BroughtHours(models.Model):
    """Seconds that a grant has beside its own: brought over from the old books.

    Less than nothing where they were taken off again, or where the agreement ended early.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    grant = models.ForeignKey("charges.Grant", on_delete=models.PROTECT, related_name="brought")
    seconds = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seconds} s to {self.grant}"


class Withdrawal(models.Model):
    """The seconds of a block that was brought over by mistake, and taken off again before any of it was used."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    block = models.OneToOneField("charges.Block", on_delete=models.PROTECT, related_name="withdrawal")
    seconds = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.block}, taken off"
