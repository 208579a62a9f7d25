"""Alert mail as received, by source, and the letters that the shop sends, each once."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from rounds.clients.models import Client, Machine


class SourceSet(models.QuerySet["Source"]):
    """Sources, asked for by what matters."""

    def current(self) -> Self:
        """Sources whose mail is still taken."""
        return self.filter(ended_at=None)


class Source(models.Model):
    """Where alert mail comes from: an address of its own for one console or machine of a client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # what sends: "Backup of SRV01"
    local_part = models.CharField(max_length=64, unique=True)  # of its address
    failure_words = models.JSONField(default=list, blank=True)
    success_words = models.JSONField(default=list, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SourceSet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Result(models.TextChoices):
    """What an alert mail reports."""

    FAILURE = "failure", "Failure"
    SUCCESS = "success", "Success"
    UNKNOWN = "unknown", "Not understood"


class AlertMail(models.Model):
    """A mail from a source: the raw message, kept once, and what was read in it; or, by a person (`read_by`)."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mails")
    digest = models.CharField(max_length=64)  # SHA-256 of the raw message
    raw = models.BinaryField()
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=8, choices=Result)
    why = models.CharField(max_length=200, blank=True)  # it is read so: the words, and where they stand
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-received_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("source", "digest"), name="each_mail_once"),)
        indexes = (models.Index(fields=("result", "-received_at"), name="mail_by_result"),)

    def __str__(self) -> str:
        return self.subject


class Letter(models.Model):
    """A mail that the shop sends: written once for its cause (`key`), sent by the ticker, tried until it is gone."""

    key = models.CharField(max_length=120, unique=True)
    to = models.JSONField()  # addresses
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attachment_name = models.CharField(max_length=120, blank=True)
    attachment = models.BinaryField(null=True)
    written_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-written_at", "-pk")

    def __str__(self) -> str:
        return self.subject
