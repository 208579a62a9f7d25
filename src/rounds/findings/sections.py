"""What findings add to pages they do not own: the client's, the machine's, the front page, and the search."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.agents.models import State
from rounds.agents.selves import selves
from rounds.clients.models import Client, Machine
from rounds.findings.models import Finding, Listening, Severity
from rounds.findings.opening import worst
from rounds.pages.panels import Found
from rounds.pages.templatetags.rounds import state
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.watches.models import Sighting, Watch

SHOWN = 8
WORST_FIRST = ("-severity", "-opened_at")


def _shown(request: SignedIn, template: str, context: dict[str, object]) -> SafeString:
    return render_to_string(f"findings/panels/{template}.html", context, request=request)


def wrong_at_client(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what is wrong there, the worst first."""
    rows = Finding.objects.still_open().filter(client=client).select_related("machine").order_by(*WORST_FIRST)
    count = rows.count()
    context = {"rows": rows[:SHOWN], "with_machine": True, "nothing": "Nothing is wrong."}
    return _shown(request, "list", {**context, "more": max(0, count - SHOWN), "more_query": f"?client={client.pk}"})


def wrong_with_machine(request: SignedIn, machine: Machine) -> SafeString:
    """On a machine's page: what is wrong with it, and what was of late."""
    of_it = Finding.objects.filter(machine__in=selves(machine.pk))
    context = {
        "rows": of_it.still_open().order_by(*WORST_FIRST),
        "closed": of_it.exclude(closed_at=None).order_by("-closed_at")[:3],
        "nothing": "Nothing is wrong.",
        "limits_of": machine.pk,
    }
    return _shown(request, "list", context)


def state_of_machine(_request: SignedIn, machine: Machine) -> SafeString:
    """Beside a machine's name: is it well, and since when? Without an agent, nobody knows."""
    rows = list(Finding.objects.still_open().filter(machine=machine))
    if rows:
        name = worst(rows)
        since = min(row.opened_at for row in rows if row.severity == name)
        return state(name, f"{name} since {_day(since)}")
    if not State.objects.filter(machine=machine, agent__revoked_at=None).exists() and not _is_seen(machine):
        return state("unmeasured")
    last = Finding.objects.filter(machine=machine).exclude(closed_at=None).order_by("-closed_at").first()
    return state("well", f"well since {_day(last.closed_at)}" if last and last.closed_at else "well")


def _is_seen(machine: Machine) -> bool:
    """Has a watch looked at it lately, from another machine?"""
    seen = Sighting.objects.filter(watch__in=Watch.objects.current().filter(machine=machine), is_ok=True)
    return any(not one.is_old(timezone.now()) for one in seen.select_related("watch"))


def _day(moment: datetime) -> str:
    """A moment as one says it: Friday 14:05, or 3 April."""
    local = timezone.localtime(moment)
    is_near = timezone.now() - moment < timedelta(days=6)
    return f"{local:%A %H:%M}" if is_near else f"{local.day} {local:%B %Y}"


def in_trouble(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: what is wrong anywhere, the worst and newest first."""
    rows = Finding.objects.still_open().select_related("client", "machine").order_by(*WORST_FIRST)
    trouble = rows.filter(severity=Severity.TROUBLE).count()
    count = rows.count()
    context = {"rows": rows[:SHOWN], "count": count, "trouble": trouble, "soon": count - trouble}
    return _shown(request, "today", {**context, "listening": Listening.objects.first()})


def find_findings(user: User, text: str) -> Iterator[Found]:
    """Findings by words, machine or client, the open ones first."""
    if not user.is_of_shop:
        return
    matches = Q(title__icontains=text) | Q(machine__name__icontains=text)
    rows = (
        Finding.objects.filter(matches)
        .select_related("client", "machine")
        .order_by(F("closed_at").asc(nulls_first=True), "-opened_at")
    )
    for row in rows.iterator(chunk_size=20):
        where = f"{row.client}, {row.machine}" if row.machine else str(row.client)
        yield Found(
            row.title, f"{where}{', closed' if row.closed_at else ''}", reverse("findings:finding", args=[row.pk])
        )
