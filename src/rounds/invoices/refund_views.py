"""Pages on which money is given back: what there is, what would come of it, and what was paid back by mistake."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from rounds.charges.accounts import load_account
from rounds.charges.models import Block
from rounds.clients.models import Client
from rounds.core import giving_back, settling
from rounds.core.money import Refused, show_amount, show_hours
from rounds.invoices import refunding
from rounds.invoices.debts import credit_of, load_debts
from rounds.invoices.foreseeing import foresee_refund, settled_in_words
from rounds.invoices.late_forms import WhyForm
from rounds.invoices.models import CreditNote, Payment, Payout
from rounds.invoices.once import last_seen, record_once
from rounds.invoices.refund_forms import CreditBackForm, GivingForm, HoursBackForm, RetainerBackForm
from rounds.invoices.refunding import Giving
from rounds.people.access import SignedIn, bookkeeper
from rounds.people.models import Role
from rounds.people.shop import local_day


@bookkeeper
def refunds(request: SignedIn, client_id: int) -> HttpResponse:
    """What can be given back to a client, and what was."""
    client = get_object_or_404(Client, pk=client_id)
    account, today = load_account(client), local_day(timezone.now())
    blocks = Block.objects.filter(client=client, withdrawal=None).with_left().select_related("purchase").order_by("pk")
    worth = {block.key: block.earns(block.left) for block in account.blocks}
    reply = {
        "client": client,
        "credit": credit_of(client),
        "retainer": account.retainer,
        "free": max(0, min(account.retainer, account.available_retainer(today))),
        "blocks": [(block, worth.get(block.pk, 0)) for block in blocks if block.left],
        "payouts": Payout.objects.filter(client=client).select_related("taken_back").order_by("-pk"),
    }
    return render(request, "invoices/refunds.html", reply)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A refund that is asked about: its title, the form, the words of what comes of it, and the verb that does it."""

    title: str
    button: str
    foresee: Callable[[], list[str]]
    keep: Callable[[], Model]


@bookkeeper
def refund_hours(request: SignedIn, client_id: int, block_id: int) -> HttpResponse:
    """Give unused hours of a block back; shows the credit note, its tax and where the money goes before it is kept."""
    client = get_object_or_404(Client, pk=client_id)
    block = get_object_or_404(Block.objects.filter(client=client, withdrawal=None).with_left(), pk=block_id)
    seen = last_seen(CreditNote, client)
    initial = {"seen": seen, "hours": show_hours(block.left)}
    form = HoursBackForm(request.POST or None, left=block.left, initial=initial)

    def foresee() -> list[str]:
        rate = form.cleaned_data["at_list_rate"]
        found = refunding.hours_refund(block, form.seconds(), timezone.now(), at_list_rate=rate)
        foreseen = foresee_refund(*found)
        first = f"Credit note over {show_amount(found[2].total)} on invoice {found[0]}."
        return [first, *foreseen.words()]

    def keep() -> Model:
        told = form.cleaned_data
        return record_once(
            CreditNote, client, {"why": told["why"]}, seen=told["seen"],
            verb=lambda: refunding.refund_hours(
                block, form.seconds(), _giving(request, form), at_list_rate=told["at_list_rate"]
            ),
        )  # fmt: skip

    title = f"Give hours of the block of {block.bought_on.day} {block.bought_on:%B %Y} back to {client}"
    return _page(request, client, form, _Asked(title, "Give them back", foresee, keep))


