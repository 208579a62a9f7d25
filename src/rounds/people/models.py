"""Who signs in, and the shop they work for; what a person may do follows from the role."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class Role(models.TextChoices):
    """What a person may do: everything; the rounds and the work; the money; or only his own client's portal."""

    OWNER = "owner", "Owner"
    TECHNICIAN = "technician", "Technician"
    BOOKKEEPER = "bookkeeper", "Bookkeeper"
    CONTACT = "contact", "Client's contact"


class Users(BaseUserManager["User"]):
    """Makes and finds people; e-mail addresses are compared without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who can sign in: of the shop, or a client's contact."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=Role)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = Users()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_owner(self) -> bool:
        """May he do everything, settings and people included?"""
        return self.role == Role.OWNER

    @property
    def is_technician(self) -> bool:
        """May he do the rounds and the work? An owner may, too."""
        return self.role in {Role.OWNER, Role.TECHNICIAN}

    @property
    def is_bookkeeper(self) -> bool:
        """May he see and move money? An owner may, too."""
        return self.role in {Role.OWNER, Role.BOOKKEEPER}

    @property
    def is_of_shop(self) -> bool:
        """Does he work for the shop, rather than for a client?"""
        return self.role != Role.CONTACT


class Shop(models.Model):
    """The firm that runs this installation; there is one row, made at the first start."""

    name = models.CharField(max_length=120, default="My shop")
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)  # two letters, as ISO 3166-1 has them
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    bank_details = models.TextField(blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    sells_in_portal = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    made_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """The shop's colour and logo (as SVG) on papers, from a moment on; a change is a new row."""

    accent = models.CharField(max_length=7)
    logo = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.accent}{' with a logo' if self.logo else ''}"
