"""Whom the shop serves, where, on which machines, and under which agreements, each from a day on."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rounds.clients.tax_models import TaxChoice, TaxCode, TaxExemption, TaxRate

__all__ = ["TaxChoice", "TaxCode", "TaxExemption", "TaxRate"]  # beside all that stands here


class ClientKind(models.TextChoices):
    """Businesses get plans; residential clients are usually served by the hour."""

    BUSINESS = "business", "Business"
    RESIDENTIAL = "residential", "Residential"


class ClientSet(models.QuerySet["Client"]):
    """Clients, asked for by what matters."""

    def current(self) -> Self:
        """Clients that the shop still serves."""
        return self.filter(left_at=None)


class Client(models.Model):
    """Whom the shop serves. `is_own` marks the shop's own machines."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=ClientKind, default=ClientKind.BUSINESS)
    billing_address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)  # two letters (ISO 3166-1); empty: the shop's own
    tax_number = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    is_own = models.BooleanField(default=False)
    billing_site = models.ForeignKey("Site", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)  # of himself and his contacts, for who follows them

    objects = ClientSet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Environment(models.TextChoices):
    """What a site does to hardware: how often it must be cleaned follows from it."""

    OFFICE = "office", "Office"
    SHARED = "shared", "Shared space"
    DUSTY = "dusty", "Dusty (workshop, building site)"
    SERVER_ROOM = "server-room", "Server room"


class Site(models.Model):
    """Where a client's machines stand."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    address = models.TextField(blank=True)
    environment = models.CharField(max_length=12, choices=Environment, default=Environment.OFFICE)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("client", "name"), name="one_site_of_a_name"),)

    def __str__(self) -> str:
        return f"{self.client}, {self.name}"


class Contact(models.Model):
    """A person at a client: who may decide, who gets invoices; `user` is his sign-in, if he has one."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    best_time = models.CharField(max_length=80, blank=True)
    may_decide = models.BooleanField(default=False)
    gets_invoices = models.BooleanField(default=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class MachineKind(models.TextChoices):
    """What a machine is; servers are looked at first."""

    SERVER = "server", "Server"
    WORKSTATION = "workstation", "Workstation"
    DEVICE = "device", "Network device"


class Machine(models.Model):
    """A server, workstation or network device; `is_protected`: it has the required anti-spyware product."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="machines")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=MachineKind, default=MachineKind.WORKSTATION)
    is_protected = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("site", "name"), condition=Q(retired_at=None), name="one_machine_of_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


PLANS = [
    ("service-agreement", "service agreement"),
    ("retainer", "retainer"),
    ("block", "block of hours"),
    ("call-first", "call first"),
    ("reactive", "reactive"),
]
SPYWARE = [
    ("covered", "Covered like any support"),
    ("hourly", "Always by the hour"),
    ("if-protected", "Covered if the machine was protected and no user caused it"),
]


class ShopTerms(models.Model):
    """The shop's prices and policies from a day on (billing-rules.md); a change is a new row, never an edit.

    Amounts are cents; shares and the multiplier are texts as a person writes them: "8.25%", "1.5".
    """

    since = models.DateField(unique=True)
    hourly_rate = models.BigIntegerField(default=100_00)
    increment_minutes = models.PositiveIntegerField(default=15)
    grace_minutes = models.PositiveIntegerField(default=0)
    minimum_remote_minutes = models.PositiveIntegerField(default=0)
    minimum_onsite_minutes = models.PositiveIntegerField(default=0)
    after_hours_multiplier = models.CharField(max_length=12, default="1.5")
    monitoring_fee = models.BigIntegerField(default=100_00)
    parts_markup = models.CharField(max_length=12, default="0%")
    bonus_hours = models.JSONField(default=list, blank=True)
    net_days = models.PositiveIntegerField(default=10)
    business_hours = models.CharField(max_length=200, blank=True)  # "Mon-Fri 08:00-18:00"; empty: after hours is said
    holidays = models.TextField(blank=True)  # "US-CA, 2026-12-24"
    interest_rate = models.CharField(max_length=20, blank=True)  # "12% a year", "1.5% a month"; empty: none is charged
    interest_grace_days = models.PositiveIntegerField(default=0)
    interest_minimum = models.BigIntegerField(default=0)
    is_per_visit = models.BooleanField(default=False)
    trip_fee = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("since",)

    def __str__(self) -> str:
        return f"from {self.since}"


class Agreement(models.Model):
    """One client's terms from a day on; never edited: a change ends it (`AgreementEnd`) and a new one replaces it.

    Amounts are cents, `included_seconds` and `low_at_seconds` are seconds, shares are texts such as "10%" or "12.5%".
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="agreements")
    plan = models.CharField(max_length=20, choices=PLANS)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    hourly_rate = models.BigIntegerField(null=True, blank=True)
    net_days = models.PositiveIntegerField(null=True, blank=True)
    discount = models.CharField(max_length=12, default="0%")
    overage_discount = models.CharField(max_length=12, blank=True)
    included_seconds = models.PositiveIntegerField(null=True, blank=True)
    fee = models.BigIntegerField(null=True, blank=True)
    roll_months = models.PositiveIntegerField(default=0)
    low_at_seconds = models.PositiveIntegerField(null=True, blank=True)
    low_at_amount = models.BigIntegerField(null=True, blank=True)
    top_up_to = models.BigIntegerField(null=True, blank=True)
    hours_lapse_months = models.PositiveIntegerField(null=True, blank=True)
    monitoring = models.CharField(max_length=20, blank=True)  # "", "none", "included", "75.00" or "2 hours"
    hourly = models.JSONField(default=list, blank=True)
    spyware = models.CharField(max_length=12, choices=SPYWARE, default="covered")
    business_hours = models.CharField(max_length=200, blank=True)  # of this client; empty: the shop's
    holidays = models.TextField(blank=True)
    waives_interest = models.BooleanField(default=False)
    is_per_visit = models.BooleanField(null=True, blank=True)  # these two: empty is as in the shop
    trip_fee = models.BigIntegerField(null=True, blank=True)  # 0: trips are included
    next_block_hours = models.PositiveIntegerField(null=True, blank=True)  # empty: no block is bought by itself
    next_block_rate = models.BigIntegerField(null=True, blank=True)  # cents an hour; empty: as in the price list
    next_block_below = models.PositiveIntegerField(null=True, blank=True)  # seconds; empty: `low_at_seconds`
    next_block_late_days = models.PositiveIntegerField(null=True, blank=True)  # empty: the usual ones
    notice_days = models.PositiveIntegerField(null=True, blank=True)
    renew_months = models.PositiveIntegerField(null=True, blank=True)  # empty: it ends with its last day
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    goes_on = False  # another block agreement follows it; told by those from `agreeing.agreement_rows_of`

    class Meta:
        ordering = ("starts",)

    def __str__(self) -> str:
        return f"{self.plan} from {self.starts}"


