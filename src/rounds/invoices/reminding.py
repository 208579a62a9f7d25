"""Reminds clients of invoices that are late: step by step, each once, by a letter with the reminder as PDF."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from rounds.charges.accounts import hold
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.invoices.interest import so_far
from rounds.invoices.mailing import recipients_of
from rounds.invoices.models import Invoice, InvoiceSet, Reminder, ReminderPause, ReminderStep
from rounds.invoices.papers import day_of, reminder_pdf, title_of, words_on_interest
from rounds.invoices.printing import amount
from rounds.mail.models import Letter
from rounds.mail.sending import Attachment, write_letter
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work import ordering
from rounds.work.models import Part

FEE = "Reminder fee"


def pull(at: datetime) -> int:
    """Write the reminders that are due; says how many."""
    steps = list(ReminderStep.objects.all())
    if not steps:
        return 0
    today = local_day(at)
    earliest = today - timedelta(days=steps[0].days_late)
    late = _not_paused(Invoice.objects.unpaid().filter(due_on__lte=earliest)).select_related("client")
    due = [(row, step) for row in late if (step := _step_due(row, steps, today)) is not None]
    return sum(remind(row, step, at=at) is not None for row, step in due)


def remind(invoice: Invoice, step: ReminderStep, *, at: datetime) -> Reminder | None:
    """Write a step's reminder of an invoice, once; None: it was written, or nobody gets the client's invoices.

    The fee, if there is one, is charged as a part on the next first. The PDF is printed before anything is kept, as
    nothing else may wait for it.
    """
    to = recipients_of(invoice.client)
    if not to or invoice.reminders.filter(number=step.number).exists():
        return None
    is_open = Invoice.objects.with_open().get(pk=invoice.pk).open
    fee = 0 if invoice.client.left_at else step.fee  # nothing more is charged to those who have left
    today = local_day(at)
    row = Reminder(invoice=invoice, number=step.number, on=today, at=at, open=is_open, fee=fee, text=step.text,
                   interest=so_far(invoice, today))  # fmt: skip
    paper = Attachment(f"reminder-{invoice.full_number}-{step.number}.pdf", reminder_pdf(row))
    try:
        with transaction.atomic():
            hold(invoice.client)
            row.save(force_insert=True)
            write_letter(_key(row), to, f"{title_of(row)} from {invoice.shop_name}", body_of(row), paper)
            if row.fee:
                _charge(row)
    except IntegrityError:  # somebody else wrote it at the same moment
        return None
    return row


def letter_of(reminder: Reminder) -> Letter | None:
    """The letter with which a reminder went."""
    return Letter.objects.filter(key=_key(reminder)).defer("attachment").first()


def pause(
    *, client: Client | None = None, invoice: Invoice | None = None, why: str = "", by: User | None, at: datetime
) -> None:
    """Send no reminders for a client, or for an invoice, until `resume`; paused before, it stays as it is."""
    ReminderPause.objects.get_or_create(
        client=client, invoice=invoice, ended_at=None, defaults={"why": why.strip()[:200], "by": by, "since": at}
    )


def resume(*, client: Client | None = None, invoice: Invoice | None = None, at: datetime) -> None:
    """Send reminders again."""
    ReminderPause.objects.filter(client=client, invoice=invoice, ended_at=None).update(ended_at=at)


def pause_of(*, client: Client | None = None, invoice: Invoice | None = None) -> ReminderPause | None:
    """The pause that holds now."""
    return ReminderPause.objects.filter(client=client, invoice=invoice, ended_at=None).first()


@transaction.atomic
def set_steps(steps: list[tuple[int, str, int]]) -> None:
    """Keep how the shop reminds: days late, words and fee (cents) of each step, in order. None: no reminders.

    Refused: a step without words, or not later than the one before.
    """
    before = 0
    for number, (days, text, fee) in enumerate(steps, start=1):
        if not text.strip():
            raise Refused(f"step {number} says nothing: write its words")
        if days <= before:
            raise Refused(f"step {number} comes after {days} days: make it later than {before}")
        if fee < 0:
            raise Refused(f"the fee of step {number} is negative")
        before = days
    ReminderStep.objects.all().delete()
    ReminderStep.objects.bulk_create(
        ReminderStep(number=number, days_late=days, text=text.strip(), fee=fee)
        for number, (days, text, fee) in enumerate(steps, start=1)
    )


def body_of(reminder: Reminder) -> str:
    """The letter in plain text."""
    invoice = reminder.invoice
    fee = f"A fee of {invoice.currency} {amount(reminder.fee)} comes with the next invoice." if reminder.fee else ""
    parts = [
        f"Hello {invoice.client_name},",
        reminder.text,
        f"Invoice {invoice.full_number} of {day_of(invoice.issued_on)} was due on {day_of(invoice.due_on)}; "
        f"{invoice.currency} {amount(reminder.open)} is open.",
        fee,
        words_on_interest(reminder),
        invoice.shop_bank_details.strip(),
        "\n".join(filter(None, [invoice.shop_name, invoice.shop_phone, invoice.shop_email])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _step_due(invoice: Invoice, steps: list[ReminderStep], today: date) -> ReminderStep | None:
    """The next step of an invoice, if its day has come: as long after the last reminder as the steps are apart."""
    last = invoice.reminders.order_by("number").last()
    following = next((step for step in steps if last is None or step.number > last.number), None)
    if following is None or (today - invoice.due_on).days < following.days_late:
        return None
    before = next((step.days_late for step in steps if last and step.number == last.number), 0)
    if last and today < last.on + timedelta(days=following.days_late - before):
        return None
    return following


def _not_paused(rows: InvoiceSet) -> InvoiceSet:
    """Those whose reminders are not paused, for themselves or for their client."""
    paused = ReminderPause.objects.filter(ended_at=None)
    clients = paused.filter(client__isnull=False).values("client")
    invoices = paused.filter(invoice__isnull=False).values("invoice")
    return rows.exclude(Q(client__in=clients) | Q(pk__in=invoices))


def _charge(reminder: Reminder) -> None:
    """Charge a reminder's fee: a part, so that it stands on the next invoice."""
    client, at = reminder.invoice.client, reminder.at
    order = ordering.take_order(ordering.Call(client, FEE), by=None, at=at)
    name = f"{FEE}, invoice {reminder.invoice.full_number}"
    ordering.use_part(order, Part(order=order, name=name, quantity=1, price=reminder.fee, used_at=at), by=None, at=at)
    ordering.finish(order, at=at)


def _key(reminder: Reminder) -> str:
    return f"reminder:{reminder.invoice_id}:{reminder.number}"
