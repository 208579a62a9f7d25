"""What a machine told of itself over time: each fact from the moment at which it was new, and events of its log."""

from django.db import models

from rounds.clients.models import Machine


class FactVersion(models.Model):
    """A fact of a machine as it was from a moment on; `digest` is of what lasts in it (`core.changes.lasting`)."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    from_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    value = models.JSONField()

    class Meta:
        ordering = ("-from_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("machine", "name", "from_at"), name="fact_once_a_moment"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.machine}"


class LogEvent(models.Model):
    """An important event of a machine's log, once by the log's own name for it (its hash)."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="+")
    event_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    source = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=20)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("machine", "event_sha256"), name="event_once"),)
        indexes = (models.Index(fields=("machine", "-at"), name="events_of_a_machine"),)

    def __str__(self) -> str:
        return self.text
