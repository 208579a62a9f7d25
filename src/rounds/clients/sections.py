"""What this stage shows on a client's page: machines by site, people, agreements with their history."""

from datetime import date

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.clients import agreeing, exempting, explaining, renewing
from rounds.clients.models import AgreementDraft, Client
from rounds.clients.rows import agreement_value, last_day
from rounds.core.terms import Terms
from rounds.people.access import SignedIn
from rounds.people.shop import local_day


def machines(request: SignedIn, client: Client) -> SafeString:
    """Sites and the machines that stand there; the retired ones last."""
    sites = client.sites.prefetch_related("machines")
    rows = [
        (site, sorted(site.machines.all(), key=lambda one: (one.retired_at is not None, one.name))) for site in sites
    ]
    context = {"client": client, "rows": rows}
    return render_to_string("clients/machines_section.html", context, request)


def people(request: SignedIn, client: Client) -> SafeString:
    """The client's contacts: who may decide, who gets invoices, who can sign in; those who left last."""
    contacts = sorted(client.contacts.select_related("user"), key=lambda one: (one.left_at is not None, one.name))
    return render_to_string("clients/people_section.html", {"client": client, "contacts": contacts}, request)


def agreements(request: SignedIn, client: Client) -> SafeString:
    """What is agreed now and from when on, in sentences, and what was agreed before."""
    today, shops = local_day(timezone.now()), agreeing.shop_versions()
    rows = list(client.agreements.select_related("end", "recorded_by", "signature").order_by("-starts", "-pk"))
    shown = []
    for row in rows:
        ends = last_day(row)
        value = agreement_value(row) if ends is None or ends >= row.starts else None
        shop = Terms(shops).shop_on(max(row.starts, today))
        shown.append(
            {
                "row": row,
                "ends": ends,
                "state": "withdrawn" if value is None else _state(row.starts, ends, today),
                "words": [*explaining.in_words(value, shop), *explaining.ending_in_words(row)] if value else [],
            }
        )
    drafts = AgreementDraft.objects.open().filter(client=client).select_related("sending")
    reply = {"client": client, "agreements": shown, "drafts": drafts}
    return render_to_string("clients/agreements_section.html", reply, request)


def agreements_today(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: drafts that wait for a signature, and agreements whose notice date comes."""
    if not request.user.is_bookkeeper:
        return SafeString("")
    today = local_day(timezone.now())
    waiting = list(AgreementDraft.objects.sent().select_related("client", "sending").order_by("sending__at"))
    ending = [(row, renewing.notice_by(row)) for row in renewing.notices_due(today)]
    exempt = exempting.running_out(today)
    if not (waiting or ending or exempt):
        return SafeString("")
    context = {"waiting": waiting, "ending": ending, "exempt": exempt}
    return render_to_string("clients/agreements_today.html", context, request)


def _state(starts: date, ends: date | None, today: date) -> str:
    if starts > today:
        return "to come"
    return "over" if ends is not None and ends < today else "in force"
