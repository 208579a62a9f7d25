"""Routines of a plan, the duties that fall due under them, and the evidence that they were done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.clients.models import Client, Machine


class Routine(models.Model):
    """Recurring maintenance; for all clients of the plans it names, on each machine of a kind or once a client."""

    name = models.CharField(max_length=120, unique=True)
    plans = models.JSONField(default=list, blank=True)  # plans whose clients get it; empty: all
    cadence = models.CharField(max_length=20)  # "daily", "weekly", "monthly", "6 months"
    per = models.CharField(max_length=12, default="client")  # "client", "server", "workstation", "machine"
    category = models.CharField(max_length=20, default="maintenance")
    minutes = models.PositiveIntegerField(default=15)  # what it usually takes
    checklist = models.JSONField(default=list, blank=True)
    job = models.CharField(max_length=40, blank=True)  # an agent's typed duty; empty: done by hand
    job_params = models.JSONField(default=dict, blank=True)
    starts = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """One due instance of a routine, for a client or one of his machines."""

    routine = models.ForeignKey(Routine, on_delete=models.PROTECT, related_name="duties")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(db_index=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            # Two, since SQLite takes every null for another one.
            models.UniqueConstraint(
                fields=("routine", "machine", "due_on"),
                condition=Q(machine__isnull=False),
                name="each_machine_duty_once",
            ),
            models.UniqueConstraint(
                fields=("routine", "client", "due_on"), condition=Q(machine=None), name="each_client_duty_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.routine}, due {self.due_on}"


class Evidence(models.Model):
    """What shows that a duty was done or what came of trying: append-only; a duty is done when there is a good one."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="evidence")
    is_good = models.BooleanField()
    summary = models.CharField(max_length=200)
    details = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    job_key = models.CharField(max_length=80, null=True, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.summary
