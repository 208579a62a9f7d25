"""Pages about people: the one-time link, one's own sign-in, and for the owner everybody and the shop itself."""

from zoneinfo import available_timezones

from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from rounds.core.money import Refused
from rounds.pages.undoing import told_with_undo
from rounds.people import branding, joining, signing_in
from rounds.people.access import SignedIn, owner, signed_in
from rounds.people.forms import BrandForm, NameForm, PersonForm, ShopForm
from rounds.people.models import Role, User
from rounds.people.shop import the_shop

ZONES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Sign in by a one-time link: the page asks, so that a mail program that only looks does not spend it."""
    person = signing_in.person_of_link(uid, token)
    if person is None:
        return render(request, "people/link_spent.html", status=410)
    if request.method != "POST":
        return render(request, "people/enter.html", {"person": person})
    target = signing_in.home_of(person)
    if person.is_of_shop and not person.has_usable_password():
        target = reverse("account_set_password")
    reply: HttpResponse = perform_login(request, person, redirect_url=target, email_verification="none")
    return reply


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    """One's own name, password, second factors and sessions."""
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is kept.")
        return redirect("people:profile")
    factors = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return render(request, "people/profile.html", {"form": form, "factors": factors.order_by("type", "pk")})


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedIn) -> HttpResponse:
    """Everybody of the shop, and a form for one more."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            added = joining.add_person(told["email"], told["name"], Role(told["role"]))
        except Refused as reason:
            form.add_error("email", str(reason))
        else:
            messages.success(request, f"{added} is added. Give the link below to sign in for the first time.")
            return redirect("people:person", added.pk)
    of_shop = User.objects.exclude(role=Role.CONTACT).order_by("-is_active", "name", "pk")
    return render(request, "people/people.html", {"form": form, "people": of_shop})


@owner
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedIn, person_id: int) -> HttpResponse:
    """One person of the shop: name, address, role; a new one-time link; letting go."""
    shown = get_object_or_404(User.objects.exclude(role=Role.CONTACT), pk=person_id)
    kept = {"name": shown.name, "email": shown.email, "role": shown.role}
    form = PersonForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            joining.change_person(shown, email=told["email"], name=told["name"], role=Role(told["role"]))
        except Refused as reason:
            form.add_error("role" if "owner" in str(reason) else "email", str(reason))
        else:
            messages.success(request, "The change is kept.")
            return redirect("people:person", shown.pk)
    context = {
        "form": form,
        "person": shown,
        "factors": Authenticator.objects.filter(user=shown).count(),
        "link": signing_in.one_time_link(shown) if shown.is_active and shown.last_login is None else "",
    }
    return render(request, "people/person.html", context)


@owner
@never_cache
@require_POST
def person_link(request: SignedIn, person_id: int) -> HttpResponse:
    """A fresh one-time link, shown once to be handed on; for a client's contact, too."""
    shown = get_object_or_404(User.objects.filter(is_active=True), pk=person_id)
    return render(request, "people/link.html", {"person": shown, "link": signing_in.one_time_link(shown)})


@owner
@require_POST
def person_leave(request: SignedIn, person_id: int) -> HttpResponse:
    """Let a person go; he is signed out at once. Undo brings him back."""
    shown = get_object_or_404(User.objects.exclude(role=Role.CONTACT), pk=person_id)
    try:
        joining.let_go(shown)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        told_with_undo(request, f"{shown} can no longer sign in.", reverse("people:person-return", args=[shown.pk]))
    return redirect("people:person", shown.pk)


@owner
@require_POST
def person_return(request: SignedIn, person_id: int) -> HttpResponse:
    """Let a person sign in again."""
    shown = get_object_or_404(User.objects.exclude(role=Role.CONTACT), pk=person_id)
    joining.bring_back(shown)
    messages.success(request, f"{shown} can sign in again.")
    return redirect("people:person", shown.pk)


@owner
@require_POST
def person_factors(request: SignedIn, person_id: int) -> HttpResponse:
    """Forget a person's second factors, when his phone or key is lost."""
    shown = get_object_or_404(User.objects.exclude(role=Role.CONTACT), pk=person_id)
    joining.forget_factors(shown)
    messages.success(request, f"{shown} signs in without a second factor until a new one is added.")
    return redirect("people:person", shown.pk)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedIn) -> HttpResponse:
    """The shop: name, address, clock, currency, what stands on invoices."""
    form = ShopForm(request.POST or None, instance=the_shop())
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The shop's particulars are kept.")
        return redirect("people:settings")
    return render(request, "people/settings.html", {"form": form, "zones": ZONES})


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def letterhead(request: SignedIn) -> HttpResponse:
    """The shop's colour and logo, as they are printed on papers from now on."""
    now = timezone.now()
    kept = branding.brand_at(now)
    form = BrandForm(request.POST or None, request.FILES or None, initial={"accent": kept["accent"]})
    if request.method == "POST" and form.is_valid():
        keep_logo = not form.cleaned_data["without_logo"]
        try:
            branding.set_brand(
                form.cleaned_data["accent"], form.picture(), by=request.user, at=now, keep_logo=keep_logo
            )
        except Refused as reason:
            form.add_error("accent" if "colour" in str(reason) or "light" in str(reason) else "logo", str(reason))
        else:
            messages.success(request, "Papers are printed like this from now on. Those issued before stay.")
            return redirect("people:letterhead")
    reply = {"form": form, "has_logo": bool(kept["logo"])}
    return render(request, "people/letterhead.html", reply, status=422 if form.errors else 200)


@owner
@never_cache
def logo(_request: SignedIn) -> HttpResponse:
    """The logo as it is printed."""
    kept = branding.brand_at(timezone.now())["logo"]
    if not kept:
        raise Http404("there is no logo")
    return HttpResponse(kept, content_type="image/svg+xml")
