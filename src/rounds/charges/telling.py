"""Writes the letters that notices make: one to the shop, one to the client's people who decide or pay, each once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from rounds.charges.models import Closing, Notice, Purchase
from rounds.charges.standing import Holdings, holdings_of
from rounds.clients.models import Client, Contact
from rounds.core.account import NoticeKind
from rounds.core.money import SECONDS_PER_HOUR, show_amount, show_hours
from rounds.mail.models import Letter
from rounds.mail.sending import write_letter
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop

DAYS_LOOKED_BACK = 14  # what happened longer ago is no news: a shop that is fed with its past writes no letters

AS_AGREED = "The agreement says that the next block is bought by itself when hours run low."
NOT_BOUGHT = "{client}: the next block of hours was not bought by itself"
SUBJECTS = {
    NoticeKind.LOW_HOURS: "{client}: hours are running low",
    NoticeKind.HOURS_EMPTY: "{client}: the hours are used up",
    NoticeKind.LOW_RETAINER: "{client}: the retainer is running low",
    NoticeKind.HOURS_LAPSED: "{client}: hours have lapsed",
    NoticeKind.HOURS_LAPSING: "{client}: hours lapse in 14 days",
    NoticeKind.WORK_NOT_APPROVED: "{client}: work waits for approval",
    NoticeKind.BLOCK_BOUGHT: "{client}: the next block of hours was bought",
    NoticeKind.NOT_BOUGHT_LATE: NOT_BOUGHT,
    NoticeKind.NOT_BOUGHT_ENDING: NOT_BOUGHT,
    NoticeKind.NOT_BOUGHT_RETURNED: NOT_BOUGHT,
}
BODIES = {
    NoticeKind.LOW_HOURS: "{hours} h of the hours bought are left. When they are used up, work is billed by the hour.",
    NoticeKind.HOURS_EMPTY: "The hours bought are used up. Until new ones are bought, work is billed by the hour.",
    NoticeKind.LOW_RETAINER: "{available} is available on the retainer after everything that is not billed yet.",
    NoticeKind.HOURS_LAPSED: "Hours bought that were not used have lapsed today. {hours} h are left.",
    NoticeKind.HOURS_LAPSING: "Hours bought that are not used lapse in 14 days. {hours} h are left in all.",
    NoticeKind.WORK_NOT_APPROVED: "Work was done that nobody has approved yet. It is not billed until it is approved.",
    NoticeKind.BLOCK_BOUGHT: "{bought} {hours} h are left. The invoice comes by itself.",
    NoticeKind.NOT_BOUGHT_LATE: f"{AS_AGREED} It was not, as an invoice is later than it allows; {{hours}} h are left. "
    "It is bought with the next work after that invoice is paid.",
    NoticeKind.NOT_BOUGHT_ENDING: f"{AS_AGREED} It was not, as the agreement ends; {{hours}} h are left.",
    NoticeKind.NOT_BOUGHT_RETURNED: f"{AS_AGREED} It was not, as hours were given back; {{hours}} h are left. Once as "
    "many are held as it waits for, it is again.",
}
NEXT = {  # what the shop does about it, on a page of a later stage
    NoticeKind.LOW_HOURS: "Sell the next block: {site}/clients/{client}/blocks",
    NoticeKind.HOURS_EMPTY: "Sell the next block: {site}/clients/{client}/blocks",
    NoticeKind.LOW_RETAINER: "Record a deposit: {site}/clients/{client}/deposits",
}
CLIENTS_NEXT = {  # what the client does about it, in his portal
    NoticeKind.LOW_HOURS: "Buy the next block: {site}/portal/clients/{client}/hours",
    NoticeKind.HOURS_EMPTY: "Buy the next block: {site}/portal/clients/{client}/hours",
}
LASTING = {NoticeKind.LOW_HOURS, NoticeKind.LOW_RETAINER}


def pull(at: datetime) -> int:
    """Write the letters of notices that have none; says how many were written."""
    recent = Notice.objects.filter(on__gt=local_day(at) - timedelta(days=DAYS_LOOKED_BACK))
    shop = the_shop()
    waiting = _without_letter(recent, "shop") | _without_letter(recent, "client")
    return sum(tell(notice, shop) for notice in waiting.select_related("client").order_by("pk"))


def tell(notice: Notice, shop: Shop) -> int:
    """Write a notice's letters to those who have an address; written again, they stay as they are."""
    people = {"shop": [shop.email] if shop.email else [], "client": recipients_of(notice.client)}
    holdings = holdings_of(notice.client, notice.on)
    written = 0
    for side, addresses in people.items():
        if addresses and not Letter.objects.filter(key=_key(notice, side)).exists():
            body = body_of(notice, holdings, shop, is_for_shop=side == "shop")
            write_letter(_key(notice, side), addresses, _subject(notice), body)
            written += 1
    return written


