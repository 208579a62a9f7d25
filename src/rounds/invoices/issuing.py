"""Issues invoices for closings, in order; plays a client's account and his invoices to a moment together."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from rounds.charges import rating
from rounds.charges.accounts import Position, hold
from rounds.charges.facts import unplayed_voids, unrated_parts, unrated_stints
from rounds.charges.models import Advance, Closing, Standing
from rounds.clients.agreeing import shop_versions
from rounds.clients.models import Agreement, Client
from rounds.clients.sharing import WHOLE, Share
from rounds.core import account as values
from rounds.core import entries, settling
from rounds.core.account import Kind
from rounds.core.settling import Debts
from rounds.core.terms import Shops
from rounds.invoices import interest
from rounds.invoices.billed import Billed, lines_of
from rounds.invoices.debts import Source, due_since, sources_of
from rounds.invoices.models import Allocation, Interest, Invoice, InvoiceLine, Payment, Series
from rounds.invoices.settling import keep_allocations, receive
from rounds.invoices.wording import words_for
from rounds.ledger.booking import chart_of, post
from rounds.ledger.steps import closing_values
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop
from rounds.rows import prepared
from rounds.rows.asking import Question
from rounds.rows.inserting import insert, insert_values
from rounds.work.models import Order

PRINTED = ("position", "kind", "text", "amount", "seconds", "rate", "quantity", "first_day", "last_day", "done_on",
           "tax_id", "charge_id")  # fmt: skip
ISSUED = Question(lambda closing: Invoice.objects.filter(closing=closing).order_by().values_list("pk"))
CLIENTS_AT_ONCE = 100  # whose accounts are read together: enough to be quick, few enough to be read just before


def pull(at: datetime, share: Share = WHOLE) -> int:
    """Play every client who has something to play, and issue what comes due; says how many invoices were issued."""
    shops, count = shop_versions(), 0
    for keys in batched(due_clients(at).filter(share.of_clients).values_list("pk", flat=True), CLIENTS_AT_ONCE):
        clients = list(Client.objects.filter(pk__in=keys).order_by("pk"))
        count += len(bring_all(clients, at, shops))
    return count


def bring(client: Client, until: datetime, shops: Shops | None = None) -> list[Invoice]:
    """Play a client's account to a moment and issue what comes due, each before the account is played on."""
    return bring_all([client], until, shops)


def bring_all(clients: Sequence[Client], until: datetime, shops: Shops | None = None) -> list[Invoice]:
    """Bring some clients, whose accounts are read together: what a closing closes is issued in its transaction.

    Killed at any moment and run again, it goes on where it was: closings that were left without an invoice (hours
    bought, deposits) are issued first, those of whoever plays the same account at the same time, too.
    """
    issued, shops = list[Invoice](), shops or shop_versions()
    for playing in rating.play_all(clients, until, shops, _called(issued, until, shops)):
        for _ in playing:
            pass
    return issued


def bring_before_closing(client: Client, day: date, at: datetime) -> list[Invoice]:
    """Play a client to the point of a day at which hours bought and deposits count."""
    issued = list[Invoice]()
    for _ in rating.play_before_closing(client, day, at, _called(issued, at, shop_versions())):
        pass
    return issued


def _called(issued: list[Invoice], at: datetime, shops: Shops) -> rating.Called:
    """What playing calls: closings are issued as they are kept, and late invoices charged before a first is billed.

    Others' closings are issued once the account has been read: what is closed later makes it Moved, so that interest
    and blocks bought by themselves never overlook an invoice that somebody else is just about to issue.
    """

    shop = the_shop()

    def before_first(position: Position, day: date) -> None:
        interest.charge(position, day, at=at)

    return rating.Called(
        lambda clients: issued.extend(issue_waiting(clients)),
        before_first if interest.is_charged(shops) else None,
        lambda closing, value: issued.append(_issue(closing, value, shop)),
        due_since,
    )


def issue_waiting(clients: Sequence[Client]) -> list[Invoice]:
    """Issue some clients' closings that have no invoice yet, in the order they were made."""
    waiting = waiting_closings().filter(client__in=clients).select_related("client").order_by("pk")
    return [issue(closing) for closing in waiting]


def waiting_closings() -> QuerySet[Closing]:
    """Closings that have no invoice yet."""
    return Closing.objects.filter(~Exists(Invoice.objects.filter(closing=OuterRef("pk"))))


def due_clients(at: datetime) -> QuerySet[Client]:
    """Clients whose account has something to play: a day to open, a fact to rate, a closing to issue."""
    today = local_day(at)
    unopened = Standing.objects.filter(client=OuterRef("pk"), opened_through__lt=today)
    charged = Advance.objects.filter(agreement=OuterRef("pk"), first_day=OuterRef("starts"))
    agreed = Agreement.objects.filter(client=OuterRef("pk"), starts__lte=today).exclude(end__ends__lt=F("starts"))
    stints = unrated_stints().filter(recorded_at__lte=at).filter(Q(is_held=False) | Q(approval__at__lte=at))
    orders = Order.objects.filter(pk__in=stints.values("order"))  # not joined: that would look up every stint's order
    parts = unrated_parts().filter(recorded_at__lte=at)
    voids = unplayed_voids().filter(at__lte=at)
    return Client.objects.filter(
        Q(pk__in=orders.values("client"))
        | Q(pk__in=parts.values("order__client"))
        | Q(pk__in=voids.values("stint__order__client"))
        | Q(pk__in=voids.values("part__order__client"))
        | Q(pk__in=waiting_closings().values("client"))
        | Exists(unopened)
        | Exists(agreed.filter(~Exists(charged)))
    ).order_by("pk")


