"""Writes the letters about agreements: to a client who can sign a draft, to the shop before a notice date."""

from datetime import datetime

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from rounds.clients import renewing
from rounds.clients.drafting import signers_of
from rounds.clients.models import Agreement, AgreementDraft
from rounds.mail.models import Letter
from rounds.mail.sending import write_letter
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop


def pull(at: datetime) -> int:
    """Write the letters that are due and were not written; says how many."""
    shop = the_shop()
    key = Concat(Value("draft:"), Cast(OuterRef("pk"), CharField()))
    sent = AgreementDraft.objects.sent().filter(~Exists(Letter.objects.filter(key=key)))
    asked = sum(_ask(draft, shop) for draft in sent.select_related("client"))
    return asked + (sum(_remind(row, shop) for row in renewing.notices_due(local_day(at))) if shop.email else 0)


def _ask(draft: AgreementDraft, shop: Shop) -> bool:
    to = [one.email for one in signers_of(draft.client) if one.email]
    if not to:
        return False
    address = f"{settings.SITE_URL}{reverse('portal:agreement', args=[draft.pk])}"
    body = (
        f"{draft.text}\n\nPlease read it and sign it here:\n{address}\n\n"
        f"{shop.name}{f', {shop.phone}' if shop.phone else ''}\n"
    )
    write_letter(f"draft:{draft.pk}", to, f"An agreement with {shop.name} to sign", body)
    return True


def _remind(row: Agreement, shop: Shop) -> bool:
    key, until = f"notice-date:{row.pk}", renewing.notice_by(row)
    if Letter.objects.filter(key=key).exists():
        return False
    day = f"{until.day} {until:%B %Y}"
    after = (
        f"It renews itself unless notice is given by {day}." if row.renew_months
        else f"It ends on {row.ends}. Agree on the next one by {day}."
    )  # fmt: skip
    address = f"{settings.SITE_URL}{reverse('clients:client', args=[row.client_id])}#agreements"
    body = f"{row.client}: {row.get_plan_display()} from {row.starts}.\n\n{after}\n\n{address}\n"
    write_letter(key, [shop.email], f"{row.client}: the agreement's notice date is {day}", body)
    return True
