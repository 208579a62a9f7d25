"""Pages that merge a reinstalled machine with what it was: what it may be, what would come of it, and undoing it."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from rounds.agents import merging
from rounds.agents.models import Agent, Merge, State
from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.people.access import SignedIn, technician


def _as_key(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@technician
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedIn, machine_id: int) -> HttpResponse:
    """Is this an old machine, reinstalled? Those it may be; of a chosen one what a merge would do; then the merge."""
    newcomer = get_object_or_404(Machine.objects.select_related("site__client"), pk=machine_id)
    others = Machine.objects.filter(site__client=newcomer.site.client_id, retired_at=None).exclude(pk=newcomer.pk)
    others = others.filter(pk__in=Agent.objects.values("machine")).select_related("site").order_by("name")
    asked = request.POST if request.method == "POST" else request.GET
    chosen = others.filter(pk=_as_key(asked.get("machine", ""))).first()
    problem = ""
    if request.method == "POST" and chosen is None:
        problem = "Choose the machine that this one was before it was reinstalled."
    elif request.method == "POST" and chosen is not None:
        try:
            merging.merge(newcomer, chosen, by=request.user, at=timezone.now())
        except Refused as why:
            problem = f"{str(why)[:1].upper()}{str(why)[1:]}."
        else:
            messages.success(request, f"{newcomer} is {chosen} from now on. Undo stands on this page.")
            return redirect("agents:machine", chosen.pk)
    context = {
        "newcomer": newcomer,
        "agent": Agent.objects.current().filter(machine=newcomer).first(),
        "state": State.objects.filter(machine=newcomer).first(),
        "offers": merging.offers(newcomer),
        "others": others,
        "chosen": chosen,
        "chosen_state": State.objects.filter(machine=chosen).first() if chosen else None,
        "problem": problem,
    }
    return render(request, "agents/merge.html", context)


@technician
@require_POST
def create_distinction(request: SignedIn, machine_id: int) -> HttpResponse:
    """Say that a machine is not one of those that it may be."""
    newcomer = get_object_or_404(Machine.objects.select_related("site"), pk=machine_id)
    theirs = Machine.objects.filter(site__client=newcomer.site.client_id)
    other = get_object_or_404(theirs, pk=_as_key(request.POST.get("machine", "")))
    merging.tell_apart(newcomer, other, by=request.user, at=timezone.now())
    messages.success(request, f"{newcomer} and {other} are two machines: this is not offered any more.")
    return redirect("agents:machine", newcomer.pk)


@technician
@require_POST
def create_undoing(request: SignedIn, machine_id: int) -> HttpResponse:
    """Undo the merge of a machine, the last one first."""
    sides = Q(machine=machine_id) | Q(newcomer=machine_id)
    done = get_object_or_404(Merge.objects.standing().filter(sides), pk=_as_key(request.POST.get("merge", "")))
    try:
        merging.undo(done, by=request.user, at=timezone.now())
    except Refused as why:
        messages.error(request, f"{str(why)[:1].upper()}{str(why)[1:]}.")
        return redirect("agents:machine", machine_id)
    messages.success(request, f"{done.newcomer} and {done.machine} are two machines again.")
    return redirect("agents:machine", done.newcomer_id)
