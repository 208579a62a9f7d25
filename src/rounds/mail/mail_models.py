"""Alert mail as it came, each once, and what was understood of it; what nobody understands waits."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.clients.models import Client, Machine


class Result(models.TextChoices):
    """What an alert mail reports; a notice asks for nothing."""

    FAILURE = "failure", "Failure"
    SUCCESS = "success", "Success"
    NOTICE = "notice", "Nothing to do"
    UNKNOWN = "unknown", "Not understood"


class RawMail(models.Model):
    """The bytes of a mail, kept once, for however many sources; `is_cut`: it was too large to be taken whole.

    With `let_go_at` the bytes are gone (`letting_go`), which is the only change that the table's guard lets through.
    The same bytes that come later are another row.
    """

    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    is_cut = models.BooleanField(default=False)
    let_go_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sha256",), condition=Q(let_go_at=None), name="bytes_of_mail_once"),
        )

    def __str__(self) -> str:
        return self.sha256


class MailRetention(models.Model):
    """How long the bytes of mails are kept: one row; without it as the default says. No number: for ever."""

    raw_months = models.PositiveIntegerField(
        "Mails as they came, months", null=True, blank=True, default=13,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )  # fmt: skip
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.raw_months} months" if self.raw_months else "for ever"


class Way(models.TextChoices):
    """How a mail came."""

    SMTP = "smtp", "sent to the address"
    IMAP = "imap", "fetched from a mailbox"


class AlertMailSet(models.QuerySet["AlertMail"]):
    """Alert mails, asked for by what became of them."""

    def waiting(self) -> Self:
        """Mails that wait for a person, of sources whose mail is still taken."""
        return self.filter(waiting__isnull=False, source__ended_at=None)

    def told(self, result: str) -> Self:
        """Mails by what they report; those that wait report nothing yet."""
        return self.filter(reading=None) if result == Result.UNKNOWN else self.filter(reading__result=result)


class AlertMail(models.Model):
    """A mail as it came from a source, once (`digest`), and what was noted of its sender."""

    source = models.ForeignKey("mail.Source", on_delete=models.PROTECT, related_name="mails")
    raw_mail = models.ForeignKey(RawMail, on_delete=models.PROTECT, related_name="mails")
    digest = models.CharField(max_length=64)  # of what makes it this mail, whichever way it came
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    way = models.CharField(max_length=4, choices=Way, default=Way.SMTP)
    spf = models.CharField(max_length=12, blank=True)  # as the receiving mail server has noted it; empty: not looked at
    dkim = models.CharField(max_length=12, blank=True)
    dmarc = models.CharField(max_length=12, blank=True)
    is_trusted = models.BooleanField(default=True)
    trust_why = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)  # by its own date
    received_at = models.DateTimeField(default=timezone.now)

    objects = AlertMailSet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("source", "digest"), name="each_mail_once"),)
        indexes = (
            models.Index(fields=("source", "-received_at"), name="mail_of_source"),
            models.Index(fields=("-received_at",), name="mail_by_time"),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def result(self) -> str:
        """What it reports."""
        return self.reading.result if hasattr(self, "reading") else Result.UNKNOWN

    @property
    def why(self) -> str:
        """Why it is read so, or why it waits."""
        if hasattr(self, "reading"):
            return self.reading.why
        return self.waiting.why if hasattr(self, "waiting") else ""


class Waiting(models.Model):
    """A mail that waits for a person, and for what; the row is gone when the mail has been understood."""

    FOR = (
        ("rule", "no rule knows it"),
        ("sender", "its sender is not trusted"),
        ("client", "it does not say whose it is"),
    )

    mail = models.OneToOneField(AlertMail, on_delete=models.PROTECT, related_name="waiting")
    waits_for = models.CharField(max_length=8, choices=FOR)
    why = models.CharField(max_length=300, blank=True)
    tried_with = models.BigIntegerField(default=0)  # the list of rules that it was read with

    class Meta:
        ordering = ("mail",)
        indexes = (models.Index(fields=("waits_for", "tried_with"), name="waiting_to_be_tried"),)

    def __str__(self) -> str:
        return self.get_waits_for_display()


class Admission(models.Model):
    """A person takes a mail whose sender is not trusted."""

    mail = models.OneToOneField(AlertMail, on_delete=models.PROTECT, related_name="admission")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.mail}, taken by {self.by}"


class Reading(models.Model):
    """What was understood of a mail, by which rule or by whom, and why; names are kept as the mail says them.

    `about` is what a later mail must be about to close what this one opens.
    """

    mail = models.OneToOneField(AlertMail, on_delete=models.PROTECT, related_name="reading")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=8, choices=Result)
    severity = models.CharField(max_length=8, blank=True)  # of a failure: "trouble" or "soon"
    product = models.CharField(max_length=120, blank=True)
    machine_name = models.CharField(max_length=80, blank=True)
    job = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=150, blank=True)
    happened_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=80, blank=True)  # "veeam: job", "rule 7", "words"; empty: a person
    why = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=("client", "result"), name="reading_by_client"),
            models.Index(fields=("result", "mail"), name="reading_by_result"),
        )

    def __str__(self) -> str:
        return f"{self.get_result_display()}: {self.about or self.client}"
