"""Alert mails as pages: all that came, those that wait for a person, one mail with what was understood and why."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.mail import receiving, understanding
from rounds.mail.models import AlertMail, Reading, Result, ShopRule, Waiting
from rounds.mail.row_listing import CSV_COLUMNS as ROW_COLUMNS
from rounds.mail.row_listing import listing_of, mails_listed, waiting_rows
from rounds.pages.keys import as_key
from rounds.pages.listing import as_csv
from rounds.people.access import SignedIn, office, technician

CSV_COLUMNS = {
    "Received": lambda row: timezone.localtime(row.received_at).isoformat(timespec="seconds"),
    "Subject": lambda row: row.subject,
    "From": lambda row: row.sender,
    "Source": lambda row: row.source.name,
    "Client": lambda row: str(row.first_reading.client) if row.first_reading else row.source.whose,
    "Machine": lambda row: row.first_reading.machine_name if row.first_reading else "",
    "Product": lambda row: row.first_reading.product if row.first_reading else "",
    "Job": lambda row: row.first_reading.job if row.first_reading else "",
    "Result": lambda row: Result(row.result).label,
    "Rows that failed": lambda row: row.failures,
    "Rows that are well": lambda row: row.successes,
    "Rows that wait": lambda row: row.waits_count,
    "Why": lambda row: row.why,
}
SORTS = {
    "received": ("-received_at",),
    "subject": ("subject",),
    "sender": ("sender", "-received_at"),
    "source": ("source__name", "-received_at"),
    "client": ("first_client", "-received_at"),
    "result": ("told", "-received_at"),
}


def tabs(chosen: str) -> dict[str, Any]:
    """What the tabs of alert mail need: which is shown, and how many mails wait."""
    return {"mail_tab": chosen, "waiting_count": AlertMail.objects.waiting().count()}


@office
@require_safe
def mails(request: SignedIn) -> HttpResponseBase:
    """All mails of all sources, by what stands in them and what they report."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "result", "client", "product")}
    rows = AlertMail.objects.all()
    of_mail = Reading.objects.filter(mail=OuterRef("pk"))
    if text := asked["q"]:
        rows = rows.filter(
            Q(subject__icontains=text) | Q(sender__icontains=text) | Q(source__name__icontains=text)
            | Exists(of_mail.filter(Q(machine_name__icontains=text) | Q(job__icontains=text)))
        )  # fmt: skip
    if asked["result"] in Result.values:
        rows = rows.told(asked["result"])
    if asked["client"]:
        client = as_key(asked["client"])
        rows = rows.filter(Exists(of_mail.filter(client=client)) | Q(source__client=client))
    if asked["product"]:
        rows = rows.filter(Exists(of_mail.filter(product__iexact=asked["product"])))
    listing = mails_listed(request, rows, SORTS)
    if listing.is_csv:
        return as_csv(listing, "alert-mail", CSV_COLUMNS)
    of_client = Client.objects.filter(pk=as_key(asked["client"])).first() if asked["client"] else None
    context = {"listing": listing, "asked": asked, "results": Result.choices, "of_client": of_client, **tabs("mails")}
    return render(request, "mail/mails.html", {**context, "is_filtered": any(asked.values())})


@office
@require_safe
def queue(request: SignedIn) -> HttpResponseBase:
    """Mails that wait for a person, the oldest first, and what each waits for."""
    waits_for = request.GET.get("for", "")
    rows = AlertMail.objects.waiting()
    if waits_for in dict(Waiting.FOR):
        rows = rows.filter(Exists(Waiting.objects.filter(mail=OuterRef("pk"), waits_for=waits_for)))
    sorts = {"received": ("received_at",), "subject": ("subject",), "source": ("source__name", "received_at")}
    listing = mails_listed(request, rows, sorts)
    if listing.is_csv:
        return as_csv(listing, "alert-mail-waiting", CSV_COLUMNS)
    context = {"listing": listing, "waits_for": waits_for, "kinds": Waiting.FOR, **tabs("queue")}
    return render(request, "mail/queue.html", context)


