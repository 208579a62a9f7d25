"""Mails that are to come as pages: what is expected of a source, by which hour, and no longer."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from rounds.core.money import Refused
from rounds.mail import expecting
from rounds.mail.expecting_forms import ExpectationForm, initial_of
from rounds.mail.mail_views import tabs
from rounds.mail.models import Expectation, Source
from rounds.pages.undoing import told_with_undo
from rounds.people.access import SignedIn, technician


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def new_expectation(request: SignedIn, source_id: int) -> HttpResponseBase:
    """Say which mail of a source is to come and by when; the form begins with how such mails came until now."""
    source = get_object_or_404(Source.objects.current().select_related("client", "machine"), pk=source_id)
    at = timezone.now()
    topics = expecting.topics(source, at)
    about = request.GET.get("about", "")
    habit = expecting.propose(source, about, at) if about in ("", *topics) else None
    initial = initial_of(habit, about) if habit else {"about": about}
    form = ExpectationForm(request.POST or None, topics=topics, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = expecting.expect(source, form.cleaned_data["about"], form.expected(), by=request.user, at=at)
        except Refused as refused:
            form.add_error("about", str(refused))
        else:
            messages.success(request, f"Expected from now on: {made}.")
            return redirect("mail:source", source_id)
    context = {"form": form, "source": source, "habit": habit, "topics": topics, "about": about, **tabs("sources")}
    return render(request, "mail/new_expectation.html", context, status=422 if form.errors else 200)


@technician
@require_POST
def end_expectation(request: SignedIn, expectation_id: int) -> HttpResponse:
    """Expect a mail no longer."""
    ended = get_object_or_404(Expectation, pk=expectation_id)
    expecting.expect_no_more(ended, at=timezone.now())
    told_with_undo(request, f"No longer expected: {ended}.", reverse("mail:expect-again", args=[ended.pk]))
    return redirect("mail:source", ended.source_id)


@technician
@require_POST
def expect_again(request: SignedIn, expectation_id: int) -> HttpResponse:
    """Expect a mail again that was to be expected no longer."""
    ended = get_object_or_404(
        Expectation.objects.select_related("source__client", "source__machine"), pk=expectation_id
    )
    made = expecting.expect_again(ended, by=request.user, at=timezone.now())
    messages.success(request, f"Expected again: {made}.")
    return redirect("mail:source", made.source_id)
