"""The shop's tax codes with their rates, which kind of line has which, and who is exempt: each from a day on."""

from django.conf import settings
from django.db import models
from django.utils import timezone

CATEGORIES = [
    ("S", "taxed at a rate"),
    ("Z", "zero-rated"),
    ("E", "exempt"),
    ("AE", "reverse charge: the client owes the tax"),
    ("O", "outside the scope of tax"),
]


class TaxCode(models.Model):
    """A tax of the shop, known by a short name: in the books it has an account of that name."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """What a code is from a day on: its rate ("8.25%"), its words on an invoice, its category (EN 16931), its reason.

    Of two for one day the later one kept holds.
    """

    code = models.ForeignKey(TaxCode, on_delete=models.PROTECT, related_name="rates")
    since = models.DateField()
    rate = models.CharField(max_length=12)
    words = models.CharField(max_length=60)
    category = models.CharField(max_length=2, choices=CATEGORIES, default="S")
    reason = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("since", "pk")

    def __str__(self) -> str:
        return f"{self.code} {self.rate} from {self.since}"


class TaxChoice(models.Model):
    """Which code each kind of line has from a day on: at the shop, or (`site`) at one site where it is another.

    `codes` maps kinds of line to codes. A kind that is not in it is not taxed, or at a site: is taxed as at the shop;
    "" at a site: it is not taxed there.
    """

    site = models.ForeignKey("clients.Site", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    codes = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("since", "pk")

    def __str__(self) -> str:
        return f"{self.site or 'the shop'} from {self.since}"


class TaxExemption(models.Model):
    """From a day on a client pays no tax, for a reason, by a certificate; or (`is_exempt` false) he does again."""

    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="tax_exemptions")
    since = models.DateField()
    is_exempt = models.BooleanField()
    reason = models.CharField(max_length=120, blank=True)
    certificate = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("since", "pk")

    def __str__(self) -> str:
        return f"{self.reason}, {self.certificate}" if self.is_exempt else "taxed"
