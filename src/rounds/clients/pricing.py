"""The shop's prices and policies: each version holds from a day on, and what was rated by an earlier one stays."""

from datetime import datetime

from django.db import transaction

from rounds.clients.models import ShopTerms
from rounds.clients.rows import shop_value
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day


@transaction.atomic
def set_prices(prices: ShopTerms, *, by: User | None, at: datetime) -> ShopTerms:
    """Keep prices from a day on; a version whose day is not over is replaced. Refused: a day that has passed."""
    shop_value(prices)  # refuses what the rules refuse
    today = local_day(at)
    if prices.since < today:
        raise Refused(f"prices hold from today ({today}) or a later day on: what was done before is billed by the old")
    ShopTerms.objects.filter(since=prices.since).delete()
    prices.recorded_by, prices.recorded_at = by, at
    prices.save(force_insert=True)
    return prices
