"""How daily reports are wanted, the reports as they were made, and who reviewed them."""

import json
import zlib
from datetime import date, time
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from rounds.clients.models import Client
from rounds.core.daily import Section
from rounds.upkeep.models import Evidence, Routine
from rounds.work.models import Order, Stint

USUAL_CLOCK = time(6)
STATES = [("trouble", "trouble"), ("soon", "to look at"), ("unmeasured", "missing"), ("well", "well")]


class Wanted(models.TextChoices):
    """Whether a client gets a report."""

    IF_WATCHED = "", "If anything of his is watched, or his plan pays for it"
    ALWAYS = "always", "Always"
    NEVER = "never", "Never"


class ShopChoice(models.Model):
    """How the shop wants daily reports, from a moment on; a change is a new row. Without one, as the defaults say.

    `staff` are the keys of the shop's people who get them by mail; `hour_since` is since when the hour is this one.
    """

    clock = models.TimeField(default=USUAL_CLOCK)
    staff = models.JSONField(default=list, blank=True)
    has_pdf = models.BooleanField(default=False)
    is_in_portal = models.BooleanField(default=False)
    records_time = models.BooleanField(default=True)
    routine = models.ForeignKey(Routine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    hour_since = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"daily reports at {self.clock:%H:%M}"


class ClientChoice(models.Model):
    """How one client's reports differ from the shop's choice, from a moment on: None, or "", is as the shop has it.

    `contacts` are the keys of the client's contacts who get them by mail.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    wanted = models.CharField(max_length=8, choices=Wanted, blank=True, default=Wanted.IF_WATCHED)
    clock = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    staff = models.JSONField(null=True, blank=True)
    contacts = models.JSONField(default=list, blank=True)
    has_pdf = models.BooleanField(null=True, blank=True)
    is_in_portal = models.BooleanField(null=True, blank=True)
    records_time = models.BooleanField(null=True, blank=True)
    hour_since = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"daily reports of {self.client}"


class ReportSet(models.QuerySet["Report"]):
    """Reports, asked for by what matters."""

    def with_review(self) -> Self:
        """Each with `review_id`, `reviewed_by` and `reviewed_at`: the review that stands; None without one."""
        standing = Review.objects.standing().filter(report=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            review_id=Subquery(standing.values("pk")[:1]),
            reviewed_by=Subquery(standing.values("by__name")[:1]),
            reviewed_at=Subquery(standing.values("at")[:1], output_field=models.DateTimeField(null=True)),
        )

    def reviewed(self, *, is_so: bool) -> Self:
        """Those that somebody has reviewed, or nobody has."""
        standing = Exists(Review.objects.standing().filter(report=OuterRef("pk")))
        return self.filter(standing if is_so else ~standing)

    def worst_first(self) -> Self:
        """In the order in which a technician goes through them."""
        return self.order_by("rank", F("trouble").desc(), F("soon").desc(), "client__name", "pk")


class Report(models.Model):
    """One client's report of one day, as it was made: never edited, never made twice.

    `day` is the client's own; `due_at` his hour on it. `body` is the deflated JSON of everything that it says, so that
    the page of a past day shows what was known then. `to` and `to_shop` are the addresses of the client and of the shop
    to which it goes, "" for nobody.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(db_index=True)
    zone = models.CharField(max_length=64)
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=12, choices=STATES)
    rank = models.PositiveSmallIntegerField()  # of the state: the worst is 0
    words = models.CharField(max_length=200)
    trouble = models.PositiveIntegerField(default=0)
    soon = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    to = models.TextField(blank=True)
    to_shop = models.TextField(blank=True)
    has_pdf = models.BooleanField(default=False)
    body = models.BinaryField()

    review_id: int | None  # these only on those from `with_review`
    reviewed_by: str | None

    objects = ReportSet.as_manager()

    class Meta:
        ordering = ("-day", "client__name")
        constraints = (models.UniqueConstraint(fields=("client", "day"), name="one_report_a_day"),)
        indexes = (models.Index(fields=("made_at",), condition=~Q(to="", to_shop=""), name="reports_to_be_mailed"),)

    def __str__(self) -> str:
        return f"{self.client}, {self.day}"

    @property
    def is_well(self) -> bool:
        """Is all well, and nothing missing?"""
        return self.state == "well"

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything that it says."""
        told: dict[str, Any] = json.loads(zlib.decompress(bytes(self.body)))
        return told

    @cached_property
    def sections(self) -> list[Section]:
        """Its sections, in their order."""
        return [Section.from_json(one) for one in self.content["sections"]]

    @property
    def days_without(self) -> list[date]:
        """The days before it on which no report was made."""
        return [date.fromisoformat(day) for day in self.content["days_without"]]


def packed(content: dict[str, Any]) -> bytes:
    """What a report says, as its `body`."""
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


class ReviewSet(models.QuerySet["Review"]):
    """Reviews, asked for by what counts."""

    def standing(self) -> Self:
        """Those that were not taken back."""
        return self.filter(undoing=None)


class Review(models.Model):
    """Somebody looked at a report: the evidence that it is of the day's duty, and the time that it is on the client.

    `number` counts the reviews of a report: another is kept only once the one before was taken back.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="reviews")
    number = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=200, blank=True)
    evidence = models.OneToOneField(Evidence, null=True, on_delete=models.PROTECT, related_name="+")
    stint = models.OneToOneField(Stint, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ReviewSet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("report", "number"), name="one_review_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.report}, reviewed by {self.by}"


class ReviewUndoing(models.Model):
    """A review that was taken back, with its evidence and its time."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="undoing")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.review}, taken back"


class ReviewOrder(models.Model):
    """The order on which the time of a client's reviews of a month is kept."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "month"), name="one_order_of_reviews_a_month"),)

    def __str__(self) -> str:
        return f"reviews of {self.month:%B %Y}, {self.client}"
