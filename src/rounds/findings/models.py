"""Findings: something wrong or at risk at a client, opened and closed by evidence, once each."""

from typing import Self

from django.db import models
from django.db.models import Q

from rounds.clients.models import Client, Machine


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
