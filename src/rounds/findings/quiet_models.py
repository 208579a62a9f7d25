"""What people said about findings that bears on telling them: handled, muted, maintenance; all written once."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from rounds.clients.models import Client, Machine, Site
from rounds.core import windows
from rounds.core.watching import label


class Handled(models.TextChoices):
    """What a person did about a finding."""

    ACKNOWLEDGED = "acknowledged", "Taken on"
    SNOOZED = "snoozed", "Put off"
    RESUMED = "resumed", "Told again"


class Handling(models.Model):
    """Somebody took a finding on, put it off until a moment, or gave it back; the last row counts."""

    finding = models.ForeignKey("findings.Finding", on_delete=models.PROTECT, related_name="handlings")
    what = models.CharField(max_length=12, choices=Handled)
    until = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(what="snoozed", until__isnull=False) | ~Q(what="snoozed") & Q(until=None),
                name="only_a_snooze_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_what_display()} by {self.by}"


class MuteSet(models.QuerySet["Mute"]):
    """Mutes, asked for by what holds."""

    def holding(self) -> Self:
        """Those that nobody lifted; an end may have passed."""
        return self.filter(lifting=None)


class Mute(models.Model):
    """Nobody is told of a cause, with the reason, until a moment or for good: also when it closes and opens again.

    A rule and subject of one machine, or (`machine` None) of a client as a whole.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=300)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MuteSet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}".strip()

    @property
    def rule_label(self) -> str:
        """The rule's name in words."""
        return label(self.rule)


class MuteLifting(models.Model):
    """A mute that somebody lifted before its end."""

    mute = models.OneToOneField(Mute, on_delete=models.PROTECT, related_name="lifting")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.mute}, lifted"


class WindowSet(models.QuerySet["MaintenanceWindow"]):
    """Maintenance windows, asked for by what holds."""

    def standing(self) -> Self:
        """Those that nobody called off."""
        return self.filter(calling_off=None)


class MaintenanceWindow(models.Model):
    """A time in which what is found is not told until its end: of the whole shop, a client, a site or a machine."""

    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    first_on = models.DateField()
    starts = models.TimeField()
    minutes = models.PositiveIntegerField()
    repeats = models.CharField(max_length=8, choices=[(one.value, one.value) for one in windows.Repeats])
    last_on = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = WindowSet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(client=None, site=None) | Q(client=None, machine=None) | Q(site=None, machine=None),
                name="a_window_names_one_scope",
            ),
        )

    def __str__(self) -> str:
        return self.why

    @property
    def value(self) -> windows.Window:
        """The window as the rules see it."""
        return windows.Window(self.first_on, self.starts, self.minutes, windows.Repeats(self.repeats), self.last_on)

    @property
    def whose(self) -> str:
        """Whom it is for, in words."""
        if self.machine is not None:
            return f"{self.machine.site.client} · {self.machine}"
        if self.site is not None:
            return f"{self.site.client}, {self.site.name}"
        return str(self.client or "every machine")


class CallingOff(models.Model):
    """A maintenance window that does not come, or not any more."""

    window = models.OneToOneField(MaintenanceWindow, on_delete=models.PROTECT, related_name="calling_off")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.window}, called off"


class WorkWindow(models.Model):
    """A machine is being worked on: open while somebody's timer runs on an order of it; `cause` names the timer."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60, unique=True)
    why = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="a_work_window_ends_after_it_began"
            ),
        )

    def __str__(self) -> str:
        return f"{self.machine}: {self.why}"