@office
@require_safe
def mail(request: SignedIn, mail_id: int) -> HttpResponseBase:
    """One mail, as text, with what was understood and why: nothing in it is opened or loaded."""
    mails = AlertMail.objects.summed().select_related("source__client", "raw_mail", "admission__by")
    shown = get_object_or_404(mails, pk=mail_id)
    listing = listing_of(request, shown)
    if listing.is_csv:
        return as_csv(listing, f"mail-{shown.pk}-rows", ROW_COLUMNS)
    rule, read = None, shown.first_reading
    if read is not None and read.rule.startswith("rule "):
        rule = ShopRule.objects.filter(pk=as_key(read.rule.removeprefix("rule "))).first()
    clients = Client.objects.current().order_by("name") if shown.source.client_id is None else ()
    context = {
        "mail": shown, "told": understanding.told_of(shown), "size": len(shown.raw_mail.raw), "rule": rule,
        "clients": clients, "listing": listing, "waiting_rows": waiting_rows(shown), "results": Result.choices[:3],
        "q": request.GET.get("q", ""), "result": request.GET.get("result", ""), **tabs("mails"),
    }  # fmt: skip
    return render(request, "mail/mail.html", context)


@technician
@require_POST
def create_result(request: SignedIn, mail_id: int) -> HttpResponse:
    """Say what a mail reports that was not understood."""
    shown = get_object_or_404(AlertMail.objects.select_related("source__client", "raw_mail"), pk=mail_id)
    client = Client.objects.current().filter(pk=as_key(request.POST.get("client"))).first()
    row = as_key(request.POST.get("row")) or 0
    try:
        told = Result(request.POST.get("result", ""))
        understanding.understand(shown, told, by=request.user, client=client, row=row)
    except (Refused, ValueError) as refused:
        messages.error(request, f"Not kept: {refused}.")
    else:
        messages.success(request, "Kept. If mails like this come again, make a rule from this one.")
    return redirect("mail:mail", mail_id)


@technician
@require_POST
def create_look(request: SignedIn, mail_id: int) -> HttpResponse:
    """Read again what waits of a mail: a client or machine that it names may be known by now."""
    shown = get_object_or_404(AlertMail, pk=mail_id)
    if understanding.read_anew(shown):
        messages.success(request, "It is understood now.")
    else:
        messages.info(request, "Read again; what is shown below still waits.")
    return redirect("mail:mail", mail_id)


@technician
@require_POST
def create_admission(request: SignedIn, mail_id: int) -> HttpResponse:
    """Take a mail whose sender is not trusted; or that sender's mails from now on."""
    shown = get_object_or_404(AlertMail.objects.select_related("source__client", "raw_mail"), pk=mail_id)
    try:
        if request.POST.get("all"):
            count = receiving.let_send(shown, by=request.user, at=timezone.now())
            messages.success(request, f"The sender may send from now on; taken: {count}.")
        else:
            receiving.admit(shown, by=request.user, at=timezone.now())
            messages.success(request, "This mail was taken; its sender stays as he was.")
    except Refused as refused:
        messages.error(request, f"Not taken: {refused}.")
    return redirect("mail:mail", mail_id)


@office
@require_safe
def raw_mail(_request: SignedIn, mail_id: int) -> HttpResponse:
    """One mail as it was received, as a file."""
    shown = get_object_or_404(AlertMail.objects.select_related("raw_mail"), pk=mail_id)
    if shown.raw_mail.let_go_at is not None:
        gone_on = timezone.localtime(shown.raw_mail.let_go_at)
        words = f"This mail was kept as it came until {gone_on:%Y-%m-%d}, and was let go then.\n"
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=410)
    reply = HttpResponse(bytes(shown.raw_mail.raw), content_type="application/octet-stream")
    reply["Content-Disposition"] = f'attachment; filename="mail-{shown.pk}.eml"'
    return reply
