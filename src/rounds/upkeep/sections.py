"""What upkeep adds to pages it does not own: the client's, the machine's, the front page, and the search."""

from collections.abc import Iterator

from django.db.models import Count, Min, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.agents.selves import selves
from rounds.clients.models import Client, Machine
from rounds.pages.panels import Found
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.upkeep.models import BackupRepository, Duty, Evidence
from rounds.upkeep.proving import proved

SHOWN = 8


def _shown(request: SignedIn, template: str, **context: object) -> SafeString:
    today = local_day(timezone.now())
    return render_to_string(f"upkeep/panels/{template}.html", {**context, "today": today}, request=request)


def due_at_client(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what is due, the latest first, and what was done last."""
    rows = Duty.objects.still_open().filter(client=client).select_related("routine", "machine").order_by("due_on", "pk")
    count = rows.count()
    done = Evidence.objects.standing().filter(duty__client=client)
    done = done.select_related("duty__routine", "duty__machine").order_by("-at")
    return _shown(
        request, "due", rows=rows[:SHOWN], more=max(0, count - SHOWN), done=done[:4], query=f"?client={client.pk}"
    )


def due_on_machine(request: SignedIn, machine: Machine) -> SafeString:
    """On a machine's page: what is due there, and what was done last."""
    rows = Duty.objects.still_open().filter(machine=machine).select_related("routine").order_by("due_on", "pk")
    done = Evidence.objects.standing().filter(duty__machine__in=selves(machine.pk))
    done = done.select_related("duty__routine").order_by("-at")
    return _shown(request, "due", rows=rows, machine=machine, done=done[:4], query=f"?machine={machine.pk}")


def backup(request: SignedIn, machine: Machine) -> SafeString:
    """On a machine's page: what the restores so far prove of its backup."""
    repository = BackupRepository.objects.filter(machine=machine, ended_at=None).first()
    shown = proved(machine, timezone.now())
    if repository is None and shown.last is None and machine.kind == "device":
        return SafeString("")
    return _shown(request, "backup", machine=machine, repository=repository, proved=shown)


def due_today(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: what is due, routine by routine, and how much of it is late."""
    today = local_day(timezone.now())
    rows = (
        Duty.objects.still_open()
        .values("routine__name")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)), oldest=Min("due_on"))
        .order_by("-late", "-count", "routine__name")
    )
    late = sum(row["late"] for row in rows)
    return _shown(request, "today", rows=rows, count=sum(row["count"] for row in rows), late=late)


def find_duties(user: User, text: str) -> Iterator[Found]:
    """Open duties by their routine, client or machine."""
    if not user.is_of_shop:
        return
    matches = Q(routine__name__icontains=text) | Q(machine__name__icontains=text)
    rows = Duty.objects.still_open().filter(matches).select_related("routine", "client", "machine").order_by("due_on")
    for row in rows.iterator(chunk_size=20):
        where = f"{row.client}, {row.machine}" if row.machine else str(row.client)
        yield Found(f"{row.routine}, due {row.due_on}", where, reverse("upkeep:duty", args=[row.pk]))
