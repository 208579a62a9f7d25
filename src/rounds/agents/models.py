"""Agents on machines: tokens, agents, check-ins as received, each machine's latest state, jobs, results."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.agents.admission_models import Applicant, Verdict
from rounds.agents.learned_models import FactVersion, LogEvent
from rounds.agents.merge_models import Distinction, Merge, MergeUndoing
from rounds.agents.sample_models import Chunk, Retention, SealedNumbers, SealTurn
from rounds.clients.models import Machine, MachineKind, Site

# Beside all that stands here.
__all__ = [
    "Applicant",
    "Chunk",
    "Distinction",
    "FactVersion",
    "LogEvent",
    "Merge",
    "MergeUndoing",
    "Retention",
    "SealTurn",
    "SealedNumbers",
    "Verdict",
]


class Token(models.Model):
    """What lets machines enrol at a site, so often and until a day; it is shown once, its hash is kept."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    uses = models.PositiveIntegerField(default=1)
    uses_left = models.PositiveIntegerField(default=1)
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")  # None: a new one
    machine_kind = models.CharField(max_length=12, choices=MachineKind, default=MachineKind.SERVER)  # of new ones
    needs_approval = models.BooleanField(default=False)  # whoever comes by it waits for a technician
    copy_of = models.ForeignKey("Agent", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"token for {self.site}"


class AgentSet(models.QuerySet["Agent"]):
    """Agents, asked for by what matters."""

    def current(self) -> Self:
        """Agents whose enrolment was not withdrawn."""
        return self.filter(revoked_at=None)


class Agent(models.Model):
    """An enrolled agent: `instance` and the hash of the secret that it made; one current agent a machine."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="agents")
    instance = models.CharField(max_length=32, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    hints = models.JSONField(default=dict, blank=True)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AgentSet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("machine",), condition=Q(revoked_at=None), name="one_agent_of_a_machine"),
        )

    def __str__(self) -> str:
        return f"agent of {self.machine}"


class CheckIn(models.Model):
    """One check-in as received: its zlib-compressed JSON. Written by the front, without the ORM; sealed after its day.

    Rows become visible in the order of their id (see keeping.py), so a reader may keep the last id it has seen.
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    epoch = models.PositiveIntegerField()
    number = models.PositiveBigIntegerField()
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField()
    body = models.BinaryField()
    glance = models.BinaryField(null=True)  # what rules look at, of one that tells figures alone; None: read the body

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agent", "epoch", "number"), name="each_number_once"),)

    def __str__(self) -> str:
        return f"check-in {self.epoch}/{self.number}"


class OpenDay(models.Model):
    """A day (since 1970, UTC) of which an agent's check-ins are not all sealed; noted when they are read."""

    day = models.PositiveIntegerField()
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("day", "agent"), name="each_open_day_once"),)

    def __str__(self) -> str:
        return f"day {self.day} of agent {self.agent_id}"


class Cursor(models.Model):
    """How far a reader of check-ins has come: the id of the last one it took."""

    reader = models.CharField(max_length=40, unique=True)
    last_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reader} has read up to {self.last_id}"


class State(models.Model):
    """What is known of a machine now: one row a machine, kept by reading.pull; lists read this, never history.

    Figures that lists show stand in columns of their own; None means not measured.
    """

    machine = models.OneToOneField(Machine, on_delete=models.PROTECT, related_name="+", primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()  # of the newest check-in
    seen_at = models.DateTimeField(db_index=True)  # when the server last received one, by the server's clock
    first_seen_at = models.DateTimeField()
    check_ins = models.PositiveBigIntegerField(default=0)
    samples = models.JSONField(default=dict)
    disks = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    facts_at = models.JSONField(default=dict)  # fact to the moment (ISO) from which it is known
    probes = models.JSONField(default=dict)  # of the newest check-in: what gave no value
    os_name = models.CharField(max_length=120, blank=True)
    processor_percent = models.FloatField(null=True)
    memory_percent = models.FloatField(null=True)
    fullest_disk = models.CharField(max_length=255, blank=True)
    fullest_disk_percent = models.FloatField(null=True)
    updates_pending = models.IntegerField(null=True)
    updates_security = models.IntegerField(null=True)
    needs_reboot = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"state of {self.machine}"


class Job(models.Model):
    """A typed duty ordered of a machine's agent, once for its `cause`; done when there is a result."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    cause = models.CharField(max_length=80, unique=True)
    ordered_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    within_seconds = models.PositiveIntegerField(default=3600)

    class Meta:
        ordering = ("-ordered_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} on {self.machine}"


class JobResult(models.Model):
    """What an agent reported of a job: append-only, the first report counts."""

    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="result")
    check_in_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    is_ok = models.BooleanField()
    report = models.JSONField(default=dict)  # of the duty; or {"code": …, "reason": …} when it could not be done
    kept_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"result of {self.job}"

    @property
    def snapshot_at(self) -> datetime | None:
        """When the snapshot was taken from which files were restored; None if the report does not say."""
        try:
            return datetime.fromisoformat(self.report["snapshot"]["taken_at"])
        except (KeyError, TypeError, ValueError):
            return None


class Refusal(models.Model):
    """Check-ins and enrolments that were refused: how many of a kind in an hour, and the last one's reason."""

    hour = models.DateTimeField()
    code = models.CharField(max_length=20)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200)
    last_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hour", "code", "agent"), condition=Q(agent__isnull=False), name="refusals_of_an_agent"
            ),
            models.UniqueConstraint(fields=("hour", "code"), condition=Q(agent=None), name="refusals_of_nobody"),
        )

    def __str__(self) -> str:
        return f"{self.count} × {self.code}"
