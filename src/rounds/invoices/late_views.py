"""What is done about invoices that are not paid: write-off, reminders and their pauses; the statement on paper."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from rounds.clients.models import Client
from rounds.core.money import Refused, show_amount
from rounds.invoices import reminding
from rounds.invoices.late_forms import WhyForm, WriteOffForm, step_forms
from rounds.invoices.mailing import recipients_of
from rounds.invoices.models import WriteOff
from rounds.invoices.papers import statement_pdf
from rounds.invoices.statements import statement_of
from rounds.invoices.views import invoice_or_404
from rounds.invoices.writing_off import take_up, write_off, written_off
from rounds.mail.sending import Attachment, write_letter
from rounds.people.access import SignedIn, bookkeeper, office, owner
from rounds.people.shop import the_shop


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def create_write_off(request: SignedIn, number: str) -> HttpResponse:
    """Write off what is open on an invoice, or expect it again; both stay in the books."""
    shown = invoice_or_404(number)
    lost, now = written_off(shown), timezone.now()
    seen = shown.write_offs.count()
    form = WriteOffForm(request.POST or None, initial={"seen": seen, "amount": shown.open or None})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if told["seen"] != WriteOff.objects.filter(invoice=shown).count():
                raise Refused("this was recorded already")
            kept = write_off(shown, told["amount"], at=now, why=told["why"], by=request.user)
        except Refused as refusal:
            form.add_error(None, f"{str(refusal)[0].upper()}{str(refusal)[1:]}.")
        else:
            messages.success(request, f"{show_amount(kept.amount)} of invoice {shown} is written off.")
            return redirect("invoices:invoice", shown.full_number)
    reply = {"invoice": shown, "form": form, "lost": lost, "why_form": WhyForm()}
    return render(request, "invoices/write_off.html", reply, status=422 if form.errors else 200)


@bookkeeper
@require_POST
def create_take_up(request: SignedIn, number: str) -> HttpResponse:
    """Expect again what was written off."""
    shown, form = invoice_or_404(number), WhyForm(request.POST)
    try:
        take_up(shown, at=timezone.now(), why=form.data.get("why", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, f"{str(refusal)[0].upper()}{str(refusal)[1:]}.")
    else:
        messages.success(request, f"Invoice {shown} is expected to be paid again.")
    return redirect("invoices:invoice", shown.full_number)


@bookkeeper
@require_POST
def create_invoice_pause(request: SignedIn, number: str) -> HttpResponse:
    """Send no reminders of an invoice, or (`resume`) send them again."""
    shown, now = invoice_or_404(number), timezone.now()
    if "resume" in request.POST:
        reminding.resume(invoice=shown, at=now)
    else:
        reminding.pause(invoice=shown, why=request.POST.get("why", ""), by=request.user, at=now)
    return redirect("invoices:invoice", shown.full_number)


@bookkeeper
@require_POST
def create_client_pause(request: SignedIn, client_id: int) -> HttpResponse:
    """Send a client no reminders, or (`resume`) send them again."""
    client, now = get_object_or_404(Client, pk=client_id), timezone.now()
    if "resume" in request.POST:
        reminding.resume(client=client, at=now)
        messages.success(request, f"{client} is reminded again of what is late.")
    else:
        reminding.pause(client=client, why=request.POST.get("why", ""), by=request.user, at=now)
        messages.success(request, f"{client} gets no reminders until you end the pause.")
    return redirect("invoices:statement", client.pk)


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: SignedIn) -> HttpResponse:
    """How the shop reminds: up to three steps."""
    forms = step_forms(request.POST or None)
    problem = ""
    if request.method == "POST" and all(form.is_valid() for form in forms):
        told = [form.cleaned_data for form in forms]
        try:
            reminding.set_steps([(one["days_late"], one["text"], one["fee"] or 0) for one in told if one["days_late"]])
        except Refused as reason:
            problem = f"{str(reason)[0].upper()}{str(reason)[1:]}."
        else:
            messages.success(request, "Late invoices are reminded of like this from now on.")
            return redirect("invoices:reminders")
    is_wrong = bool(problem) or any(form.errors for form in forms)
    reply = {"forms": forms, "problem": problem}
    return render(request, "invoices/reminders.html", reply, status=422 if is_wrong else 200)


@office
def statement_document(_request: SignedIn, client_id: int) -> HttpResponse:
    """The statement of account as PDF."""
    client = get_object_or_404(Client, pk=client_id)
    reply = HttpResponse(statement_pdf(client, statement_of(client), timezone.now()), content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="statement-{client.pk}.pdf"'
    return reply


@bookkeeper
@require_POST
def create_statement_letter(request: SignedIn, client_id: int) -> HttpResponse:
    """Write the client a letter with his statement."""
    client, at, shop = get_object_or_404(Client, pk=client_id), timezone.now(), the_shop()
    lines = statement_of(client)
    owed = lines[-1].owed if lines else 0
    says = f"You owe {shop.currency} {show_amount(owed)}." if owed > 0 else "You owe nothing."
    body = f"Hello {client},\n\nhere is the statement of your account. {says}\n\n{shop.name}\n"
    paper = Attachment(f"statement-{client.pk}.pdf", statement_pdf(client, lines, at))
    try:
        write_letter(f"statement:{client.pk}:{at:%Y%m%d%H%M%S}", recipients_of(client),
                     f"Statement of account from {shop.name}", body, paper)  # fmt: skip
    except Refused as refusal:
        messages.error(request, f"Not sent: {refusal}.")
    else:
        messages.success(request, f"The statement goes to {', '.join(recipients_of(client))} within a minute.")
    return redirect("invoices:statement", client.pk)
