"""What alert mail adds to pages it does not own: the client's, the front page, and the search."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.clients.models import Client
from rounds.mail.mail_models import newest_of_source
from rounds.mail.models import AlertMail, Mailbox, Source
from rounds.pages.panels import Found
from rounds.people.access import SignedIn
from rounds.people.models import User

SHOWN = 8
TELL_AFTER = timedelta(minutes=15)  # a mailbox that cannot be read for a moment is nobody's matter


def sources_of_client(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what writes to us from there, and what each has last reported."""
    rows = Source.objects.current().filter(client=client).select_related("machine")
    rows = rows.annotate(last_at=newest_of_source("received_at"), last_result=newest_of_source("worst"))
    return render_to_string("mail/panels/sources.html", {"rows": rows, "client": client}, request=request)


def waiting_mails(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: mails that wait for a person, if there are any."""
    rows = AlertMail.objects.waiting().order_by("-received_at")
    count = rows.count()
    unread = Mailbox.objects.filter(error_since__lt=timezone.now() - TELL_AFTER)
    if not count and not unread:
        return SafeString("")
    context = {"unread": unread, "rows": rows.select_related("source__client")[:SHOWN], "count": count}
    return render_to_string("mail/panels/waiting.html", context, request=request)


def find_mail(user: User, text: str) -> Iterator[Found]:
    """Alert mail by its subject, sender or source, the newest first."""
    if not user.is_of_shop:
        return
    matches = Q(subject__icontains=text) | Q(sender__icontains=text) | Q(source__name__icontains=text)
    rows = AlertMail.objects.filter(matches).select_related("source__client").order_by("-received_at")
    for row in rows.iterator(chunk_size=20):
        where = f"{row.source.whose}, {row.received_at:%Y-%m-%d}"
        yield Found(row.subject or "(no subject)", where, reverse("mail:mail", args=[row.pk]))
