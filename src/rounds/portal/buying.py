"""A client buys the next block by himself: what is on offer, and one purchase however often it is confirmed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from rounds.charges.accounts import hold, load_account
from rounds.charges.models import Block, Draw, Purchase
from rounds.charges.standing import DAYS_LOOKED_BACK, FURTHEST_FORECAST
from rounds.clients.agreeing import agreement_on, terms_of
from rounds.clients.models import Client, Contact
from rounds.core import buying
from rounds.core.account import Account
from rounds.core.money import SECONDS_PER_HOUR, Refused, show_amount, show_hours
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice
from rounds.invoices.once import last_seen
from rounds.invoices.selling import buy_hours
from rounds.people.models import User
from rounds.people.shop import local_day, the_shop
from rounds.portal.models import PortalPurchase

USUAL_HOURS = 10  # where neither the price list nor the client's past names a size
DAYS_SHOWN = 30  # for so long the page says what was bought last
DAYS_NEW = 7  # for so long that is the answer, and another block is asked for


@dataclass(frozen=True, slots=True)
class Offer:
    """A block as it would be sold today: its hours and the free seconds with them, cents, and how long it lasts.

    `lasts_until` counts what is left as well, at the pace of the last 90 days; None: that cannot be said.
    """

    hours: int
    free: int
    net: int
    tax: int
    lapses_on: date | None
    lasts_until: date | None

    @property
    def total(self) -> int:
        """What is to pay."""
        return self.net + self.tax

    def in_words(self, currency: str) -> str:
        """What is bought and for how much, as it is kept with who bought it."""
        gift = f" and {show_hours(self.free)} h free" if self.free else ""
        tax = f", {show_amount(self.tax)} of it tax" if self.tax else ""
        until = f" They lapse on {self.lapses_on}." if self.lapses_on else ""
        return f"{self.hours} h{gift} for {currency} {show_amount(self.total)}{tax}.{until}"


def offers_to(client: Client, day: date) -> list[Offer]:
    """What a client can buy: the sizes of the price list, his agreement's next block, and what he bought last."""
    terms = terms_of(client)
    sizes = {int(size) for size, _free in terms.shop_on(day).bonus_hours if size >= 1 and size == int(size)}
    agreement = agreement_on(client, day)
    last = Purchase.objects.filter(client=client).order_by("-pk").values_list("hours", flat=True).first()
    sizes |= {hours for hours in (last, agreement.next_block_hours if agreement else None) if hours}
    held = load_account(client).block_seconds
    since = day - timedelta(days=DAYS_LOOKED_BACK)
    used = Draw.objects.filter(client=client, block__isnull=False, on__gt=since).aggregate(sum=Sum("seconds"))["sum"]
    return [_offer(Account(terms), day, hours, (held, used or 0)) for hours in sorted(sizes or {USUAL_HOURS})]


def _offer(account: Account, day: date, hours: int, pace: tuple[int, int]) -> Offer:
    outcome = buying.buy(account, "offer", day, hours)
    (block,), (held, used) = outcome.blocks, pace
    closing = outcome.closing
    days = (held + block.seconds) * DAYS_LOOKED_BACK // used if used > 0 else FURTHEST_FORECAST + 1
    return Offer(
        hours,
        block.seconds - hours * SECONDS_PER_HOUR,
        block.price,
        closing.tax if closing else 0,
        block.lapses_on,
        day + timedelta(days=days) if days <= FURTHEST_FORECAST else None,
    )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a contact confirmed: the size and the total as the page showed them, after which purchase, from where."""

    hours: int
    total: int
    after: int
    address: str


@transaction.atomic
def buy_block(contact: Contact, confirmed: Confirmed, *, by: User, at: datetime) -> PortalPurchase:
    """Sell a contact's client the block that he confirmed, and keep who it was. Confirmed again it gives the same one.

    A page is good for one purchase: the first after the one that it was shown after, whoever of the client's people
    sends it. Refused: the shop does not sell here, who may not decide, a size that is not on offer, a price or a
    purchase that has come meanwhile.
    """
    client, shop = contact.client, the_shop()
    if not shop.sells_in_portal:
        raise Refused("hours are not sold here at the moment: please ask us")
    if not contact.may_decide:
        raise Refused("only somebody who may decide can buy hours")
    hold(client)
    kept = PortalPurchase.objects.filter(client=client, after=confirmed.after).first()
    if kept is not None:
        return kept
    bring(client, at)
    if last_seen(Purchase, client) != confirmed.after:
        raise Refused("hours were bought meanwhile: look at what is left now")
    offer = next((one for one in offers_to(client, local_day(at)) if one.hours == confirmed.hours), None)
    if offer is None:
        raise Refused("this size is not on offer any more")
    if offer.total != confirmed.total:
        raise Refused(f"the price has changed to {show_amount(offer.total)}: confirm it again")
    buy_hours(client, offer.hours, at=at, by=by)
    return PortalPurchase.objects.create(
        client=client, contact=contact, by=by, name=contact.name, address=confirmed.address, at=at,
        after=confirmed.after, text=offer.in_words(shop.currency),
        purchase=Purchase.objects.filter(client=client).latest("pk"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Latest:
    """What a client bought last, who did, and its invoice; `who` is empty where the shop sold it."""

    purchase: Purchase
    block: Block
    who: str
    invoice: Invoice | None
    is_new: bool


def latest_of(client: Client, day: date) -> Latest | None:
    """What a client bought last, if that was lately."""
    rows = Purchase.objects.filter(client=client, on__gt=day - timedelta(days=DAYS_SHOWN)).select_related("block")
    row = rows.order_by("-pk").first()
    if row is None:
        return None
    mine = PortalPurchase.objects.filter(purchase=row).first()
    invoice = Invoice.objects.filter(closing__purchase=row).first()
    return Latest(row, row.block, mine.name if mine else "", invoice, row.on > day - timedelta(days=DAYS_NEW))


def bought_in_portal(client: Client, count: int) -> list[PortalPurchase]:
    """What a client's people bought in the portal, the newest first."""
    return list(PortalPurchase.objects.filter(client=client).select_related("purchase")[:count])
