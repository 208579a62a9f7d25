"""The owner's pages of taxes: the codes and their rates, which kind of line has which, and what is other at a site."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rounds.clients import taxing
from rounds.clients.models import Site, TaxChoice, TaxCode, TaxRate
from rounds.clients.tax_forms import KINDS, KindsForm, RateForm, shown
from rounds.core.money import Refused
from rounds.people.access import SignedIn, owner
from rounds.people.shop import local_day


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def taxes(request: SignedIn) -> HttpResponse:
    """What is taxed today, what was and will be; a form for a rate, and one for what has which code."""
    now = timezone.now()
    today, codes = local_day(now), list(TaxCode.objects.prefetch_related("rates__by"))
    choices = list(TaxChoice.objects.filter(site=None).select_related("by").order_by("-since", "-pk"))
    held = next((row for row in choices if row.since <= today), None)
    of_rate, of_kinds = (request.POST if request.POST.get("what") == what else None for what in ("rate", "kinds"))
    rate = RateForm(of_rate, initial={"rate_since": today})
    kinds = KindsForm(of_kinds, codes=codes, initial=shown(held.codes if held else {}, today))
    if of_rate is not None and rate.is_valid() and _keep_rate(request, rate, now):
        return redirect("clients:taxes")
    if of_kinds is not None and kinds.is_valid() and _keep_kinds(request, kinds, now):
        return redirect("clients:taxes")
    sites = Site.objects.filter(pk__in=TaxChoice.objects.exclude(site=None).values("site")).select_related("client")
    context = {
        "rate": rate, "kinds": kinds, "codes": [(code, _rates(code, today)) for code in codes],
        "choices": [(row, row == held, _in_words(row)) for row in choices], "sites": sites,
    }  # fmt: skip
    return render(request, "clients/taxes.html", context, status=422 if rate.errors or kinds.errors else 200)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def site_taxes(request: SignedIn, site_id: int) -> HttpResponse:
    """What has another code at a site than everywhere, and the form for it."""
    site, now = get_object_or_404(Site.objects.select_related("client"), pk=site_id), timezone.now()
    today = local_day(now)
    choices = list(TaxChoice.objects.filter(site=site).select_related("by").order_by("-since", "-pk"))
    held = next((row for row in choices if row.since <= today), None)
    initial = shown(held.codes if held else {}, today, is_site=True)
    form = KindsForm(request.POST or None, codes=list(TaxCode.objects.all()), is_site=True, initial=initial)
    if request.method == "POST" and form.is_valid() and _keep_kinds(request, form, now, site):
        return redirect("clients:site-taxes", site.pk)
    context = {"site": site, "form": form, "choices": [(row, row == held, _in_words(row)) for row in choices]}
    return render(request, "clients/site_taxes.html", context, status=422 if form.errors else 200)


def _keep_rate(request: SignedIn, form: RateForm, now: datetime) -> bool:
    name = form.cleaned_data["name"]
    try:
        kept = taxing.set_rate(name, form.told(), by=request.user, at=now)
    except Refused as reason:
        form.add_error("rate_since" if "or a later day" in str(reason) else "name", str(reason))
        return False
    _tell(request, f"{kept.words}, {kept.rate}: {name} holds from {kept.since} on.")
    return True


def _keep_kinds(request: SignedIn, form: KindsForm, now: datetime, site: Site | None = None) -> bool:
    try:
        kept = taxing.choose(form.codes(), form.since, site=site, by=request.user, at=now)
    except Refused as reason:
        form.add_error("kinds_since", str(reason))
        return False
    _tell(request, f"These taxes hold from {kept.since} on.")
    return True


def _tell(request: HttpRequest, words: str) -> None:
    messages.success(request, words)


def _rates(code: TaxCode, today: date) -> list[tuple[TaxRate, bool]]:
    """The rates of a code, the latest first, and whether each is in force."""
    rows = sorted(code.rates.all(), key=lambda row: (row.since, row.pk), reverse=True)
    held = next((row for row in rows if row.since <= today), None)
    return [(row, row == held) for row in rows]


def _in_words(row: TaxChoice) -> str:
    """Which kinds of line have which code."""
    told = [f"{words.lower()}: {row.codes[kind] or 'not taxed'}" for kind, words in KINDS if kind in row.codes]
    return "; ".join(told) or ("as everywhere" if row.site_id else "nothing is taxed")
