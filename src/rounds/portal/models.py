"""What clients ask for in the portal, requests for help and blocks of hours, with who it was and when."""

from django.conf import settings
from django.db import models

from rounds.charges.models import Purchase
from rounds.clients.models import Client, Contact
from rounds.work.models import Order


class HelpRequest(models.Model):
    """A contact asked for help: his words and photograph as sent; `key` is the form's own, so that it counts once.

    The photograph stands in the database: it is small, is saved and backed up with the rest, and every web process
    has it.
    """

    key = models.UUIDField(unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    photo = models.BinaryField(null=True)
    photo_type = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.contact} asked for help with order {self.order_id}"


class PortalPurchase(models.Model):
    """Hours that a contact bought in the portal: his name, network address and the text that he confirmed.

    `after` is the client's purchase before it (0: none) as the page knew it, so that a page buys once.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, related_name="+")
    after = models.PositiveBigIntegerField()
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=45, blank=True)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("client", "after"), name="a_page_buys_once"),)

    def __str__(self) -> str:
        return f"{self.name} bought {self.text}"
