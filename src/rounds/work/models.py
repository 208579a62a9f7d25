"""Proposals of work and their answers, orders, the stints worked and the parts used on them."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import DateTimeField, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from rounds.clients.models import Client, Machine, Site
from rounds.findings.models import Finding
from rounds.upkeep.models import Duty

IDLE_HOUR_COST = 30_00  # cents that an hour of one idle person costs the client, until the shop says otherwise


class Verdict(models.TextChoices):
    """What a client can say to a proposal; a deferral asks again later."""

    AGREE = "agree", "Agreed"
    DEFER = "defer", "Deferred"
    DECLINE = "decline", "Declined"


class Channel(models.TextChoices):
    """How an answer came."""

    PHONE = "phone", "by phone"
    PORTAL = "portal", "in the portal"
    MAIL = "mail", "by mail"
    IN_PERSON = "in-person", "in person"
    AGREEMENT = "agreement", "by the agreement"  # plans under which the client is not asked first


class ProposalSet(models.QuerySet["Proposal"]):
    """Proposals, asked for by what the client has said; every question but `with_last` begins with it."""

    def with_last(self) -> Self:
        """Each with the last answer's `verdict`, `until` and `answered_at`; None: there is no answer."""
        last = Answer.objects.filter(proposal=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            verdict=Subquery(last.values("verdict")[:1]),
            until=Subquery(last.values("until")[:1]),
            answered_at=Subquery(last.values("at")[:1], output_field=DateTimeField(null=True)),
        )

    def waiting(self, day: date) -> Self:
        """Those that wait for the client's answer: none yet, or deferred until a day that has come."""
        answers = Answer.objects.filter(proposal=OuterRef("pk"))
        later = Answer.objects.filter(proposal=OuterRef("proposal"), pk__gt=OuterRef("pk"))
        deferred = Answer.objects.filter(~Exists(later), verdict=Verdict.DEFER, until__lte=day)
        is_waiting = ~Exists(answers) | Q(pk__in=deferred.values("proposal"))
        return self.with_last().filter(is_waiting, withdrawn_at=None)

    def put_off(self, day: date) -> Self:
        """Those that were deferred until a day that is still to come."""
        return self.with_last().filter(verdict=Verdict.DEFER, until__gt=day, withdrawn_at=None)

    def answered(self, verdict: str) -> Self:
        """Those whose last answer is this one."""
        return self.with_last().filter(verdict=verdict, withdrawn_at=None)


class Proposal(models.Model):
    """Work that the shop recommends to a client, with what it takes, what it costs, and what happens if it is left."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finding = models.OneToOneField(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    duty = models.OneToOneField(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    why = models.TextField(blank=True)
    category = models.CharField(max_length=20, default="maintenance")
    minutes = models.PositiveIntegerField()
    price = models.BigIntegerField(null=True, blank=True)  # cents, as told to the client; None: paid with his hours
    risk = models.TextField(blank=True)  # what happens if it is left, in the client's words
    idle_hours_low = models.PositiveIntegerField(null=True, blank=True)
    idle_hours_high = models.PositiveIntegerField(null=True, blank=True)
    idle_people = models.PositiveIntegerField(null=True, blank=True)
    idle_hour_cost = models.BigIntegerField(default=IDLE_HOUR_COST)  # cents an hour of one idle person
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalSet.as_manager()

    class Meta:
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return self.title

    @property
    def last_answer(self) -> "Answer | None":
        """The answer that counts: the last one kept."""
        return self.answers.order_by("-pk").first()


class Answer(models.Model):
    """The client's answer to a proposal: append-only; the last one counts. `until` is when a deferral asks again."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="answers")
    verdict = models.CharField(max_length=8, choices=Verdict)
    until = models.DateField(null=True, blank=True)
    who = models.CharField(max_length=120)  # the person at the client
    channel = models.CharField(max_length=10, choices=Channel)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("until",), condition=Q(verdict="defer"), name="deferrals_by_day"),)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.who}"


class OrderSet(models.QuerySet["Order"]):
    """Orders, asked for by state."""

    def still_open(self) -> Self:
        """Orders with work left to do."""
        return self.filter(done_at=None, called_off_at=None)

    def with_hold(self) -> Self:
        """Each with `is_on_hold`: must it wait, until there is money for it or the owner lets it go on?"""
        holds = Hold.objects.filter(order=OuterRef("pk"), lifted_at=None)
        return self.annotate(is_on_hold=Exists(holds))

    def in_state(self, state: str) -> Self:
        """Those that are "open", "on-hold", "done" or "called-off"; for any other word all."""
        if state == "open":
            return self.still_open()
        if state == "on-hold":
            return self.still_open().filter(is_on_hold=True)
        if state == "done":
            return self.exclude(done_at=None)
        return self.exclude(called_off_at=None) if state == "called-off" else self


