"""Pages of machines that wait to be let in: which, what they may be, and a technician's word on each."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from rounds.agents import admitting
from rounds.agents.models import Applicant, State, Verdict
from rounds.clients.models import Machine
from rounds.core.money import Refused
from rounds.people.access import SignedIn, technician

SHOWN_VERDICTS = 20


class VerdictForm(forms.Form):
    """As what a machine is let in."""

    machine = forms.ModelChoiceField(
        Machine.objects.none(), required=False, empty_label="A new machine", label="Let it in as"
    )

    def __init__(self, applicant: Applicant, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id=f"id_{applicant.pk}_%s")
        could_be = admitting.candidates(applicant)
        field = self.fields["machine"]
        field.queryset = Machine.objects.filter(pk__in=[one.pk for one in could_be]).select_related("site")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one.name} ({one.site.name}), with a new agent"  # type: ignore[attr-defined]
        if applicant.token.machine is not None:
            field.empty_label = None  # type: ignore[attr-defined]
        heard = set(State.objects.filter(seen_at__gt=applicant.asked_at).values_list("machine", flat=True))
        silent = [one for one in could_be if one.pk not in heard]  # one that lives is another machine
        self.alike = admitting.alike(applicant.hints, silent, applicant.token.site_id)


@technician
@require_safe
def waiting(request: SignedIn) -> HttpResponse:
    """Machines that wait to be let in, the first first, and what was decided of late."""
    tokens = ("token__site__client", "token__machine__site", "token__made_by")
    rows = [(one, VerdictForm(one)) for one in Applicant.objects.waiting().select_related(*tokens)]
    verdicts = Verdict.objects.select_related("applicant__token__site__client", "machine", "by").order_by("-at", "-pk")
    return render(request, "agents/waiting.html", {"rows": rows, "verdicts": verdicts[:SHOWN_VERDICTS]})


@technician
@require_POST
def create_verdict(request: SignedIn, applicant_id: int) -> HttpResponse:
    """Let a machine in, or send it away."""
    applicant = get_object_or_404(Applicant.objects.select_related("token__site__client"), pk=applicant_id)
    form = VerdictForm(applicant, request.POST)
    now = timezone.now()
    try:
        if request.POST.get("verdict") == "away":
            admitting.send_away(applicant, by=request.user, at=now)
            messages.success(request, f"{applicant} is not let in. Its agent is told so, and gives up.")
        elif not form.is_valid():
            messages.error(request, "This machine cannot be let in as that one: choose another, or a new machine.")
        else:
            agent = admitting.admit(applicant, form.cleaned_data["machine"], by=request.user, at=now)
            messages.success(request, f"{agent.machine} is let in; its first figures come within two minutes.")
            return redirect("agents:machine", agent.machine_id)
    except Refused as why:
        messages.error(request, f"{str(why)[:1].upper()}{str(why)[1:]}.")
    return redirect("agents:waiting")
