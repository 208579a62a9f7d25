"""Machines that wait until a technician lets them in, and what he decided; rows that are never changed."""

from typing import Self

from django.conf import settings
from django.db import models

from rounds.clients.models import Machine


class ApplicantSet(models.QuerySet["Applicant"]):
    """Applicants, asked for by what matters."""

    def waiting(self) -> Self:
        """Those on whom nobody has decided yet."""
        return self.filter(verdict=None)


class Applicant(models.Model):
    """A machine that came with a token that needs approval: the identity it made, what it says of itself."""

    token = models.ForeignKey("agents.Token", on_delete=models.PROTECT, related_name="applicants")
    instance = models.CharField(max_length=32, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    hints = models.JSONField(default=dict)
    asked_at = models.DateTimeField()

    objects = ApplicantSet.as_manager()

    class Meta:
        ordering = ("asked_at", "pk")

    def __str__(self) -> str:
        return str(self.hints.get("hostname") or "a machine without a name")


class Verdict(models.Model):
    """A technician's word on an applicant: let in, as a machine, or sent away."""

    applicant = models.OneToOneField(Applicant, on_delete=models.PROTECT, related_name="verdict")
    is_admitted = models.BooleanField()
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")  # None: sent away
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.applicant}: {'let in' if self.is_admitted else 'sent away'}"
