"""Alert mail as received, by source, and the letters that the shop sends, each once."""

from django.db import models
from django.utils import timezone

from rounds.clients.models import Client, Machine


class Source(models.Model):
    """Where alert mail comes from: an address of its own for one console or machine of a client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # what sends: "Backup of SRV01"
    local_part = models.CharField(max_length=64, unique=True)  # of its address
    failure_words = models.JSONField(default=list, blank=True)
    success_words = models.JSONField(default=list, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class AlertMail(models.Model):
    """A mail from a source: the raw message, kept once, and what was read in it."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mails")
    digest = models.CharField(max_length=64)  # SHA-256 of the raw message
    raw = models.BinaryField()
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=8)  # "failure", "success" or "unknown"
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-received_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("source", "digest"), name="each_mail_once"),)

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
