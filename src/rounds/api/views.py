"""The owner's page of tokens, the description of the operations for people, and the same for programs."""

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from rounds.api.admitting import Wanted, has_expired, make_token, revoke
from rounds.api.answering import REQUESTS_A_MINUTE
from rounds.api.describing import description, parameters
from rounds.api.forms import TokenForm
from rounds.api.models import Scope, Token
from rounds.api.operations import BASE, GROUPS, OPERATIONS, Operation
from rounds.core.money import Refused
from rounds.people.access import SignedIn, office, owner


@owner
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedIn) -> HttpResponse:
    """Every token, and a form for one more; its secret is shown in the answer to the form, and never again."""
    now, made, secret = timezone.now(), None, ""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        wanted = Wanted(told["name"], told["person"], Scope(told["scope"]), told["last_day"])
        try:
            made, secret = make_token(wanted, by=request.user, at=now)
        except Refused as reason:
            form.add_error("last_day" if "passed" in str(reason) else "name", str(reason))
        else:
            form = TokenForm()
    rows = Token.objects.select_related("person", "revoked_by")
    shown = [(row, has_expired(row, now)) for row in sorted(rows, key=lambda row: row.revoked_at is not None)]
    reply = {"form": form, "tokens": shown, "made": made, "secret": secret, "address": request.build_absolute_uri(BASE)}
    return render(request, "api/tokens.html", reply, status=422 if form.errors else 200)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def revocation(request: SignedIn, token_id: int) -> HttpResponse:
    """Name the token, then revoke it: the program that uses it gets no answer from then on."""
    token = get_object_or_404(Token.objects.filter(revoked_at=None).select_related("person"), pk=token_id)
    if request.method == "POST":
        revoke(token, by=request.user, at=timezone.now())
        messages.success(request, f"{token} is revoked.")
        return redirect("api:tokens")
    return render(request, "api/revocation.html", {"token": token})


@office
@require_safe
def operations(request: SignedIn) -> HttpResponse:
    """What programs can ask for, to be read by people."""
    groups = [(group, [_row(one) for one in OPERATIONS if one.group == group]) for group in GROUPS]
    reply = {"groups": groups, "base": BASE, "most": REQUESTS_A_MINUTE, "address": request.build_absolute_uri(BASE)}
    return render(request, "api/operations.html", reply)


def _row(one: Operation) -> dict[str, object]:
    """An operation as the page shows it."""
    fields = msgspec.structs.fields(one.body) if one.body else ()
    return {
        "method": one.method,
        "path": BASE + one.path,
        "about": one.about.replace("`", ""),
        "whom": one.whom,
        "name": one.name,
        "scope": one.scope.label,
        "query": [parameter["name"] for parameter in parameters(one)],
        "body": [(field.encode_name, field.required) for field in fields],
    }


@require_safe
def document(_request: HttpRequest) -> HttpResponse:
    """The description for programs. It is the same in every shop and tells nothing of this one."""
    reply = HttpResponse(msgspec.json.encode(description()), content_type="application/json")
    reply["Cache-Control"] = "no-cache"
    return reply
