"""Sources of alert mail as pages: their addresses, who may send, what has last come from them, one source."""

from django.contrib import messages
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.mail import receiving
from rounds.mail.forms import SourceForm
from rounds.mail.mail_models import newest_of_source
from rounds.mail.mail_views import CSV_COLUMNS as MAIL_COLUMNS
from rounds.mail.mail_views import tabs
from rounds.mail.models import AlertMail, Expectation, Mailbox, Result, Source, Waiting
from rounds.mail.row_listing import mails_listed
from rounds.pages.counting import counted
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
    "Client": lambda row: row.whose,
    "Machine": lambda row: row.machine.name if row.machine else "",
    "Address": receiving.address_of,
    "Last mail": lambda row: timezone.localtime(row.last_at).isoformat(timespec="minutes") if row.last_at else "",
    "Last result": lambda row: row.last_result or "",
    "Waiting": lambda row: row.unknown,
    "Expected": lambda row: "; ".join(str(one) for one in row.expected),
    "Who may send": lambda row: ", ".join(row.may_send) or "whoever knows the address",
}

WAITING = (
    Waiting.objects.filter(mail__source=OuterRef("pk"))
    .order_by()
    .values("mail__source")
    .annotate(mails=Count("mail", distinct=True))
)


@office
@require_safe
def sources(request: SignedIn) -> HttpResponseBase:
    """All sources of alert mail, and what has last come from them; then what nobody has understood yet."""
    text, client = request.GET.get("q", "").strip(), request.GET.get("client", "")
    rows = (
        Source.objects.current()
        .select_related("client", "machine")
        .prefetch_related(Prefetch("expectations", Expectation.objects.filter(ended_at=None), to_attr="expected"))
        .annotate(
            last_at=newest_of_source("received_at"),
            last_result=newest_of_source("worst"),
            unknown=Coalesce(Subquery(WAITING.values("mails")), 0),
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
    shown = [(row, receiving.address_of(row)) for row in listing.rows]
    context = {"listing": listing, "rows": shown, "q": text, "mailboxes": Mailbox.objects.select_related("source")}
    return render(request, "mail/sources.html", {**context, **tabs("sources")})


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_source(request: SignedIn) -> HttpResponseBase:
    """Add a source; what comes of it is its address."""
    client = Client.objects.current().filter(pk=as_key(request.GET.get("client"))).first()
    form = SourceForm(request.POST or None, client=client, initial={"client": client})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = receiving.add_source(
                told["name"], told["client"], told["machine"], form.words(), form.senders(), at=timezone.now()
            )
        except Refused as refused:
            form.add_error("machine", str(refused))
        else:
            messages.success(request, f"Let it write to {receiving.address_of(made)}")
            return redirect("mail:source", made.pk)
    return render(
        request, "mail/new_source.html", {"form": form, **tabs("sources")}, status=422 if form.errors else 200
    )


@office
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: SignedIn, source_id: int) -> HttpResponseBase:
    """One source: its address, its words, its mails."""
    shown = get_object_or_404(Source.objects.select_related("client", "machine"), pk=source_id)
    is_change = request.method == "POST" and request.user.is_technician
    form = SourceForm(request.POST if is_change else None, source=shown, initial=_initial(shown))
    if is_change and form.is_valid():
        told = form.cleaned_data
        understood = receiving.change_source(shown, told["name"], told["machine"], form.words(), form.senders())
        more = f" {counted(understood, 'mails')} not understood before, understood now." if understood else ""
        messages.success(request, f"Kept; it holds for what comes from now on.{more}")
        return redirect("mail:source", source_id)
    mails = AlertMail.objects.filter(source=shown)
    if (result := request.GET.get("result", "")) in Result.values:
        mails = mails.told(result)
    sorts = {"received": ("-received_at",), "subject": ("subject",), "result": ("told", "-received_at")}
    listing = mails_listed(request, mails, sorts)
    if listing.is_csv:
        return as_csv(listing, f"mail-of-{shown.local_part}", MAIL_COLUMNS)
    context = {
        "source": shown,
        "address": receiving.address_of(shown),
        "form": form,
        "listing": listing,
        "result": result,
        "expected": shown.expectations.filter(ended_at=None).select_related("client", "machine"),
        **tabs("sources"),
    }
    reply = render(request, "mail/source.html", {**context, "results": Result.choices})
    reply.status_code = 422 if form.errors else 200
    return reply


def _initial(shown: Source) -> dict[str, object]:
    names = ("name", "machine", "failure_words", "success_words", "may_send", "is_unchecked")
    return {name: getattr(shown, name) for name in names}


@technician
@require_POST
def create_end(request: SignedIn, source_id: int) -> HttpResponse:
    """Take no more mail for a source."""
    shown = get_object_or_404(Source, pk=source_id)
    receiving.end_source(shown, timezone.now())
    messages.success(request, f"Mail for “{shown}” is refused from now on; what has come stays.")
    return redirect("mail:sources")
