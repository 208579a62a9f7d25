"""Sources of alert mail, the mailboxes that are asked for it, and the letters that the shop sends, each once.

What came, and what was understood of it, is in `mail_models`; the rules are in `rule_models`.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.core.expecting import Expected
from rounds.mail.mail_models import Admission, AlertMail, MailRetention, RawMail, Reading, Result, Waiting
from rounds.mail.rule_models import RuleList, ShopRule

__all__ = [
    "Admission",
    "AlertMail",
    "MailRetention",
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


class Expectation(models.Model):
    """A mail that is to come from a source, about one thing or any, on some days by an hour of the shop's clock."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="expectations")
    about = models.CharField(max_length=150, blank=True)  # as readings have it; empty: any mail of the source
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    weekdays = models.CharField(max_length=7, default="MTWTFSS")
    month_day = models.PositiveSmallIntegerField(default=0)
    by_minute = models.PositiveSmallIntegerField(default=420)
    hours_before = models.PositiveSmallIntegerField(default=14)
    grace_minutes = models.PositiveSmallIntegerField(default=30)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("source", "about")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "about"), condition=models.Q(ended_at=None), name="one_expectation_of_a_mail"
            ),
        )

    def __str__(self) -> str:
        return f"{self.about or 'any mail'}, {self.as_expected()}"

    def as_expected(self) -> Expected:
        """The days and the hour, for `core.expecting`."""
        return Expected(
            weekdays=self.weekdays, month_day=self.month_day, by_minute=self.by_minute,
            hours_before=self.hours_before, grace_minutes=self.grace_minutes,
        )  # fmt: skip


class Mailbox(models.Model):
    """How far a mailbox of ROUNDS_IMAP has been read, and what went wrong last; other mails in it are `source`'s."""

    name = models.CharField(max_length=600, unique=True)  # "user at host, folder"
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    uid_validity = models.BigIntegerField(default=0)  # the mailbox's own word for "the numbers are still the same"
    last_uid = models.BigIntegerField(default=0)
    next_look_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True)  # the last time that went well
    error = models.CharField(max_length=300, blank=True)
    error_since = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


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
