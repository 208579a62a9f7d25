"""The shop's own rules for alert mail, and the list in which they stand: a change of either is a new row."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from rounds.clients.models import Client, Machine
from rounds.mail.mail_models import AlertMail


class ShopRule(models.Model):
    """A rule of the shop's own (`spec` as `core.mail_rules` reads it), of one source or of all.

    An edit is a new row that takes the place of the old one in the list.
    """

    name = models.CharField(max_length=120)
    spec = models.JSONField()
    source = models.ForeignKey("mail.Source", null=True, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="+")  # of all that it knows
    machine = models.ForeignKey(Machine, null=True, on_delete=models.PROTECT, related_name="+")
    made_from = models.ForeignKey(AlertMail, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class RuleList(models.Model):
    """Which rules hold, in their order, from a moment on; the latest row counts.

    `replaces` is unique, so that of two changes of the same list the second is refused; undoing is a new row that says
    what the row before said.
    """

    rules = models.JSONField(default=list)  # the shop's own, by number
    off = models.JSONField(default=list)  # rules that do not hold: "rule 7", "veeam: job", "words"
    what = models.CharField(max_length=200)  # was changed
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(Coalesce("replaces", 0), name="one_first_list_of_rules"),)

    def __str__(self) -> str:
        return self.what
