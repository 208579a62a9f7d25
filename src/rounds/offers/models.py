"""Offers made to clients: the year looked at, the terms compared, and what each would have cost; kept as shown."""

from typing import Any

from django.conf import settings
from django.db import models

from rounds.clients.models import Client


class Offer(models.Model):
    """A client's own year, rated under each plan; never changed: other terms are another offer.

    `terms` are the candidates' terms as they were filled in; `result` is what the page and the PDF show of them.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    currency = models.CharField(max_length=3)
    terms: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"Offer for {self.client}, {self.made_at:%d %B %Y}"
