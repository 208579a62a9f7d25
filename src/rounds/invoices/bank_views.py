"""The bank's lines: upload a file, confirm what is suggested, choose, ignore, undo; and take a payment back."""

from collections.abc import Callable

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from rounds.clients.models import Client
from rounds.core.bank import Suggestion
from rounds.core.money import Refused, show_amount
from rounds.invoices import importing
from rounds.invoices.bank_forms import DecisionForm, ReversalForm, UploadForm, choice_of
from rounds.invoices.models import BankDecision, BankLine, Fate, Invoice, Payment
from rounds.invoices.unpaying import bounce, take_back
from rounds.pages.listing import Listing, as_csv, as_number
from rounds.people.access import SignedIn, bookkeeper

SORTS = {"day": ("-on", "-pk"), "amount": ("amount",), "name": ("name",)}
MOST = 1000  # new lines that are looked at for sure ones at once


@bookkeeper
def bank(request: SignedIn) -> HttpResponseBase:
    """The bank's lines: what is new with what it probably is, what was decided; and the form for the next file."""
    return _show_bank(request, UploadForm())


def _show_bank(request: SignedIn, form: UploadForm) -> HttpResponseBase:
    state, text = request.GET.get("state", "new"), request.GET.get("q", "").strip()
    rows = BankLine.objects.with_fate()
    fates = {"new": Fate.REOPENED, "matched": Fate.MATCHED, "ignored": Fate.IGNORED}
    if state in fates:
        rows = rows.filter(Q(fate=fates[state]))
    for word in text.split():
        rows = rows.filter(name__icontains=word) | rows.filter(text__icontains=word)
    listing = Listing(request, rows, sorts=SORTS, noun="lines")
    if listing.is_csv:
        columns = {
            "Day": lambda row: row.on.isoformat(),
            "Amount": lambda row: as_number(row.amount),
            "Name": lambda row: row.name,
            "Account": lambda row: row.from_account,
            "Text": lambda row: row.text,
            "State": lambda row: row.fate or "new",
        }
        return as_csv(listing, "bank", columns)
    sure = _sure(_new()) if state == "new" else []
    reply = {
        "listing": listing, "state": state, "q": text, "form": form, "sure": sure, "shown": _with_words(listing.rows),
        "sure_amount": sum(line.amount for line in sure), "has_lines": BankLine.objects.exists(),
    }  # fmt: skip
    return render(request, "invoices/bank.html", reply, status=422 if form.errors else 200)


def _new() -> list[BankLine]:
    """The lines of money in that nobody has decided about, the oldest first."""
    return list(BankLine.objects.with_fate().filter(Q(fate=Fate.REOPENED), amount__gt=0).order_by("on", "pk")[:MOST])


def _sure(lines: list[BankLine]) -> list[BankLine]:
    """Those whose suggestion is sure."""
    books = importing.books_for(lines)
    return [line for line in lines if (found := books.suggest(line)) is not None and found.is_sure]


def _with_words(lines: list[BankLine]) -> list[dict[str, object]]:
    """Lines as the list shows them: with what is suggested, or what was decided."""
    books = importing.books_for(lines)
    found = {line.pk: books.suggest(line) for line in lines if not line.fate}
    clients = Client.objects.in_bulk([int(one.client) for one in found.values() if one])
    numbers = {one.key: one.full_number for one in books.owed}
    decisions = {line.pk: _last_decision(line) for line in lines if line.fate}
    shown: list[dict[str, object]] = []
    for line in lines:
        suggested = found.get(line.pk)
        shown.append({
            "line": line, "suggested": suggested, "decision": decisions.get(line.pk),
            "payment": _payment_of(decisions.get(line.pk)),
            "client": clients.get(int(suggested.client)) if suggested else None,
            "number": numbers.get(suggested.invoice) if suggested and suggested.invoice else None,
            "choice": _choice(suggested) if suggested else "",
            "may_be_return": not line.fate and bool(importing.returned_by(line)),
        })  # fmt: skip
    return shown


def _last_decision(line: BankLine) -> BankDecision | None:
    related = ("payment__client", "payment__invoice", "reversal__payment__client", "by")
    return line.decisions.select_related(*related).order_by("-turn").first()


def _payment_of(decision: BankDecision | None) -> Payment | None:
    """The payment that a line was decided to be, or to return."""
    if decision is None:
        return None
    return decision.reversal.payment if decision.reversal else decision.payment


def _choice(suggested: Suggestion) -> str:
    return choice_of(Invoice if suggested.invoice else Client, suggested.invoice or suggested.client)


