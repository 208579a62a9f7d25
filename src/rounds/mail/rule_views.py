"""Rules for alert mail as pages: the list in its order, a rule made from a mail with a preview, changes and undo."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.core.money import Refused
from rounds.mail import ruling
from rounds.mail.mail_views import tabs
from rounds.mail.models import AlertMail, Reading, RuleList, ShopRule
from rounds.mail.packs import packs
from rounds.mail.previewing import preview
from rounds.mail.proposing import propose_rule
from rounds.mail.rule_forms import RuleForm, initial_of
from rounds.mail.understanding import WORDS
from rounds.pages.keys import as_key
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, office, technician

SHOWN = 50  # past mails that a preview lists
COUNTED = 20_000  # of the latest mails it is said how many each rule has read: to count years of them takes too long


@office
@require_safe
def rules(request: SignedIn) -> HttpResponseBase:
    """The shop's rules in their order, then those that come with the program, then the usual words."""
    held = ruling.state()
    newest = Reading.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    counts = dict(Reading.objects.filter(pk__gt=newest - COUNTED).values_list("rule").annotate(mails=Count("pk")))
    kept = ShopRule.objects.select_related("source__client", "by").in_bulk(held.rules)
    own = [
        (kept[key], f"rule {key}" not in held.off, counts.get(f"rule {key}", 0)) for key in held.rules if key in kept
    ]
    shown_packs = [
        (pack, [(rule, rule.origin not in held.off, counts.get(rule.origin, 0)) for rule in pack.rules])
        for pack in packs()
    ]
    words = (WORDS, WORDS not in held.off, counts.get(WORDS, 0))
    context = {"own": own, "packs": shown_packs, "words": words, "held": held, **tabs("rules")}
    return render(request, "mail/rules.html", context)


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: SignedIn, mail_id: int) -> HttpResponseBase:
    """Make a rule from a mail: proposed, tried on past mails, and kept only when that was seen."""
    made_from = get_object_or_404(AlertMail.objects.select_related("source__client", "raw_mail"), pk=mail_id)
    form = RuleForm(request.POST or None, source=made_from.source, made_from=made_from, initial=propose_rule(made_from))

    def keep(change: ruling.Change) -> tuple[ShopRule, RuleList]:
        return ruling.add(form.draft(), change)

    return _try_and_keep(request, form, keep, {"mail": made_from})


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: SignedIn, rule_id: int) -> HttpResponseBase:
    """One rule of the shop's: what it says, and a new version of it."""
    shown = get_object_or_404(
        ShopRule.objects.select_related("source__client", "made_from__source__client", "client", "machine"), pk=rule_id
    )
    form = RuleForm(
        request.POST or None, source=shown.source or (shown.made_from.source if shown.made_from else None),
        made_from=shown.made_from, initial=initial_of(shown),
    )  # fmt: skip

    def keep(change: ruling.Change) -> tuple[ShopRule, RuleList]:
        return ruling.edit(shown, form.draft(), change)

    return _try_and_keep(request, form, keep, {"rule": shown, "mail": shown.made_from})


def _try_and_keep(
    request: SignedIn,
    form: RuleForm,
    keep: Callable[[ruling.Change], tuple[ShopRule, RuleList]],
    context: dict[str, object],
) -> HttpResponseBase:
    """Show what the rule would do; keep it only if it is the one whose effect was shown."""
    told = preview(form.draft()) if form.is_bound and form.is_valid() else None
    if told is not None and request.POST.get("do") == "keep":
        if request.POST.get("tried") == form.mark():
            try:
                made, done = keep(_change(request))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                words = f"Kept “{made}”. Mails that wait are read by it within a minute."
                told_with_undo(request, words, reverse("mail:undo-rules", args=[done.pk]))
                return redirect("mail:rules")
        else:
            messages.info(request, "The rule has been changed since: this is what it does now.")
    shown = {
        "form": form, "preview": told, "known": told.known[:SHOWN] if told else (), "seen": ruling.state().number,
        "mark": form.mark() if told else "", **context, **tabs("rules"),
    }  # fmt: skip
    return render(request, "mail/rule.html", shown, status=422 if form.errors else 200)


def _change(request: SignedIn) -> ruling.Change:
    return ruling.Change(request.user, timezone.now(), as_key(request.POST.get("seen")) or 0)


@technician
@require_POST
def create_change(request: SignedIn) -> HttpResponse:
    """Move a rule, turn it on or off, or take it out; any of it can be undone."""
    do, key = request.POST.get("do", ""), request.POST.get("key", "")
    try:
        done = _do(do, key, _change(request))
    except Refused as refused:
        messages.error(request, f"Not changed: {refused}.")
    else:
        told_with_undo(request, f"{done.what[:1].upper()}{done.what[1:]}.", reverse("mail:undo-rules", args=[done.pk]))
    return redirect("mail:rules")


def _do(do: str, key: str, change: ruling.Change) -> RuleList:
    if do in {"on", "off"}:
        return ruling.switch(key, change, is_on=do == "on")
    shown = get_object_or_404(ShopRule, pk=as_key(key.removeprefix("rule ")))
    if do == "remove":
        return ruling.remove(shown, change)
    if do in {"up", "down"}:
        return ruling.move(shown, -1 if do == "up" else 1, change)
    raise Http404


@technician
@require_POST
def undo(request: SignedIn, list_id: int) -> HttpResponse:
    """Take back the latest change of the rules."""
    done = get_object_or_404(RuleList.objects.select_related("replaces"), pk=list_id)
    try:
        ruling.undo(done, ruling.Change(request.user, timezone.now(), done.pk))
    except Refused as refused:
        messages.error(request, f"Not undone: {refused}.")
    else:
        messages.success(request, f"Undone: {done.what}.")
    return redirect("mail:rules")
