"""The shop's taxes: keeps codes, their rates and which kind of line has which, and gives them as they hold."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from rounds.clients.models import Client, Site, TaxChoice, TaxCode, TaxRate
from rounds.clients.reading import parse_share, show_share
from rounds.core.money import Refused
from rounds.core.taxing import NEVER, UNTAXED, OfKinds, Tax, TaxCategory, Taxes
from rounds.core.taxing import Site as SiteKey
from rounds.core.terms import Shops
from rounds.people.models import User
from rounds.people.shop import local_day


def taxes_over_time() -> list[tuple[date, Taxes]]:
    """The shop's taxes by the day from which they hold; nothing is taxed before the first."""
    choices = list(TaxChoice.objects.order_by("since", "pk"))
    if not choices:
        return []
    rates = list(TaxRate.objects.select_related("code").order_by("since", "pk"))
    days = sorted({*(row.since for row in choices), *(row.since for row in rates)})
    return [(day, _taxes_on(day, rates, choices)) for day in days]


def _taxes_on(day: date, rates: Iterable[TaxRate], choices: Iterable[TaxChoice]) -> Taxes:
    known = {row.code.name: tax_value(row) for row in rates if row.since <= day}
    chosen = {row.site_id: row.codes for row in choices if row.since <= day}
    sites: dict[SiteKey, OfKinds] = {
        site: _of_kinds(codes, known) for site, codes in chosen.items() if site is not None and codes
    }
    return Taxes(_of_kinds(chosen.get(None, {}), known), sites)


def _of_kinds(codes: Mapping[str, str], known: Mapping[str, Tax]) -> OfKinds:
    return {kind: known.get(code) for kind, code in codes.items()}


def tax_value(row: TaxRate) -> Tax:
    """A code as it is from a day on. Refused: what the rules refuse."""
    return Tax(
        row.code.name, parse_share(row.rate, "rate"), row.words, TaxCategory(row.category), row.reason
    )  # fmt: skip


def billing_sites(clients: Iterable[int], shops: Shops) -> dict[int, int]:
    """The billing sites of clients, by their keys, of those whose is one elsewhere: the one chosen, or the first."""
    elsewhere = {site for _day, shop in shops for site in shop.taxes.sites}
    if not elsewhere:
        return {}
    own = Site.objects.filter(pk__in=elsewhere).order_by().values("client")
    first = Site.objects.filter(client=OuterRef("pk")).order_by("pk").values("pk")[:1]
    rows = Client.objects.filter(pk__in=own).order_by().annotate(first=Subquery(first))
    wanted = set(clients)
    return {
        client: chosen or first
        for client, chosen, first in rows.values_list("pk", "billing_site", "first")
        if client in wanted and (chosen or first) in elsewhere
    }


@transaction.atomic
def set_rate(name: str, rate: TaxRate, *, by: User | None, at: datetime) -> TaxRate:
    """Let a code, which is made if it is new, have a rate, words and a category from a day on.

    Refused: a day that has passed, a name that another code has but for the size of its letters, what the rules refuse.
    """
    _refuse_past(rate.since, at)
    rate.code = TaxCode.objects.filter(name=name).first() or TaxCode(name=name, at=at)
    if not rate.words.strip():
        raise Refused("say the words that stand on invoices, like VAT or Sales tax")
    tax_value(rate)
    if rate.code.pk is None:
        rate.code.save(force_insert=True)
    rate.code_id, rate.by, rate.at = rate.code.pk, by, at
    rate.save(force_insert=True)
    return rate


@transaction.atomic
def choose(
    codes: Mapping[str, str], since: date, *, site: Site | None = None, by: User | None, at: datetime
) -> TaxChoice:
    """Let kinds of line have codes from a day on, at the shop or at one site ("" there: not taxed).

    Refused: a day that has passed, a code that has no rate by then, a kind that is never taxed.
    """
    _refuse_past(since, at)
    known = set(TaxRate.objects.filter(since__lte=since).values_list("code__name", flat=True))
    for kind, code in codes.items():
        if kind in NEVER:
            raise Refused("a retainer line is never taxed: take it out of the taxable kinds")
        if code and code not in known:
            raise Refused(f"“{code}” has no rate on {since} yet: give it one first")
    kept = {kind: code for kind, code in codes.items() if code or site is not None}
    return TaxChoice.objects.create(site=site, since=since, codes=kept, by=by, at=at)


def _refuse_past(since: date, at: datetime) -> None:
    if since < (today := local_day(at)):
        raise Refused(f"taxes hold from today ({today}) or a later day on: what was invoiced before stays")


def keep_told(shops: Shops, sites: Mapping[SiteKey, Site], *, since: date, at: datetime) -> None:
    """Keep the taxes that a story tells, for a shop that has none yet; `since` stands for its beginning."""
    codes: dict[str, TaxCode] = {}
    last: dict[str, Tax] = {}
    before = UNTAXED
    for day, taxes in ((max(day, since), shop.taxes) for day, shop in shops):
        told = [tax for kinds in (_home(taxes), *taxes.sites.values()) for tax in kinds.values() if tax is not None]
        for tax in told:
            if last.get(tax.code) != tax:
                code = codes.setdefault(tax.code, TaxCode.objects.get_or_create(name=tax.code, defaults={"at": at})[0])
                TaxRate.objects.create(
                    code=code, since=day, rate=show_share(tax.rate), words=tax.words, category=tax.category,
                    reason=tax.reason, at=at,
                )  # fmt: skip
                last[tax.code] = tax
        for place in (None, *sorted({*before.sites, *taxes.sites}, key=str)):
            kept = _codes_at(taxes, place)
            if kept != _codes_at(before, place):
                TaxChoice.objects.create(site=None if place is None else sites[place], since=day, codes=kept, at=at)
        before = taxes


def _home(taxes: Taxes) -> OfKinds:
    return taxes.kinds if taxes.shop is None else taxes.shop


def _codes_at(taxes: Taxes, place: SiteKey | None) -> dict[str, str]:
    kinds = _home(taxes) if place is None else taxes.sites.get(place, {})
    return {kind: tax.code if tax else "" for kind, tax in kinds.items() if tax or place is not None}
