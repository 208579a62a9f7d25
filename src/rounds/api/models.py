"""Which programs may ask: tokens, each acting as a person of the shop; and what was sent under which key."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Scope(models.TextChoices):
    """What a token may be used for; what its person may not do, it may not either."""

    READ = "read", "Read"
    WORK = "work", "Read, and record work"
    WRITE = "write", "Read, and write all that its person may"


class Token(models.Model):
    """A secret by which a program acts as a person of the shop; only its hash is kept. `starts_with` tells it apart."""

    name = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=5, choices=Scope)
    starts_with = models.CharField(max_length=16)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    last_day = models.DateField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("name",), condition=Q(revoked_at=None), name="one_token_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Sent(models.Model):
    """What a person's program sent under a key, and what it was answered: sent again, it is answered the same."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)  # of method, address and body
    status = models.PositiveIntegerField()
    location = models.CharField(max_length=200, blank=True)
    reply = models.TextField()
    at = models.DateTimeField()
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("person", "key"), name="each_key_once"),)

    def __str__(self) -> str:
        return self.key
