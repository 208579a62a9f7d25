"""A client's money: what he holds, what is not billed, what he owes, and the forms that record what he pays or buys."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from rounds.charges.models import Block, Charge, Deposit, Draw, Held, Notice, Purchase, RetainerMove
from rounds.charges.previewing import next_first
from rounds.clients.agreeing import terms_of
from rounds.clients.models import Client
from rounds.core import buying
from rounds.core.account import Account, NoticeKind
from rounds.core.money import Refused, show_amount, show_hours
from rounds.invoices.balances import balances_of
from rounds.invoices.forms import DepositForm, HoursForm, PaymentForm
from rounds.invoices.interest import coming_of, of_charges
from rounds.invoices.models import Invoice, Payment, Payout
from rounds.invoices.once import last_seen, record_once
from rounds.invoices.paying import Came, pay
from rounds.invoices.reminding import pause_of
from rounds.invoices.selling import buy_hours, deposit
from rounds.invoices.statements import statement_csv, statement_of
from rounds.people.access import SignedIn, bookkeeper, office
from rounds.people.shop import local_day

SHOWN = 20  # of each list; the newest
NOTICES = {
    NoticeKind.LOW_HOURS: "bought hours are low",
    NoticeKind.HOURS_EMPTY: "bought hours are used up",
    NoticeKind.LOW_RETAINER: "the retainer is low",
    NoticeKind.HOURS_LAPSED: "hours have lapsed",
    NoticeKind.HOURS_LAPSING: "hours lapse in 14 days",
    NoticeKind.WORK_NOT_APPROVED: "work waits for approval",
    NoticeKind.BLOCK_BOUGHT: "the next block was bought by itself",
    NoticeKind.NOT_BOUGHT_LATE: "the next block was not bought by itself: an invoice is late",
    NoticeKind.NOT_BOUGHT_ENDING: "the next block was not bought by itself: the agreement ends",
    NoticeKind.NOT_BOUGHT_RETURNED: "the next block was not bought by itself: hours were given back",
}


@office
def client_money(request: SignedIn, client_id: int) -> HttpResponse:
    """What a client holds and owes, and what it is made of."""
    client, today = get_object_or_404(Client, pk=client_id), local_day(timezone.now())
    charges = Charge.objects.filter(client=client).unbilled()
    unbilled = list(charges.select_related("rated__stint__order", "rated__part__order"))
    late = of_charges([charge.pk for charge in unbilled if charge.rated_id is None])
    draws = Draw.objects.filter(client=client).select_related("block", "grant", "rated__stint__order")
    payments = Payment.objects.filter(client=client).select_related("invoice", "reversal")
    notices = Notice.objects.filter(client=client)
    held = Held.objects.filter(client=client, stint__approval=None).select_related("stint__order", "stint__who")
    reply = {
        "client": client,
        "balances": balances_of(client, today),
        "unbilled": [(charge, late.get(charge.pk)) for charge in unbilled],
        "interest": coming_of(client, next_first(today)),
        "held": held,
        "blocks": Block.objects.filter(client=client, withdrawal=None)
        .select_related("purchase__recorded_by", "lapse")
        .with_left()
        .with_back()
        .order_by("-pk"),
        "payouts": Payout.objects.filter(client=client).select_related("taken_back").order_by("-pk")[:SHOWN],
        "draws": draws.order_by("-pk")[:SHOWN],
        "moves": RetainerMove.objects.filter(client=client).order_by("-pk")[:SHOWN],
        "notices": [(one.on, NOTICES[NoticeKind(one.kind)]) for one in notices.order_by("-pk")[:SHOWN]],
        "invoices": Invoice.objects.standing().filter(client=client).with_fate().order_by("-issued_on", "-pk")[:SHOWN],
        "payments": payments.order_by("-at", "-pk")[:SHOWN],
    }
    return render(request, "invoices/client_money.html", reply)


@office
def statement(request: SignedIn, client_id: int) -> HttpResponseBase:
    """A client's account: every invoice, payment and credit in its order, and what was owed after each."""
    client = get_object_or_404(Client, pk=client_id)
    lines = statement_of(client)
    if request.GET.get("format") == "csv":
        return statement_csv(client, lines)
    return render(
        request, "invoices/statement.html", {"client": client, "lines": lines, "pause": pause_of(client=client)}
    )