@bookkeeper
@require_POST
def create_bank_file(request: SignedIn) -> HttpResponseBase:
    """Read a file of the bank's."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            is_ours, name = form.cleaned_data["is_ours"], file.name or "file"
            kept = importing.keep_file(file.read(), name, at=timezone.now(), by=request.user, is_ours=is_ours)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            known = f"; {kept.known} were known" if kept.known else ""
            told = f"{kept.new} new line{'' if kept.new == 1 else 's'}{known}." if kept.new else "Nothing in it is new."
            messages.success(request, f"{file.name}: {told}")
            return redirect("invoices:bank")
    return _show_bank(request, form)


@bookkeeper
@require_POST
def create_bank_payments(request: SignedIn) -> HttpResponse:
    """Record the payments of all lines whose suggestion is sure."""
    results = list(importing.confirm_sure(_new(), at=timezone.now(), by=request.user))
    made = [one for one in results if isinstance(one, Payment)]
    for refusal in results:
        if isinstance(refusal, Refused):
            messages.error(request, f"Not recorded: {refusal}.")
    total = show_amount(sum(payment.amount for payment in made))
    messages.success(request, f"{len(made)} payment{'' if len(made) == 1 else 's'} recorded, {total} in all.")
    return redirect("invoices:bank")


@bookkeeper
def bank_line(request: SignedIn, line_id: int) -> HttpResponse:
    """One line: say whose payment it is, or that it is the return of one."""
    line = _line_or_404(line_id)
    suggested = importing.books_for([line]).suggest(line)
    first = request.GET.get("choice") or (_choice(suggested) if suggested else "")
    form = DecisionForm(request.POST or None, line=line, initial={"choice": first} if first else None)
    if request.method == "POST" and form.is_valid():
        try:
            told = _decide(line, form, request)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, told)
            return redirect("invoices:bank")
    reply = {"line": line, "form": form, "suggested": suggested, "decision": _last_decision(line)}
    return render(request, "invoices/bank_line.html", reply, status=422 if form.errors else 200)


def _decide(line: BankLine, form: DecisionForm, request: SignedIn) -> str:
    """Keep what was chosen; says what was done."""
    at, chosen, amount = timezone.now(), form.chosen, show_amount(abs(line.amount))
    if isinstance(chosen, Payment) and line.amount < 0:
        importing.confirm_return(line, chosen, at=at, by=request.user, fee=form.cleaned_data.get("fee") or 0)
        return f"The payment of {amount} from {chosen.client} is taken back; what it had settled is open again."
    if isinstance(chosen, Payment):
        importing.link(line, chosen, at=at, by=request.user)
        return f"{amount} is the payment from {chosen.client} that was recorded before."
    client = chosen.client if isinstance(chosen, Invoice) else chosen
    invoice = chosen if isinstance(chosen, Invoice) else None
    importing.confirm(line, client, invoice, at=at, by=request.user)
    return f"{amount} from {client} is recorded{f' for invoice {invoice}' if invoice else ''}."


@bookkeeper
@require_POST
def create_ignored(request: SignedIn, line_id: int) -> HttpResponse:
    """Leave a line aside."""
    return _do(request, line_id, importing.ignore, "is left aside")


@bookkeeper
@require_POST
def create_reopened(request: SignedIn, line_id: int) -> HttpResponse:
    """Undo what was decided about a line."""
    return _do(request, line_id, importing.reopen, "is new again")


def _do(request: SignedIn, line_id: int, verb: Callable[..., None], told: str) -> HttpResponse:
    line = _line_or_404(line_id)
    try:
        verb(line, at=timezone.now(), by=request.user)
    except Refused as refusal:
        messages.error(request, f"Not done: {refusal}.")
    else:
        messages.success(request, f"The line over {show_amount(line.amount)} {told}.")
    return redirect("invoices:bank")


def _line_or_404(line_id: int) -> BankLine:
    return get_object_or_404(BankLine.objects.with_fate(), pk=line_id)


@bookkeeper
def create_reversal(request: SignedIn, payment_id: int) -> HttpResponse:
    """Take a payment back, for a reason, or because the bank returned it; names it, as it cannot be undone."""
    payment = get_object_or_404(Payment.objects.select_related("client", "invoice"), pk=payment_id)
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, at = form.cleaned_data, timezone.now()
        try:
            if told["has_bounced"]:
                bounce(payment, at=at, why=told["why"], by=request.user, fee=told["fee"] or 0)
            else:
                take_back(payment, at=at, why=told["why"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The payment of {show_amount(payment.amount)} is taken back.")
            return redirect("invoices:client_money", payment.client_id)
    reply = {"payment": payment, "client": payment.client, "form": form, "is_back": hasattr(payment, "reversal")}
    return render(request, "invoices/reversal.html", reply, status=422 if form.errors else 200)