class DraftSet(models.QuerySet["AgreementDraft"]):
    """Drafts, asked for by what became of them."""

    def open(self) -> Self:
        """Neither signed nor taken back."""
        return self.filter(signature=None, withdrawal=None)

    def sent(self) -> Self:
        """Open ones that the client has before him."""
        return self.open().exclude(sending=None)


class AgreementEnd(models.Model):
    """An agreement ended (or replaced) earlier than it said: its last day, and why."""

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="end")
    ends = models.DateField()
    why = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.agreement} ends on {self.ends}"


class AgreementDraft(models.Model):
    """An agreement as it was written down before it is signed: its terms, and the exact text that is put before both.

    `changes` is the agreement that it replaces once it is signed. A change of a draft is a new draft.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    terms = models.JSONField()
    text = models.TextField()
    changes = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DraftSet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.text.partition("\n")[0]


class DraftSending(models.Model):
    """A draft was put before the client, in his portal."""

    draft = models.OneToOneField(AgreementDraft, on_delete=models.PROTECT, related_name="sending")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.draft}, sent"


class DraftWithdrawal(models.Model):
    """A draft was taken back, or another one took its place."""

    draft = models.OneToOneField(AgreementDraft, on_delete=models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.draft}, withdrawn"


class Signature(models.Model):
    """Who signed a draft, when, from where, and under which text: in the portal, or by hand and noted at the office."""

    draft = models.OneToOneField(AgreementDraft, on_delete=models.PROTECT, related_name="signature")
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="signature")
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=[("portal", "in the portal"), ("paper", "by hand")])
    address = models.CharField(max_length=45, blank=True)  # of the network; empty: by hand
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.name}, {self.get_channel_display()}"


class ImportDraft(models.Model):
    """A file of clients, contacts or machines as uploaded, until it is imported: at once, or not at all."""

    kind = models.CharField(max_length=8)
    file_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.file_name
