"""Watches: what has no agent of its own, looked at from a machine of its site; who looks, and what was last seen."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings as installation
from django.db import models
from django.utils import timezone

from rounds.clients.models import Machine, Site


class Kind(models.TextChoices):
    """How something is looked at."""

    PING = "ping", "Ping"
    TCP = "tcp", "Port"
    HTTP = "http", "Web address"
    TLS = "tls", "Certificate"
    DNS = "dns", "Name server"
    SMTP = "smtp", "Mail server"
    SNMP = "snmp", "Device by SNMP"


class WatchSet(models.QuerySet["Watch"]):
    """Watches, asked for by what matters."""

    def current(self) -> Self:
        """Watches that were not ended, of what is still looked after."""
        kept = self.filter(ended_at=None, site__client__left_at=None)
        return kept.filter(models.Q(machine=None) | models.Q(machine__retired_at=None))


class Watch(models.Model):
    """Something at a site that is looked at every so many minutes; `machine` is the device that it is about.

    `runner` is the machine that was chosen to look; without one, any whose agent may. `secrets` (a community, the
    passwords of a user of SNMP) go to that agent alone, and stand on no page and in no log.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=80)
    target = models.CharField(max_length=500)
    settings = models.JSONField(default=dict)
    secrets = models.JSONField(default=dict)
    every_minutes = models.PositiveIntegerField(default=1)
    runner = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(installation.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WatchSet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("site", "name"), condition=models.Q(ended_at=None), name="one_watch_of_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def overdue_after(self) -> timedelta:
        """After how long without a result nobody can say how it is."""
        return max(timedelta(hours=1), 3 * timedelta(minutes=self.every_minutes))


class TurnSet(models.QuerySet["Turn"]):
    """Turns, asked for by what matters."""

    def in_force(self) -> dict[int, int]:
        """Which machine looks, by the watch."""
        return dict(self.order_by("pk").values_list("watch", "machine"))


class Turn(models.Model):
    """From a moment on, a machine looks: the newest turn of a watch is in force. Append-only."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="turns")
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    why = models.CharField(max_length=120)

    objects = TurnSet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.watch} from {self.machine}"


class Sighting(models.Model):
    """What a watch last gave: one row a watch, kept by reading.pull; lists read this, never history."""

    watch = models.OneToOneField(Watch, on_delete=models.PROTECT, related_name="sighting", primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")  # that looked
    at = models.DateTimeField()
    is_ok = models.BooleanField(null=True)  # None: it could not be asked
    why = models.CharField(max_length=300, blank=True)
    figures = models.JSONField(default=dict)  # of the last time that it answered
    facts = models.JSONField(default=dict)
    measured_at = models.DateTimeField(null=True)  # when it was last asked with success, whatever it said
    answered_at = models.DateTimeField(null=True)
    milliseconds = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"what {self.watch} gave"

    def is_old(self, now: datetime) -> bool:
        """Is what it says too long ago to say how it is now?"""
        return self.measured_at is None or now - self.measured_at > self.watch.overdue_after