class Order(models.Model):
    """Agreed work: from a proposal, or taken unplanned (`proposal` is None) when somebody called.

    `call_month` (its first day) marks the one order of a client on which the month's call about his list is timed.
    `site` is said where it is neither the machine's nor the one to which the client's bills go.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proposal = models.OneToOneField(Proposal, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    category = models.CharField(max_length=20, default="support")
    note = models.TextField(blank=True)
    is_planned = models.BooleanField(default=False)
    call_month = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now, db_index=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    is_on_hold: bool  # only on those from `with_hold`

    objects = OrderSet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("client", "call_month"), name="one_call_a_month"),)
        indexes = (
            models.Index(
                fields=("-opened_at",), condition=Q(done_at=None, called_off_at=None), name="orders_still_open"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def site_key(self) -> int | None:
        """Where its work is done: the site that was said, or the machine's; None: it is not known."""
        if self.site_id is not None:
            return self.site_id
        return self.machine.site_id if self.machine is not None else None

    @property
    def is_open(self) -> bool:
        """Is there work left to do on it?"""
        return self.done_at is None and self.called_off_at is None

    @property
    def minutes_worked(self) -> int:
        """The minutes of all its stints that were not taken back."""
        return sum(stint.minutes for stint in self.stints.all() if not hasattr(stint, "void"))


class Hold(models.Model):
    """Planned work that waits, and why; lifted by the money that came, or by a person who says his reason."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    why = models.CharField(max_length=200)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("order",), condition=Q(lifted_at=None), name="one_hold_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.order} on hold"


class Consequence(models.Model):
    """What came of a deferral or refusal: the order that repaired it, and how long how many people stood idle."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    idle_minutes = models.PositiveIntegerField(default=0)
    idle_people = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("answer", "order"), name="each_consequence_once"),)

    def __str__(self) -> str:
        return f"{self.answer} led to {self.order}"


class Timer(models.Model):
    """A running timer: one a person, kept on the server, so that a closed browser does not stop it."""

    who = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.who} on {self.order}"


class StintSet(models.QuerySet["Stint"]):
    """Stints, asked for by what the client has said."""

    def with_said(self) -> Self:
        """Each with `said`: his own last answer to what the stint was worked on, when it was recorded; None: none.

        What is agreed by an agreement, under which he is not asked, is not his own answer.
        """
        answers = Answer.objects.filter(proposal=OuterRef("order__proposal"), at__lte=OuterRef("recorded_at"))
        own = answers.exclude(channel=Channel.AGREEMENT).order_by("-pk")
        return self.annotate(said=Subquery(own.values("verdict")[:1]))

    def unapproved(self) -> Self:
        """Work done under call first without the client's yes: not billed until he approves (billing-rules.md)."""
        return self.filter(needs_approval=True, approval=None, void=None)


class Stint(models.Model):
    """Time worked on an order, as recorded: whole minutes from a moment; never edited. A visit without time has 0.

    `needs_approval`: it was done under call first, and the client had not agreed to it when it was recorded.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="stints")
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_index=True)
    minutes = models.PositiveIntegerField()
    category = models.CharField(max_length=20, default="support")
    place = models.CharField(max_length=8, default="remote")
    is_after_hours = models.BooleanField(null=True)  # None: business hours decide
    is_no_charge = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)  # the machine had the anti-spyware product (billing-rules.md)
    cause = models.CharField(max_length=12, default="unknown")  # "user": an employee's own doing
    note = models.TextField(blank=True)
    needs_approval = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = StintSet.as_manager()

    class Meta:
        ordering = ("started_at", "pk")
        indexes = (
            models.Index(fields=("recorded_at",), condition=Q(needs_approval=True), name="stints_to_be_approved"),
        )

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.order}"

    @property
    def ended_at(self) -> datetime:
        """When it ended."""
        return self.started_at + timedelta(minutes=self.minutes)


class Approval(models.Model):
    """The client's approval of work already done (call first): append-only; the work is billed from then."""

    stint = models.OneToOneField(Stint, on_delete=models.PROTECT, related_name="approval")
    who = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.stint} approved by {self.who}"


class Part(models.Model):
    """Material used on an order: priced, or at cost plus the shop's markup; a whole quantity."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parts")
    name = models.CharField(max_length=160)
    quantity = models.PositiveIntegerField(default=1)
    price = models.BigIntegerField(null=True, blank=True)  # cents each
    cost = models.BigIntegerField(null=True, blank=True)  # cents each
    used_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now, db_index=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("used_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(price=None) ^ Q(cost=None), name="a_part_has_a_price_or_a_cost"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_part_has_a_quantity"),
        )

    def __str__(self) -> str:
        return self.name


class Void(models.Model):
    """A stint or part that was recorded by mistake, taken back, with the reason: append-only; the row itself stays."""

    stint = models.OneToOneField(Stint, null=True, on_delete=models.PROTECT, related_name="void")
    part = models.OneToOneField(Part, null=True, on_delete=models.PROTECT, related_name="void")
    why = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(stint=None) ^ Q(part=None), name="void_is_of_a_stint_or_part"),
        )

    def __str__(self) -> str:
        return f"{self.stint or self.part} is void"
