"""Writes the letters about hours that were bought in the portal: one to the shop, one to who bought them, each once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from rounds.invoices.models import Invoice
from rounds.mail.models import Letter
from rounds.mail.sending import write_letter
from rounds.people.models import Shop
from rounds.people.shop import shop_zone, the_shop
from rounds.portal.models import PortalPurchase

DAYS_LOOKED_BACK = 14


def pull(at: datetime) -> int:
    """Write the letters of purchases that have none; says how many were written."""
    shop, written = the_shop(), 0
    rows = PortalPurchase.objects.filter(at__gt=at - timedelta(days=DAYS_LOOKED_BACK)).order_by("pk")
    for side in ("shop", "buyer"):
        key = Concat(Value("bought:"), Cast(OuterRef("pk"), CharField()), Value(f":{side}"))
        waiting = rows.filter(~Exists(Letter.objects.filter(key=key)))
        written += sum(_tell(row, side, shop) for row in waiting.select_related("client", "contact", "purchase"))
    return written


def _tell(row: PortalPurchase, side: str, shop: Shop) -> bool:
    to = shop.email if side == "shop" else row.contact.email
    if not to:
        return False
    invoice = Invoice.objects.filter(closing__purchase=row.purchase).first()
    at = row.at.astimezone(shop_zone())
    when = f"{at.day} {at:%B %Y, %H:%M}"
    if side == "shop":
        subject = f"{row.client}: {row.purchase.hours} hours were bought in the portal"
        told = f"{row.name} bought on {when}, from {row.address or 'an unknown address'}:"
        step = f"{settings.SITE_URL}/clients/{row.client_id}/money"
    else:
        subject = f"{row.purchase.hours} hours bought from {shop.name}"
        told = f"Thank you, {row.name}. You bought on {when} for {row.client}:"
        step = f"{settings.SITE_URL}/portal/clients/{row.client_id}/hours"
    parts = [
        told,
        row.text,
        f"Invoice {invoice.full_number} goes to those who get the invoices." if invoice else "",
        step,
    ]
    write_letter(f"bought:{row.pk}:{side}", [to], subject, "\n\n".join(filter(None, parts)) + f"\n\n{shop.name}\n")
    return True