@bookkeeper
def refund_retainer(request: SignedIn, client_id: int) -> HttpResponse:
    """Give retainer money back, as far as it is not needed; the owner may say otherwise."""
    client = get_object_or_404(Client, pk=client_id)
    account, today = load_account(client), local_day(timezone.now())
    free = max(0, min(account.retainer, account.available_retainer(today)))
    initial = {"seen": last_seen(Payment, client), "amount": free or None}
    is_owner = request.user.role == Role.OWNER
    form = RetainerBackForm(request.POST or None, is_owner=is_owner, initial=initial)

    def foresee() -> list[str]:
        amount, needed = form.cleaned_data["amount"], form.cleaned_data.get("even_if_needed", False)
        after = account.after(
            giving_back.take_off_retainer(account, amount, today, key="preview", even_if_needed=needed)
        )  # fmt: skip
        stays = f"{show_amount(amount)} comes off the retainer; {show_amount(after.retainer)} stays on it."
        return [stays, *settled_in_words(settling.pay(load_debts(client), amount))]

    def keep() -> Model:
        told = form.cleaned_data
        return record_once(
            Payment, client, {"amount": told["amount"], "release__isnull": False}, seen=told["seen"],
            verb=lambda: refunding.refund_retainer(
                client, told["amount"], _giving(request, form), even_if_needed=told.get("even_if_needed", False)
            ),
        )  # fmt: skip

    return _page(request, client, form, _Asked(f"Give retainer money back to {client}", "Give it back", foresee, keep))


@bookkeeper
def refund_credit(request: SignedIn, client_id: int) -> HttpResponse:
    """Pay a client's credit back to him."""
    client = get_object_or_404(Client, pk=client_id)
    most = credit_of(client)
    initial = {"seen": last_seen(Payout, client), "amount": most or None}
    form = CreditBackForm(request.POST or None, most=most, initial=initial)

    def foresee() -> list[str]:
        left = most - form.cleaned_data["amount"]
        return [f"{show_amount(left)} stays his credit." if left else "Nothing of his credit stays."]

    def keep() -> Model:
        told = form.cleaned_data
        return record_once(
            Payout, client, {"amount": told["amount"]}, seen=told["seen"],
            verb=lambda: refunding.pay_out(client, told["amount"], _giving(request, form)),
        )  # fmt: skip

    return _page(request, client, form, _Asked(f"Pay credit back to {client}", "Pay it back", foresee, keep))


@bookkeeper
def take_payout_back(request: SignedIn, payout_id: int) -> HttpResponse:
    """Take back what was paid to a client, as it came back or was never sent."""
    payout = get_object_or_404(Payout.objects.select_related("client"), pk=payout_id)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            refunding.take_back(payout, at=timezone.now(), why=form.cleaned_data["why"], by=request.user)
        except Refused as refusal:
            form.add_error(None, _sentence(refusal))
        else:
            messages.success(request, f"{show_amount(payout.amount)} is {payout.client}’s credit again.")
            return redirect("invoices:refunds", payout.client_id)
    reply = {"payout": payout, "client": payout.client, "form": form, "is_back": hasattr(payout, "taken_back")}
    return render(request, "invoices/payout_back.html", reply, status=422 if form.errors else 200)


def _giving(request: SignedIn, form: GivingForm) -> Giving:
    told = form.cleaned_data
    return Giving(told["why"], timezone.now(), request.user, form.way(), told["reference"])


def _page(request: SignedIn, client: Client, form: GivingForm, asked: _Asked) -> HttpResponse:
    """Ask, show what comes of it, and keep it once the person is certain."""
    words: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            words = [*asked.foresee(), _paid_in_words(form)]
            if form.cleaned_data["is_certain"]:
                asked.keep()
                messages.success(request, f"Done. {' '.join(words)}")
                return redirect("invoices:refunds", client.pk)
        except Refused as refusal:
            form.add_error(None, _sentence(refusal))
            form.data = {**form.data.dict(), "is_certain": ""}  # type: ignore[attr-defined]
            words = []
    reply: dict[str, Any] = {"client": client, "form": form, "asked": asked, "words": words}
    return render(request, "invoices/refund.html", reply, status=422 if form.errors else 200)


def _paid_in_words(form: GivingForm) -> str:
    way = form.way()
    if way is None:
        return "Nothing is paid out."
    return f"What is left over is paid out ({way.label.lower()})."


def _sentence(refusal: Refused) -> str:
    text = str(refusal)
    return f"{text[0].upper()}{text[1:]}."
