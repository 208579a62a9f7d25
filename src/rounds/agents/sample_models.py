"""Samples once their check-ins are sealed: chunks, the numbers that were sealed away, and how long samples are kept."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from rounds.clients.models import Machine


class Chunk(models.Model):
    """A machine's figures of some days, packed (`core.packing`); its key says whose and when (`chunks.key_of`)."""

    id = models.BigAutoField(primary_key=True)
    version = models.PositiveIntegerField(default=1)  # one more each time it is made anew
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"chunk {self.pk}"


class SealedNumbers(models.Model):
    """Numbers of an agent whose check-ins are sealed away, from the first to the last of a run without a gap."""

    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+", db_index=False)
    epoch = models.PositiveIntegerField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agent", "epoch", "last"), name="sealed_numbers_once"),)

    def __str__(self) -> str:
        return f"{self.epoch}/{self.first} to {self.last}"


class SealTurn(models.Model):
    """Who seals a machine's check-ins: whoever has claimed it, until a moment."""

    machine = models.OneToOneField(Machine, on_delete=models.PROTECT, related_name="+", primary_key=True)
    claimed_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.machine} until {self.claimed_until}"


class Retention(models.Model):
    """How long samples are kept: one row; without it as the defaults say. Days are kept for ever without a number."""

    raw_days = models.PositiveIntegerField(
        "Every sample, days", default=90, validators=[MinValueValidator(10), MaxValueValidator(3660)]
    )
    rolled_months = models.PositiveIntegerField(
        "Five minutes and hours, months", default=13, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    day_years = models.PositiveIntegerField(
        "Days, years", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.raw_days} days, {self.rolled_months} months"
