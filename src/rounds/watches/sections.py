"""What this stage adds to pages of others: of a device, who watches it and how it is; of a client, what is watched."""

from collections.abc import Iterator

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.agents import charting as spans
from rounds.clients.models import Client, Machine
from rounds.pages.panels import Found
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.watches import charting, wording
from rounds.watches.models import Turn, Watch

MOST_CHARTS = 6


def _rows(watches: list[Watch]) -> list[tuple[object, ...]]:
    now = timezone.now()
    sightings = [getattr(watch, "sighting", None) for watch in watches]
    return [
        (watch, one, *wording.state_of(one, now), wording.short(one), wording.what(watch))
        for watch, one in zip(watches, sightings, strict=True)
    ]


def watched(request: SignedIn, machine: Machine) -> SafeString:
    """On a machine's page: how it looks from outside, with its charts."""
    watches = list(Watch.objects.current().filter(machine=machine).select_related("site", "sighting"))
    if not watches and (machine.kind != "device" or machine.retired_at):
        return SafeString("")
    span = spans.SPANS.get(request.GET.get("span", ""), spans.SPANS["day"])
    zone = timezone.get_current_timezone()
    drawn = [
        picture
        for watch in watches
        if getattr(watch, "sighting", None)
        for picture in charting.pictures(watch, span, at=timezone.now(), zone=zone)
    ]
    lines = [(watch, wording.lines(watch.sighting)) for watch in watches if getattr(watch, "sighting", None)]
    context = {"rows": _rows(watches), "machine": machine, "pictures": drawn[:MOST_CHARTS], "lines": lines}
    return render_to_string("watches/panels/machine.html", {**context, "user": request.user}, request=request)


def watching(request: SignedIn, machine: Machine) -> SafeString:
    """On the page of a machine with an agent: what it watches for others."""
    turns = Turn.objects.filter(watch__in=Turn.objects.filter(machine=machine).values("watch")).in_force()
    mine = Watch.objects.current().filter(pk__in=[key for key, looking in turns.items() if looking == machine.pk])
    watches = list(mine.select_related("site", "sighting")[:50])
    if not watches:
        return SafeString("")
    return render_to_string("watches/panels/list.html", {"rows": _rows(watches)}, request=request)


def at_client(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what is watched there."""
    mine = Watch.objects.current().filter(site__client=client).select_related("site", "sighting")
    watches = list(mine.order_by("sighting__is_ok", "name")[:12])
    if not watches:
        return SafeString("")
    context = {"rows": _rows(watches), "client": client, "more": max(0, mine.count() - len(watches))}
    return render_to_string("watches/panels/list.html", context, request=request)


def find_watches(user: User, text: str) -> Iterator[Found]:
    """Watches by name, address or machine."""
    if not user.is_of_shop:
        return
    matches = Q(name__icontains=text) | Q(target__icontains=text) | Q(machine__name__icontains=text)
    for row in Watch.objects.current().filter(matches).select_related("site__client").iterator(chunk_size=20):
        yield Found(
            f"{row.name}, {row.get_kind_display().lower()}",
            str(row.site.client),
            reverse("watches:watch", args=[row.pk]),
        )