@transaction.atomic
def issue(closing: Closing) -> Invoice:
    """Issue the invoice of a closing; issued before, it stays as it is. The client's credit pays at once."""
    hold(closing.client)
    if ISSUED.about(closing.pk):
        return Invoice.objects.get(closing=closing)
    return _issue(closing, closing_values([closing])[closing.pk], the_shop())


def _issue(closing: Closing, value: values.Closing, shop: Shop) -> Invoice:
    """Issue the invoice of a closing that has none, in the transaction that holds its account."""
    client = closing.client
    sources = sources_of(client)
    debts = Debts(credit=sum(source.left for source in sources))

    _receivable, settlement = settling.issue(debts, closing.pk, value)

    invoice = _keep_invoice(closing, value.total, shop)
    _keep_lines(invoice, closing)
    if closing.is_paid_at_once:
        _keep_deposit(invoice)
    elif settlement.allocations:
        _keep_credit_used(invoice, settlement, sources)
    receipts = [settling.Receipt(invoice.pk, receipt.amount) for receipt in settlement.receipts]
    receive(client, receipts, closing.on, closing.at)
    return invoice


def next_number(series: str) -> int:
    """Take the next number of a series, inside the transaction that uses it: if that fails, the number is not taken."""
    table = connection.ops.quote_name(Series._meta.db_table)
    statement = f"UPDATE {table} SET last = last + 1 WHERE name = %s RETURNING last"  # noqa: S608 - our own name
    with prepared.cursor() as cursor:
        cursor.execute(statement, [series])
        taken = cursor.fetchone()
    if taken is None:
        Series.objects.get_or_create(name=series)
        return next_number(series)
    return int(taken[0])


def _keep_invoice(closing: Closing, total: int, shop: Shop) -> Invoice:
    """Keep an invoice with a copy of everything printed on it."""
    client, series = closing.client, str(closing.on.year)
    invoice = Invoice(
        closing=closing,
        client=client,
        series=series,
        number=next_number(series),
        issued_on=closing.on,
        due_on=closing.due,
        issued_at=closing.at,
        **parties_of(shop, client),
        tax=closing.tax,
        total=total,
        from_retainer=closing.from_retainer,
        asked=closing.asked,
    )
    return insert([invoice])[0]


def parties_of(shop: Shop, client: Client) -> dict[str, str]:
    """The shop and the client as an invoice copies them, and the currency, by the names of its fields."""
    return {
        "currency": shop.currency,
        "shop_name": shop.name,
        "shop_address": shop.address,
        "shop_country": shop.country,
        "shop_email": shop.email,
        "shop_phone": shop.phone,
        "shop_tax_number": shop.tax_number,
        "shop_bank_details": shop.bank_details,
        "client_name": client.name,
        "client_address": client.billing_address,
        "client_country": client.country or shop.country,
        "client_tax_number": client.tax_number,
    }


def _keep_lines(invoice: Invoice, closing: Closing) -> None:
    """Keep the lines of an invoice as printed."""
    lines = lines_of(closing)
    late = interest.of_charges([line.charge for line in lines if line.kind == Kind.INTEREST and line.charge])
    rows = [(invoice.pk, *_printed(closing, line, late)) for line in lines]
    insert_values(InvoiceLine, ("invoice_id", *PRINTED), rows)


def _printed(closing: Closing, line: Billed, late: Mapping[int, Interest]) -> tuple[Any, ...]:
    """A line as printed: the values of the columns of `PRINTED`."""
    of = late.get(line.charge or 0)
    text = words_for(line, of, is_deposit=closing.is_paid_at_once)
    days = (of.first_day, of.last_day) if of else (line.first_day, line.last_day)
    done_on = line.work.done_on if line.work else None
    return (line.position, line.kind, text, line.amount, line.seconds, line.rate, line.quantity, *days, done_on,
            line.tax, line.charge)  # fmt: skip


def _keep_deposit(invoice: Invoice) -> None:
    """Keep that a deposit was paid at once; its money is in the books with its closing."""
    payment = Payment.objects.create(
        client=invoice.client, amount=invoice.total, on=invoice.issued_on, at=invoice.issued_at, invoice=invoice
    )
    Allocation.objects.create(invoice=invoice, payment=payment, amount=invoice.total, on=invoice.issued_on)


def _keep_credit_used(invoice: Invoice, settlement: settling.Settlement, sources: list[Source]) -> None:
    """Keep what the client's credit pays of the invoice as it is issued, and book it."""
    paid = sum(allocation.amount for allocation in settlement.allocations)
    keep_allocations(sources, [settling.Allocation(invoice.pk, paid)], invoice.issued_on)
    chart, key = chart_of(invoice.client, invoice.currency), f"settled:{invoice.pk}"
    what = f"Credit pays for invoice {invoice}"
    post(entries.entry_of_settlement(chart, settlement, key=key, on=invoice.issued_on, what=what), invoice.client)
