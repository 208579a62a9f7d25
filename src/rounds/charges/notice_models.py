"""What the shop and its clients are told about hours and retainers: rows, written once."""

from django.db import models

from rounds.clients.models import Client


class Notice(models.Model):
    """Something that the shop and the client are told, once for its cause."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    kind = models.CharField(max_length=20)
    cause = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("client", "kind", "cause", "on"), name="each_notice_once"),)

    def __str__(self) -> str:
        return f"{self.kind} for {self.client} on {self.on}"
