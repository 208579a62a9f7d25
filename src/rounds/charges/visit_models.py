"""What a void changes of the other entries of its visit: rows, written once."""

from django.db import models


class Rerated(models.Model):
    """Seconds that a void adds to (or takes off) what another entry of the same visit is billed, and why."""

    voided = models.ForeignKey("charges.Voided", on_delete=models.PROTECT, related_name="rerated")
    rated = models.ForeignKey("charges.Rated", on_delete=models.PROTECT, related_name="rerated")
    seconds = models.IntegerField()
    trace = models.JSONField(default=list)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("voided", "rated"), name="a_void_rerates_an_entry_once"),)

    def __str__(self) -> str:
        return f"{self.seconds} s by {self.voided}"
