"""Alert mail as it came, each once, and what was understood of it; what nobody understands waits."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
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
        """Mails that wait for a person, or some of whose rows do, of sources whose mail is still taken."""
        return self.filter(pk__in=Waiting.objects.values("mail"), source__ended_at=None)  # few of many mails

    def told(self, result: str) -> Self:
        """Mails by what they, or some of their rows, report; those that wait report nothing yet."""
        of_mail = Reading.objects.filter(mail=OuterRef("pk"))
        if result != Result.UNKNOWN:
            return self.filter(Exists(of_mail.filter(result=result)))
        return self.filter(Q(pk__in=Waiting.objects.values("mail")) | ~Exists(of_mail))

    def with_worst(self) -> Self:
        """Mails with `worst`: what they report, of several rows the worst; nothing for those that nobody understood."""
        return self.annotate(worst=_worst())

    def sortable(self) -> Self:
        """Mails that can be put in the order of what they report, and of whose they are."""
        first = Reading.objects.filter(mail=OuterRef("pk")).order_by("row").values("client__name")[:1]
        return self.alias(first_client=Subquery(first), told=_worst())

    def summed(self) -> Self:
        """Mails with what a list shows of them: the worst, how many rows report what, and their first readings."""
        of_mail = Reading.objects.filter(mail=OuterRef("pk")).order_by().values("mail")
        waits = Waiting.objects.filter(mail=OuterRef("pk")).order_by().values("mail")
        readings = Reading.objects.select_related("client", "machine").order_by("row")[:1]
        return self.with_worst().annotate(
            **{
                name: Coalesce(Subquery(of_mail.filter(result=result).annotate(rows=Count("pk")).values("rows")), 0)
                for name, result in (("failures", "failure"), ("successes", "success"), ("notices", "notice"))
            },
            waits_count=Coalesce(Subquery(waits.annotate(rows=Count("pk")).values("rows")), 0),
        ).prefetch_related(
            Prefetch("readings", readings, to_attr="first_readings"),
            Prefetch("waits", Waiting.objects.order_by("row")[:1], to_attr="first_waits"),
        )  # fmt: skip


def _worst() -> Subquery:
    return Subquery(worst_first(Reading.objects.filter(mail=OuterRef("pk"))).values("result")[:1])


def newest_of_source(name: str) -> Subquery:
    """What stands in a field of the newest mail of a source; `worst`: what that mail reports."""
    newest: Any = AlertMail.objects.with_worst().filter(source=OuterRef("pk")).order_by("-received_at", "-pk")
    return Subquery(newest.values(name)[:1])


def worst_first(readings: "models.QuerySet[Reading]") -> "models.QuerySet[Reading]":
    """Failures before successes before what asks for nothing."""
    rank = Case(When(result="failure", then=Value(0)), When(result="success", then=Value(1)), default=Value(2))
    return readings.order_by(rank, F("row"))


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
    def reading(self) -> "Reading":
        """What was understood of it; of a table, of the first of its rows that were understood."""
        if found := self.first_reading:
            return found
        raise Reading.DoesNotExist

    @property
    def waiting(self) -> "Waiting":
        """For what it waits; of a table, for what the first of its rows does."""
        if found := self.first_wait:
            return found
        raise Waiting.DoesNotExist

    @property
    def first_reading(self) -> "Reading | None":
        """What was understood of it, if anything was."""
        if "first_readings" in self.__dict__:
            return next(iter(self.__dict__["first_readings"]), None)
        return self.readings.order_by("row").first()

    @property
    def first_wait(self) -> "Waiting | None":
        """For what it waits, if it does."""
        if "first_waits" in self.__dict__:
            return next(iter(self.__dict__["first_waits"]), None)
        return self.waits.order_by("row").first()

    @property
    def is_table(self) -> bool:
        """Does it report by the rows of a table?"""
        found = self.first_reading or self.first_wait
        return found is not None and found.row > 0

    @property
    def result(self) -> str:
        """What it reports; of several rows the worst."""
        if "worst" not in self.__dict__:
            worst = worst_first(self.readings.all()).first()
            return worst.result if worst else Result.UNKNOWN
        return self.__dict__["worst"] or Result.UNKNOWN

    @property
    def why(self) -> str:
        """Why it is read so, or why it waits."""
        found = self.first_reading or self.first_wait
        return found.why if found else ""


class Waiting(models.Model):
    """A mail that waits for a person, and for what, or a row of its table; gone when that has been understood."""

    FOR = (
        ("rule", "no rule knows it"),
        ("sender", "its sender is not trusted"),
        ("client", "it does not say whose it is"),
    )

    mail = models.ForeignKey(AlertMail, on_delete=models.PROTECT, related_name="waits")
    row = models.PositiveIntegerField(default=0)  # of its table; 0: the mail as a whole
    waits_for = models.CharField(max_length=8, choices=FOR)
    why = models.CharField(max_length=300, blank=True)
    tried_with = models.BigIntegerField(default=0)  # the list of rules that it was read with

    class Meta:
        ordering = ("mail", "row")
        constraints = (models.UniqueConstraint(fields=("mail", "row"), name="each_row_waits_once"),)
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

    A mail that reports by a table has one for each row (`row`, from 1 on), any other mail has one (`row` 0). `about` is
    what a later mail must be about to close what this one opens.
    """

    mail = models.ForeignKey(AlertMail, on_delete=models.PROTECT, related_name="readings")
    row = models.PositiveIntegerField(default=0)
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
        constraints = (models.UniqueConstraint(fields=("mail", "row"), name="each_row_read_once"),)
        indexes = (
            models.Index(fields=("client", "result"), name="reading_by_client"),
            models.Index(fields=("result", "mail"), name="reading_by_result"),
        )

    def __str__(self) -> str:
        return f"{self.get_result_display()}: {self.about or self.client}"
