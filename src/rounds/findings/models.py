"""Findings, opened and closed by evidence, once each; what is remembered of each machine; the shop's own limits."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.clients.models import PLANS, Client, Machine, MachineKind, Site
from rounds.core.watching import label
from rounds.findings.quiet_models import CallingOff, Handling, MaintenanceWindow, Mute, MuteLifting, WorkWindow
from rounds.findings.telling_models import Channel, Message
from rounds.mail.models import Reading
from rounds.upkeep.models import Evidence
from rounds.watches.models import Watch

__all__ = [
    "CallingOff",
    "Channel",
    "Handling",
    "MaintenanceWindow",
    "Message",
    "Mute",
    "MuteLifting",
    "WorkWindow",
]  # beside all that stands here


class Severity(models.TextChoices):
    """How soon somebody should look: now, or in the next days."""

    TROUBLE = "trouble", "Trouble"
    SOON = "soon", "Soon"


class FindingSet(models.QuerySet["Finding"]):
    """Findings, asked for by state."""

    def still_open(self) -> Self:
        """Findings that the evidence has not closed."""
        return self.filter(closed_at=None)


class Finding(models.Model):
    """Something wrong: what (`rule` and `subject`, as in disk-full, /var), where, since when, and what shows it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    severity = models.CharField(max_length=8, choices=Severity)
    title = models.CharField(max_length=200)
    evidence = models.JSONField(default=dict)  # what opened it; with "closed" what closed it
    opened_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=20, choices=PLANS, default="reactive")  # of the client when it opened
    is_entitled = models.BooleanField(default=False)  # did that plan pay for watching, so that the shop reacts unasked?

    objects = FindingSet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (
            # Two, since SQLite takes every null for another one.
            models.UniqueConstraint(
                fields=("machine", "rule", "subject"),
                condition=Q(closed_at=None, machine__isnull=False),
                name="one_open_finding_of_a_machine",
            ),
            models.UniqueConstraint(
                fields=("client", "rule", "subject"),
                condition=Q(closed_at=None, machine=None),
                name="one_open_finding_of_a_client",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def rule_label(self) -> str:
        """The rule's name in words."""
        return label(self.rule)


class MachineMemory(models.Model):
    """What is remembered of one machine between its check-ins (`core.examining.Chart` as JSON)."""

    machine = models.OneToOneField(Machine, on_delete=models.PROTECT, related_name="+", primary_key=True)
    chart = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"what is remembered of {self.machine}"


class UsualHours(models.Model):
    """What is usual of a machine in the hours to come (`core.usual`), and up to when its hours were judged."""

    machine = models.OneToOneField(Machine, on_delete=models.PROTECT, related_name="+", primary_key=True)
    judged_until = models.DateTimeField()
    hours_ready = models.JSONField(default=list)  # hours since 1970 for which ranges were made ready
    width = models.FloatField(default=0)  # by which setting
    ranges = models.JSONField(default=dict)
    standings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"what is usual of {self.machine}"


class WatchMemory(models.Model):
    """What is remembered of one watch for others between its results (`core.watched` as JSON)."""

    watch = models.OneToOneField(Watch, on_delete=models.PROTECT, related_name="+", primary_key=True)
    memories = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"what is remembered of {self.watch}"


class Listening(models.Model):
    """Whether we hear the machines at all: one row. `since`: we have listened without a break from then on."""

    looked_at = models.DateTimeField()
    since = models.DateTimeField()
    deaf_since = models.DateTimeField(null=True)  # machines of several sites fell silent together: the fault is ours

    def __str__(self) -> str:
        return f"listening since {self.since}"


class Taken(models.Model):
    """A reading of a mail or a piece of evidence that has had its effect on findings: a row for each."""

    reading = models.OneToOneField(Reading, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.OneToOneField(Evidence, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(reading=None) ^ Q(evidence=None), name="one_thing_was_taken"),
        )

    def __str__(self) -> str:
        return f"taken: {self.reading or self.evidence}"


class Setting(models.Model):
    """A limit of a rule: the shop's for all machines, or of a client, a site, a kind of machine, or one machine.

    The narrower wins, in this order; `values` as `core.watching` names them.
    """

    rule = models.CharField(max_length=40)
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, blank=True, choices=MachineKind)
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict)
    is_off = models.BooleanField(default=False)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            # One each, since SQLite takes every null for another one.
            models.UniqueConstraint(
                fields=("rule", "client"), condition=Q(client__isnull=False), name="one_setting_of_a_client"
            ),
            models.UniqueConstraint(
                fields=("rule", "site"), condition=Q(site__isnull=False), name="one_setting_of_a_site"
            ),
            models.UniqueConstraint(fields=("rule", "kind"), condition=~Q(kind=""), name="one_setting_of_a_kind"),
            models.UniqueConstraint(
                fields=("rule", "machine"), condition=Q(machine__isnull=False), name="one_setting_of_a_machine"
            ),
            models.UniqueConstraint(
                fields=("rule",),
                condition=Q(client=None, site=None, kind="", machine=None),
                name="one_setting_of_the_shop",
            ),
            models.CheckConstraint(
                condition=Q(client=None, site=None, kind="")
                | Q(client=None, site=None, machine=None)
                | Q(client=None, kind="", machine=None)
                | Q(site=None, kind="", machine=None),
                name="a_setting_names_one_scope",
            ),
        )

    def __str__(self) -> str:
        whose = self.machine or self.kind or self.site or self.client
        return f"{label(self.rule)} on {whose}" if whose else label(self.rule)
