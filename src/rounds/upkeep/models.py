"""Routines of a plan, the duties that fall due under them, and the evidence that they were done."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.agents.models import Job
from rounds.clients.models import Client, Machine


class Per(models.TextChoices):
    """What a routine is done for: once a client, or on each of his machines of a kind."""

    CLIENT = "client", "Client"
    SERVER = "server", "Server"
    WORKSTATION = "workstation", "Workstation"
    MACHINE = "machine", "Server and workstation"


class RoutineSet(models.QuerySet["Routine"]):
    """Routines, asked for by what matters."""

    def running(self) -> Self:
        """Routines under which duties are made."""
        return self.filter(ended_at=None)


class Routine(models.Model):
    """Recurring maintenance; for all clients of the plans it names, on each machine of a kind or once a client.

    Never edited: a change ends it and begins another that `replaces` it. `is_stopped`: it was ended for good, and its
    open duties with it.
    """

    name = models.CharField(max_length=120)
    plans = models.JSONField(default=list, blank=True)  # plans whose clients get it; empty: all
    cadence = models.CharField(max_length=20)  # "daily", "weekly", "monthly", "6 months", "by environment"
    is_floating = models.BooleanField(default=False)  # counts from when it was last done, not by the calendar
    per = models.CharField(max_length=12, choices=Per, default=Per.CLIENT)
    category = models.CharField(max_length=20, default="maintenance")
    minutes = models.PositiveIntegerField(default=15)  # what it usually takes
    checklist = models.JSONField(default=list, blank=True)
    job = models.CharField(max_length=40, blank=True)  # an agent's typed duty; empty: done by hand
    job_params = models.JSONField(default=dict, blank=True)
    starts = models.DateField()
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    ended_at = models.DateTimeField(null=True, blank=True)
    is_stopped = models.BooleanField(default=False)

    objects = RoutineSet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("name",), condition=Q(ended_at=None), name="one_running_routine_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class DutySet(models.QuerySet["Duty"]):
    """Duties, asked for by state."""

    def still_open(self) -> Self:
        """Duties to be done: not closed, their client, machine and routine still there."""
        return self.filter(closed_at=None, client__left_at=None, machine__retired_at=None, routine__is_stopped=False)

    def late(self, day: date) -> Self:
        """Those due before a day."""
        return self.filter(due_on__lt=day)

    def due_within(self, day: date, days: int) -> Self:
        """Those due on a day or in so many days after it."""
        return self.filter(due_on__gte=day, due_on__lte=day + timedelta(days=days))


class Duty(models.Model):
    """One due instance of a routine, for a client or one of his machines; closed by good evidence, or skipped."""

    routine = models.ForeignKey(Routine, on_delete=models.PROTECT, related_name="duties")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(db_index=True)
    missed = models.PositiveIntegerField(default=0)  # due days before this one that passed without a duty
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)  # set with the evidence that closes it

    objects = DutySet.as_manager()

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
        indexes = (
            models.Index(fields=("due_on",), condition=Q(closed_at=None), name="open_duties"),
            models.Index(fields=("routine", "due_on"), name="duties_of_a_routine"),
        )

    def __str__(self) -> str:
        return f"{self.routine}, due {self.due_on}"


class EvidenceSet(models.QuerySet["Evidence"]):
    """Evidence, asked for by what counts."""

    def standing(self) -> Self:
        """What was not taken back."""
        return self.filter(retraction=None)


class Evidence(models.Model):
    """What shows that a duty was done or what came of trying: append-only; a good one closes the duty.

    So does a skip, which is not done: it says why the duty was left out.
    """

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="evidence")
    is_good = models.BooleanField()
    is_skip = models.BooleanField(default=False)
    summary = models.CharField(max_length=200)
    details = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    job_key = models.CharField(max_length=80, null=True, unique=True)
    at = models.DateTimeField()

    objects = EvidenceSet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(is_good=False) | Q(is_skip=False), name="a_skip_is_no_good_evidence"),
        )

    def __str__(self) -> str:
        return self.summary


class Retraction(models.Model):
    """Evidence that a person left by mistake, taken back: append-only; the evidence stays, and counts no more."""

    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="retraction")
    why = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.evidence}, taken back"


class Attempt(models.Model):
    """An attempt to have a duty done by the machine's agent: the job that was ordered for it."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("duty", "number"), name="each_attempt_once"),)

    def __str__(self) -> str:
        return f"attempt {self.number} at {self.duty}"


class BackupRepository(models.Model):
    """Where a machine's backups lie, as seen from the machine itself: a restic repository and the file of its password.

    The password never leaves the machine. Never edited: another repository ends this one, and proof begins anew.
    """

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=400)
    password_file = models.CharField(max_length=400)
    since = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("machine",), condition=Q(ended_at=None), name="one_repository_of_a_machine"
            ),
        )

    def __str__(self) -> str:
        return self.path
