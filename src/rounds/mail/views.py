"""Alert mail as pages: the sources with their addresses, what was not understood, one source, one mail."""

from django.contrib import messages
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.mail import receiving
from rounds.mail.forms import SourceForm
from rounds.mail.models import AlertMail, Result, Source
from rounds.mail.reading import read
from rounds.pages.keys import as_key
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office, technician

SORTS = {
    "last": ("is_quiet", "-last_at", "name"),
    "name": ("name",),
    "client": ("client__name", "name"),
    "unknown": ("-unknown", "name"),
}
CSV_COLUMNS = {
    "Source": lambda row: row.name,
    "Client": lambda row: row.client.name,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Address": receiving.address_of,
    "Last mail": lambda row: timezone.localtime(row.last_at).isoformat(timespec="minutes") if row.last_at else "",
    "Last result": lambda row: row.last_result or "",
    "Not understood": lambda row: row.unknown,
}


@office
@require_safe
def sources(request: SignedIn) -> HttpResponseBase:
    """All sources of alert mail, and what has last come from them; then what nobody has understood yet."""
    text, client = request.GET.get("q", "").strip(), request.GET.get("client", "")
    newest = AlertMail.objects.filter(source=OuterRef("pk")).order_by("-received_at", "-pk")
    rows = (
        Source.objects.current()
        .select_related("client", "machine")
        .annotate(
            last_at=Subquery(newest.values("received_at")[:1]),
            last_result=Subquery(newest.values("result")[:1]),
            unknown=Count("mails", filter=Q(mails__result=Result.UNKNOWN)),
        )
        .annotate(is_quiet=ExpressionWrapper(Q(last_at=None), BooleanField()))
    )
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(client__name__icontains=text) | Q(local_part__icontains=text))
    if client:
        rows = rows.filter(client=as_key(client))
    listing = Listing(request, rows, sorts=SORTS, noun="sources")
    if listing.is_csv:
        return as_csv(listing, "alert-mail-sources", CSV_COLUMNS)
    unread = AlertMail.objects.filter(result=Result.UNKNOWN, source__ended_at=None).defer("raw")
    shown = [(row, receiving.address_of(row)) for row in listing.rows]
    context = {"listing": listing, "rows": shown, "q": text, "unread": unread.select_related("source__client")[:10]}
    return render(request, "mail/sources.html", {**context, "unread_count": unread.count()})


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_source(request: SignedIn) -> HttpResponseBase:
    """Add a source; what comes of it is its address."""
    client = Client.objects.current().filter(pk=as_key(request.GET.get("client"))).first()
    form = SourceForm(request.POST or None, client=client, initial={"client": client})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = receiving.add_source(told["name"], told["client"], told["machine"], form.words(), at=timezone.now())
        except Refused as refused:
            form.add_error("machine", str(refused))
        else:
            messages.success(request, f"Let it write to {receiving.address_of(made)}")
            return redirect("mail:source", made.pk)
    return render(request, "mail/new_source.html", {"form": form}, status=422 if form.errors else 200)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: SignedIn, source_id: int) -> HttpResponseBase:
    """One source: its address, its words, its mails."""
    shown = get_object_or_404(Source.objects.select_related("client", "machine"), pk=source_id)
    words = {"failure_words": shown.failure_words, "success_words": shown.success_words}
    initial = {"name": shown.name, "machine": shown.machine, **words}
    is_change = request.method == "POST" and request.user.is_technician
    form = SourceForm(request.POST if is_change else None, source=shown, initial=initial)
    if is_change and form.is_valid():
        told = form.cleaned_data
        understood = receiving.change_source(shown, told["name"], told["machine"], form.words())
        more = f" {understood} mails that had not been understood are now." if understood else ""
        messages.success(request, f"Kept; the words hold for what comes from now on.{more}")
        return redirect("mail:source", source_id)
    mails = AlertMail.objects.filter(source=shown).defer("raw")
    if (result := request.GET.get("result", "")) in Result.values:
        mails = mails.filter(result=result)
    sorts = {"received": ("-received_at",), "subject": ("subject",), "result": ("result", "-received_at")}
    listing = Listing(request, mails, sorts=sorts, noun="mails")
    if listing.is_csv:
        columns = {
            "Received": lambda row: timezone.localtime(row.received_at).isoformat(timespec="seconds"),
            "Subject": lambda row: row.subject,
            "From": lambda row: row.sender,
            "Result": lambda row: row.get_result_display(),
            "Why": lambda row: row.why,
        }
        return as_csv(listing, f"mail-of-{shown.local_part}", columns)
    context = {
        "source": shown,
        "address": receiving.address_of(shown),
        "form": form,
        "listing": listing,
        "result": result,
    }
    reply = render(request, "mail/source.html", {**context, "results": Result.choices})
    reply.status_code = 422 if form.errors else 200
    return reply


@technician
@require_POST
def create_end(request: SignedIn, source_id: int) -> HttpResponse:
    """Take no more mail for a source."""
    shown = get_object_or_404(Source, pk=source_id)
    receiving.end_source(shown, timezone.now())
    messages.success(request, f"Mail for “{shown}” is refused from now on; what has come stays.")
    return redirect("mail:sources")


@office
@require_safe
def mail(request: SignedIn, mail_id: int) -> HttpResponse:
    """One mail, as text: nothing in it is opened or loaded."""
    shown = get_object_or_404(
        AlertMail.objects.select_related("source__client", "source__machine", "read_by"), pk=mail_id
    )
    raw = bytes(shown.raw)
    return render(request, "mail/mail.html", {"mail": shown, "told": read(raw), "size": len(raw)})


@technician
@require_POST
def create_result(request: SignedIn, mail_id: int) -> HttpResponse:
    """Say what a mail reports that was not understood."""
    shown = get_object_or_404(AlertMail.objects.defer("raw"), pk=mail_id)
    try:
        receiving.understand(shown, Result(request.POST.get("result", "")), by=request.user)
    except (Refused, ValueError) as refused:
        messages.error(request, f"Not kept: {refused}.")
    else:
        messages.success(request, "Kept. If mails like this come again, give the source a word that tells them.")
    return redirect("mail:mail", mail_id)


@office
@require_safe
def raw_mail(_request: SignedIn, mail_id: int) -> HttpResponse:
    """One mail as it was received, as a file."""
    shown = get_object_or_404(AlertMail, pk=mail_id)
    reply = HttpResponse(bytes(shown.raw), content_type="application/octet-stream")
    reply["Content-Disposition"] = f'attachment; filename="mail-{shown.pk}.eml"'
    return reply
