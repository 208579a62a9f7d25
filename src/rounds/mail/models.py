"""Sources of alert mail, the mailboxes that are asked for it, and the letters that the shop sends, each once.

What came, and what was understood of it, is in `mail_models`; the rules are in `rule_models`.
"""

from typing import Self

from django.db import models
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.mail.mail_models import Admission, AlertMail, RawMail, Reading, Result, Waiting
from rounds.mail.rule_models import RuleList, ShopRule

__all__ = [
    "Admission",
    "AlertMail",
    "RawMail",
    "Reading",
    "Result",
    "RuleList",
    "ShopRule",
    "Waiting",
]  # beside all that stands here


class SourceSet(models.QuerySet["Source"]):
    """Sources, asked for by what matters."""

    def current(self) -> Self:
        """Sources whose mail is still taken."""
        return self.filter(ended_at=None)


class Source(models.Model):
    """Where alert mail comes from: an address of its own for one console or machine of a client, or for many clients.

    Without a client, each mail must tell whose it is. `may_send`: addresses, or domains as "@example.com"; nobody
    named: whoever knows the address. `is_unchecked`: they may send though no mail server vouches for them.
    """

    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # what sends: "Backup of SRV01"
    local_part = models.CharField(max_length=64, unique=True)  # of its address
    failure_words = models.JSONField(default=list, blank=True)
    success_words = models.JSONField(default=list, blank=True)
    may_send = models.JSONField(default=list, blank=True)
    is_unchecked = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SourceSet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def whose(self) -> str:
        """Whose it is, in words."""
        return str(self.client) if self.client else "many clients"


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
