"""The first start of an installation: its shop, prices, routines, owner, and this very machine to be watched."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from rounds.clients.models import Client, Environment, ShopTerms, Site
from rounds.people.models import Role, Shop, User
from rounds.people.shop import local_day
from rounds.upkeep.routines import add_default_routines

OWNER_EMAIL = "owner@localhost"


def machine_time_zone() -> str:
    """The time zone of this machine, as a name; UTC where it does not say."""
    link = Path("/etc/localtime").resolve()
    candidates = [os.environ.get("TZ", ""), str(link).partition("zoneinfo/")[2]]
    named = Path("/etc/timezone")
    if named.is_file():
        candidates.append(named.read_text().strip())
    for name in filter(None, candidates):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
        return {"Etc/UTC": "UTC"}.get(name, name)
    return "UTC"


@transaction.atomic
def make_shop(at: datetime) -> Shop:
    """Make the shop, its first prices and its routines, unless they are there; a second start changes nothing."""
    shop = Shop.objects.order_by("pk").first()
    if shop is None:
        shop = Shop.objects.create(pk=1, time_zone=machine_time_zone())
    if not ShopTerms.objects.exists():
        ShopTerms.objects.create(since=local_day(at).replace(day=1), recorded_at=at)
    add_default_routines(local_day(at))
    return shop


def make_owner() -> User:
    """The first owner: made without a password, which he sets after he came in by his one-time link."""
    owner = User.objects.filter(role=Role.OWNER, is_active=True).order_by("pk").first()
    if owner is None:
        owner = User(email=OWNER_EMAIL, name="Owner", role=Role.OWNER)
        owner.set_unusable_password()
        owner.save()
    return owner


@transaction.atomic
def make_own_site() -> Site:
    """The shop's own office as a client's site, where this machine is enrolled."""
    own, _ = Client.objects.get_or_create(is_own=True, defaults={"name": "Our own office"})
    return own.sites.first() or Site.objects.create(client=own, name="Office", environment=Environment.OFFICE)
