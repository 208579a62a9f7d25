"""Where messages about findings go, and the messages: each written once for its cause, tried until it is gone."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.core import telling
from rounds.core.calendars import read_week


class Way(models.TextChoices):
    """How a channel is reached, and in what form."""

    MAIL = "mail", "Mail"
    WEBHOOK = "webhook", "Webhook (JSON)"
    NTFY = "ntfy", "ntfy"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"


AT_ONCE = [
    (telling.Urgency.TROUBLE.value, "Trouble"),
    (telling.Urgency.ALL.value, "Everything"),
    (telling.Urgency.NOTHING.value, "Nothing"),
]


class Channel(models.Model):
    """One place to which messages go: an address, when it speaks, what it is told at once. A change is a new row."""

    name = models.CharField(max_length=80)
    way = models.CharField(max_length=8, choices=Way)
    address = models.CharField(max_length=400)
    at_once = models.CharField(max_length=8, choices=AT_ONCE, default=telling.Urgency.TROUBLE)
    hours = models.CharField(max_length=200, blank=True)  # "Mon-Fri 08:00-18:00"; empty: at any hour
    delay_minutes = models.PositiveIntegerField(default=0)
    digest_at = models.TimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("delay_minutes", "pk")
        constraints = (
            models.UniqueConstraint(fields=("name",), condition=Q(ended_at=None), name="one_channel_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def value(self) -> telling.Channel:
        """The channel as the rules see it."""
        week = read_week(self.hours, "hours") if self.hours else None
        delay = timedelta(minutes=self.delay_minutes)
        urgency = telling.Urgency(self.at_once)
        return telling.Channel(self.pk or 0, self.made_at, urgency, week, delay, self.digest_at)


class Message(models.Model):
    """What a channel is told, once for its cause (`key`); by mail it is a letter as well, which tells whether it went.

    `finding` None: a digest, or a trial. The others are posted by the ticker, at least once: a process killed between
    the answer and our note of it leaves a message that is posted again when its claim runs out.
    """

    key = models.CharField(max_length=80, unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    finding = models.ForeignKey("findings.Finding", null=True, on_delete=models.PROTECT, related_name="messages")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=400, blank=True)
    severity = models.CharField(max_length=8, blank=True)  # "well" where it tells that something is over
    written_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, db_index=True)  # None: a letter, which mail sends
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-written_at", "-pk")

    def __str__(self) -> str:
        return self.title