@bookkeeper
def create_payment(request: SignedIn, client_id: int) -> HttpResponse:
    """Record a payment, for one invoice (`invoice` in the address) or on account."""
    client = get_object_or_404(Client, pk=client_id)
    chosen = Invoice.objects.filter(client=client, pk=_number(request.GET.get("invoice"))).with_open().first()
    seen = last_seen(Payment, client)
    initial = {"seen": seen, "invoice": chosen, "amount": chosen.open if chosen and chosen.open else None}
    form = PaymentForm(request.POST or None, client=client, initial=initial)
    if request.method == "POST" and form.is_valid():
        told, now = form.cleaned_data, timezone.now()
        same = {"amount": told["amount"], "invoice": told["invoice"]}
        try:
            payment = record_once(
                Payment, client, same, seen=told["seen"],
                verb=lambda: pay(
                    client, told["amount"], at=now, invoice=told["invoice"], by=request.user,
                    came=Came(told["note"], told["received_on"]),
                ),
            )  # fmt: skip
        except Refused as refusal:
            _refuse(form, refusal, seen)
        else:
            messages.success(request, f"{show_amount(payment.amount)} from {client} is recorded. {_settled(payment)}")
            return redirect("invoices:client_money", client.pk)
    return _form(request, client, form, "invoices/payment.html")


def _settled(payment: Payment) -> str:
    """Where a payment went, in words."""
    parts = [f"{show_amount(one.amount)} to invoice {one.invoice}" for one in
             payment.allocations.select_related("invoice")]  # fmt: skip
    left = payment.amount - sum(payment.allocations.values_list("amount", flat=True))
    if left:
        parts.append(f"{show_amount(left)} is kept as credit")
    return f"{', '.join(parts)}."


@bookkeeper
def create_purchase(request: SignedIn, client_id: int) -> HttpResponse:
    """Sell a block of hours; shows what it costs and asks before it is invoiced."""
    client = get_object_or_404(Client, pk=client_id)
    today, seen = local_day(timezone.now()), last_seen(Purchase, client)
    form = HoursForm(request.POST or None, initial={"seen": seen})
    question = ""
    if request.method == "POST" and form.is_valid():
        hours = form.cleaned_data["hours"]
        if not request.POST.get("is_certain"):
            question = _block_in_words(client, hours, today)
        else:
            try:
                invoice = record_once(
                    Purchase, client, {"hours": hours}, seen=form.cleaned_data["seen"],
                    verb=lambda: buy_hours(client, hours, at=timezone.now(), by=request.user),
                )  # fmt: skip
            except Refused as refusal:
                _refuse(form, refusal, seen)
            else:
                number = f", invoice {invoice}" if invoice else ""
                messages.success(request, f"{client} has bought {hours} hours{number}.")
                return redirect("invoices:client_money", client.pk)
    return _form(request, client, form, "invoices/purchase.html", question=question)


def _block_in_words(client: Client, hours: int, today: date) -> str:
    """What a block would be and cost, by the rules that will sell it."""
    outcome = buying.buy(Account(terms_of(client)), "preview", today, hours)
    total = outcome.closing.total if outcome.closing else 0
    held = sum(block.seconds for block in outcome.blocks)
    free = held - hours * 3600
    gift = f" and {show_hours(free)} free" if free else ""
    lapses = next((block.lapses_on for block in outcome.blocks if block.lapses_on), None)
    until = f" They lapse on {lapses.day} {lapses:%B %Y}." if lapses else ""
    return f"Sell {hours} hours{gift} to {client} for {show_amount(total)}?{until}"


@bookkeeper
def create_deposit(request: SignedIn, client_id: int) -> HttpResponse:
    """Record money received for the retainer; it is invoiced, and paid, at once."""
    client = get_object_or_404(Client, pk=client_id)
    seen = last_seen(Deposit, client)
    form = DepositForm(request.POST or None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        amount = form.cleaned_data["amount"]
        try:
            invoice = record_once(
                Deposit, client, {"amount": amount}, seen=form.cleaned_data["seen"],
                verb=lambda: deposit(client, amount, at=timezone.now(), by=request.user),
            )  # fmt: skip
        except Refused as refusal:
            _refuse(form, refusal, seen)
        else:
            messages.success(request, f"{show_amount(amount)} is on {client}’s retainer, invoice {invoice}.")
            return redirect("invoices:client_money", client.pk)
    return _form(request, client, form, "invoices/deposit.html")


def _form(
    request: SignedIn, client: Client, form: PaymentForm | HoursForm | DepositForm, template: str, question: str = ""
) -> HttpResponse:
    reply = {"client": client, "form": form, "question": question}
    return render(request, template, reply, status=422 if form.errors else 200)


def _refuse(form: PaymentForm | HoursForm | DepositForm, refusal: Refused, seen: int) -> None:
    """Say why nothing was recorded; sent once more, the form is taken at its word."""
    form.add_error(None, str(refusal))
    form.data = {**form.data.dict(), "seen": str(seen)}  # type: ignore[attr-defined]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 12 else 0