def recipients_of(client: Client) -> list[str]:
    """The addresses of a client's contacts who may decide or get the invoices."""
    asked = Contact.objects.filter(Q(may_decide=True) | Q(gets_invoices=True), client=client, left_at=None)
    return list(asked.exclude(email="").order_by("pk").values_list("email", flat=True))


def body_of(notice: Notice, holdings: Holdings, shop: Shop, *, is_for_shop: bool) -> str:
    """What a letter says: what happened, how long it lasts, and where the next step is taken, by either."""
    said = BODIES[NoticeKind(notice.kind)].format(
        hours=show_hours(holdings.block_seconds),
        bought=_bought(notice, shop),
        available=f"{shop.currency} {show_amount(max(0, holdings.retainer_available))}",
    )
    day = holdings.runs_out_on if notice.kind in LASTING else None
    if day is not None:
        said += f" As used in the last 90 days, that lasts until about {day.day} {day:%B %Y}."
    steps = NEXT if is_for_shop else CLIENTS_NEXT if shop.sells_in_portal else {}
    step = steps.get(NoticeKind(notice.kind), "")
    parts = [
        f"{notice.client}, {notice.on.day} {notice.on:%B %Y}",
        said,
        step.format(site=settings.SITE_URL, client=notice.client_id),
        "\n".join(filter(None, [shop.name, shop.phone])),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _bought(notice: Notice, shop: Shop) -> str:
    """What was bought by itself, why, under which agreement and for how much."""
    if notice.kind != NoticeKind.BLOCK_BOUGHT:
        return ""
    rows = Purchase.objects.filter(client=notice.client_id, cause=notice.cause).select_related("agreement", "block")
    row = rows.get()
    closing = Closing.objects.filter(purchase=row).prefetch_related("lines").first()
    total = sum(line.amount for line in closing.lines.all()) if closing else 0
    tax = f" and {show_amount(closing.tax)} tax" if closing and closing.tax else ""
    free = row.block.seconds - row.hours * SECONDS_PER_HOUR
    gift = f" and {show_hours(free)} h free" if free else ""
    signed = row.agreement.starts if row.agreement else row.on
    return (
        f"{row.hours} h{gift} were bought by themselves for {shop.currency} {show_amount(total)}{tax}, as the "
        f"agreement from {signed.day} {signed:%B %Y} says: work would have left fewer hours than agreed there."
    )


def _subject(notice: Notice) -> str:
    return SUBJECTS[NoticeKind(notice.kind)].format(client=notice.client)


def _key(notice: Notice, side: str) -> str:
    return f"notice:{notice.pk}:{side}"


def _without_letter(notices: QuerySet[Notice], side: str) -> QuerySet[Notice]:
    """Notices without a letter to the shop, or to the client, that have somebody to go to."""
    key = Concat(Value("notice:"), Cast(OuterRef("pk"), CharField()), Value(f":{side}"))
    waiting = notices.filter(~Exists(Letter.objects.filter(key=key)))
    if side == "shop":
        return waiting if the_shop().email else waiting.none()
    reached = Contact.objects.filter(
        Q(may_decide=True) | Q(gets_invoices=True), client=OuterRef("client"), left_at=None
    ).exclude(email="")
    return waiting.filter(Exists(reached))
