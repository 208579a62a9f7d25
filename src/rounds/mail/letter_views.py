"""The page of letters: what the shop has written to its clients, what has gone, and what has not."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.mail.models import Letter
from rounds.mail.sending import try_again
from rounds.pages.listing import Listing, as_csv
from rounds.people.access import SignedIn, office

FILTERS = {
    "waiting": Q(sent_at=None, tries=0),
    "failed": Q(sent_at=None, tries__gt=0),
    "sent": Q(sent_at__isnull=False),
}


@office
def letters(request: SignedIn) -> HttpResponseBase:
    """Every letter, the newest first, with what became of it."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    rows = Letter.objects.defer("attachment", "body").filter(FILTERS.get(state, Q()))
    if text:
        rows = rows.filter(Q(subject__icontains=text) | Q(to__icontains=text))
    sorts = {"written": ("-written_at",), "subject": ("subject",), "sent": ("-sent_at",), "tries": ("-tries",)}
    listing = Listing(request, rows, sorts=sorts, noun="letters")
    if listing.is_csv:
        columns = {
            "Written": lambda row: row.written_at.isoformat(timespec="seconds"),
            "To": lambda row: ", ".join(row.to),
            "Subject": lambda row: row.subject,
            "Sent": lambda row: row.sent_at.isoformat(timespec="seconds") if row.sent_at else "",
            "Tries": lambda row: row.tries,
            "What went wrong": lambda row: row.last_error,
        }
        return as_csv(listing, "letters", columns)
    return render(request, "mail/letters.html", {"listing": listing, "q": text, "state": state})


@office
def letter(request: SignedIn, letter_id: int) -> HttpResponse:
    """One letter as written, with its attachment's name and what became of it."""
    shown = get_object_or_404(Letter.objects.defer("attachment"), pk=letter_id)
    return render(request, "mail/letter.html", {"letter": shown})


@office
@require_POST
def create_try(request: SignedIn, letter_id: int) -> HttpResponse:
    """Make a letter due at once; the ticker sends it."""
    asked = get_object_or_404(Letter.objects.defer("attachment"), pk=letter_id)
    if try_again(asked, timezone.now()):
        messages.success(request, f"“{asked}” is tried again within a minute.")
    else:
        messages.warning(request, f"“{asked}” has already gone; it was not sent a second time.")
    return redirect("mail:letter", letter_id)
