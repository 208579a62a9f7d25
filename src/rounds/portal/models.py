"""What clients ask for in the portal: each request for help with its photograph, and the order that it became."""

from django.conf import settings
from django.db import models

from rounds.clients.models import Contact
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
