"""Who is told of findings, as pages: the channels, the messages that went or wait, and a trial."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rounds.findings import telling
from rounds.findings.telling_forms import ChannelForm
from rounds.findings.telling_models import Channel, Message
from rounds.mail.models import Letter
from rounds.pages.listing import Listing
from rounds.people.access import SignedIn, office, owner
from rounds.people.shop import the_shop


@office
@require_safe
def channels(request: SignedIn) -> HttpResponse:
    """Who is told of what, and what was told lately."""
    listing = Listing(
        request, Message.objects.select_related("channel", "finding"), sorts={"written": ("-written_at", "-pk")},
        noun="messages",
    )  # fmt: skip
    keys = [f"telling:{row.key}" for row in listing.rows if row.next_try_at is None]
    letters = {letter.key.removeprefix("telling:"): letter for letter in Letter.objects.filter(key__in=keys)}
    context = {
        "channels": Channel.objects.filter(ended_at=None),
        "listing": listing,
        "rows": [(row, letters.get(row.key, row)) for row in listing.rows],
        "shop": the_shop(),
    }
    return render(request, "findings/channels.html", context)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def create_channel(request: SignedIn) -> HttpResponseBase:
    """Add a channel."""
    usual = {"name": "The shop", "way": "mail", "address": the_shop().email, "at_once": "trouble", "digest_at": "08:00"}
    return _form(request, None, usual)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def edit_channel(request: SignedIn, channel_id: int) -> HttpResponseBase:
    """Replace a channel by another; what it was told stays with the old one."""
    kept = get_object_or_404(Channel, pk=channel_id, ended_at=None)
    return _form(request, kept, {name: getattr(kept, name) for name in ChannelForm.base_fields})


def _form(request: SignedIn, replaced: Channel | None, initial: dict[str, Any]) -> HttpResponseBase:
    form = ChannelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        channel, at = form.channel(), timezone.now()
        channel.made_at, channel.made_by = at, request.user
        try:
            with transaction.atomic():
                if replaced is not None:
                    Channel.objects.filter(pk=replaced.pk, ended_at=None).update(ended_at=at)
                channel.save()
        except IntegrityError:
            form.add_error("name", "Another channel has this name.")
        else:
            messages.success(request, f"“{channel}” is told from now on.")
            return redirect("findings:channels")
    context = {"form": form, "replaced": replaced}
    return render(request, "findings/channel.html", context, status=422 if form.errors else 200)


@owner
@require_POST
def end_channel(request: SignedIn, channel_id: int) -> HttpResponse:
    """Tell a channel nothing any more."""
    kept = get_object_or_404(Channel, pk=channel_id)
    Channel.objects.filter(pk=kept.pk, ended_at=None).update(ended_at=timezone.now())
    messages.success(request, f"“{kept}” is told nothing any more.")
    return redirect("findings:channels")


@owner
@require_POST
def create_trial(request: SignedIn, channel_id: int) -> HttpResponse:
    """Send a channel a trial message."""
    kept = get_object_or_404(Channel, pk=channel_id, ended_at=None)
    telling.try_out(kept, by=request.user, at=timezone.now())
    messages.success(request, "A trial is on its way; below you see what became of it.")
    return redirect("findings:channels")


@owner
@require_POST
def retry_message(request: SignedIn, message_id: int) -> HttpResponse:
    """Try a message that has not gone at once."""
    row = get_object_or_404(Message, pk=message_id, sent_at=None, next_try_at__isnull=False)
    Message.objects.filter(pk=row.pk, sent_at=None).update(next_try_at=timezone.now())
    messages.success(request, "It is tried again now.")
    return redirect("findings:channels")
