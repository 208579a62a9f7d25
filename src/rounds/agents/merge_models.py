"""That a machine turned out to be one that was known, reinstalled; rows that are never changed."""

from typing import Self

from django.conf import settings
from django.db import models

from rounds.clients.models import Machine


class MergeSet(models.QuerySet["Merge"]):
    """Merges, asked for by what matters."""

    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undoing=None)


class Merge(models.Model):
    """A newcomer is `machine` from a moment on: its agent is that machine's; `replaced` is the agent this one had."""

    agent = models.ForeignKey("agents.Agent", on_delete=models.PROTECT, related_name="+")
    newcomer = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    replaced = models.ForeignKey("agents.Agent", null=True, on_delete=models.PROTECT, related_name="+")
    state_before = models.JSONField(default=dict)  # what was known of the machine; empty: nothing
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MergeSet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.newcomer} is {self.machine}"


class MergeUndoing(models.Model):
    """A merge that was a mistake: the newcomer is a machine of its own again."""

    merge = models.OneToOneField(Merge, on_delete=models.PROTECT, related_name="undoing")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.merge}: undone"


class Distinction(models.Model):
    """A technician's word that two machines are two, however alike: the one is not offered as the other any more."""

    newcomer = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("newcomer", "machine"), name="told_apart_once"),)

    def __str__(self) -> str:
        return f"{self.newcomer} is not {self.machine}"
