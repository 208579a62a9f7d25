"""Issues invoices for closings, in order; plays a client's account and his invoices to a moment together."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects

from rounds.charges import rating
from rounds.charges.accounts import Position, hold
from rounds.charges.facts import unplayed_voids, unrated_parts, unrated_stints
from rounds.charges.models import Advance, Closing, ClosingLine, Standing
from rounds.clients.agreeing import shop_versions
from rounds.clients.models import Agreement, Client
from rounds.clients.sharing import WHOLE, Share
from rounds.core import entries, settling
from rounds.core.account import Kind
from rounds.core.settling import Debts
from rounds.core.terms import Shops
from rounds.invoices import interest
from rounds.invoices.debts import Source, due_since, sources_of
from rounds.invoices.models import Allocation, Interest, Invoice, InvoiceLine, Payment, Series
from rounds.invoices.settling import keep_allocations, receive
from rounds.invoices.wording import words_for
from rounds.ledger.booking import chart_of, closing_value, post
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop
from rounds.rows.inserting import insert
from rounds.work.models import Order

CLIENTS_AT_ONCE = 25  # whose accounts are read together: enough to be quick, few enough to be read just before


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
    """Bring some clients side by side: each to his next closing, which is issued before he is played on.

    Killed at any moment and run again, it goes on where it was: closings without an invoice are issued first, those
    of whoever plays the same account at the same time, too.
    """
    issued, shops = issue_waiting(clients), shops or shop_versions()
    playing = rating.play_all(clients, until, shops, _called(issued, until, shops))
    while playing:
        reached = [(closings, next(closings, None)) for closings in playing]
        issued += issue_all([closing for _, closing in reached if closing is not None])
        playing = [closings for closings, closing in reached if closing is not None]
    return issued


def bring_before_closing(client: Client, day: date, at: datetime) -> list[Invoice]:
    """Play a client to the point of a day at which hours bought and deposits count."""
    issued = issue_waiting([client])
    playing = rating.play_before_closing(client, day, at, _called(issued, at, shop_versions()))
    return issued + [issue(closing) for closing in playing]


def _called(issued: list[Invoice], at: datetime, shops: Shops) -> rating.Called:
    """What playing calls: others' closings are issued first, and late invoices charged before a first is billed."""

    def before_first(position: Position, day: date) -> None:
        interest.charge(position, day, at=at)

    return rating.Called(
        lambda client: issued.extend(issue_waiting([client])),
        before_first if interest.is_charged(shops) else None,
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


def issue(closing: Closing) -> Invoice:
    """Issue the invoice of a closing; issued before, it stays as it is. The client's credit pays at once."""
    return issue_all([closing])[0]


def issue_all(closings: Sequence[Closing]) -> list[Invoice]:
    """Issue some clients' closings, one each, in transactions of their own.

    What is printed on them is read of all at once: a closing and what it bills do not change any more.
    """
    if not closings:
        return []
    shop = the_shop()
    about = ("agreement", "charge__rated__stint__order", "charge__rated__part")
    lines: dict[int, list[ClosingLine]] = {}
    for line in ClosingLine.objects.filter(closing__in=closings).select_related(*about).order_by("position"):
        lines.setdefault(line.closing_id, []).append(line)
    prefetch_related_objects(closings, "taxes")
    return [_issue(closing, lines.get(closing.pk, []), shop) for closing in closings]


@transaction.atomic
def _issue(closing: Closing, lines: Sequence[ClosingLine], shop: Shop) -> Invoice:
    client = closing.client
    hold(client)
    if Invoice.objects.filter(closing=closing).exists():
        return Invoice.objects.get(closing=closing)
    value, sources = closing_value(closing, lines, list(closing.taxes.all())), sources_of(client)
    late = interest.of_charges([line.charge_id for line in lines if line.kind == Kind.INTEREST and line.charge_id])
    debts = Debts(credit=sum(source.left for source in sources))

    _receivable, settlement = settling.issue(debts, closing.pk, value)

    invoice = _keep_invoice(closing, value.total, shop)
    insert(_line(invoice, line, late.get(line.charge_id or 0)) for line in lines)
    if closing.is_paid_at_once:
        _keep_deposit(invoice)
    elif settlement.allocations:
        _keep_credit_used(invoice, settlement, sources)
    receipts = [settling.Receipt(invoice.pk, receipt.amount) for receipt in settlement.receipts]
    receive(client, receipts, closing.on, closing.at)
    return invoice


def next_number(series: str) -> int:
    """Take the next number of a series, inside the transaction that uses it: if that fails, the number is not taken."""
    if not Series.objects.filter(name=series).update(last=F("last") + 1):
        Series.objects.get_or_create(name=series)
        Series.objects.filter(name=series).update(last=F("last") + 1)
    return Series.objects.values_list("last", flat=True).get(name=series)


def _keep_invoice(closing: Closing, total: int, shop: Shop) -> Invoice:
    """Keep an invoice with a copy of everything printed on it."""
    client, series = closing.client, str(closing.on.year)
    return Invoice.objects.create(
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


def _line(invoice: Invoice, line: ClosingLine, late: Interest | None) -> InvoiceLine:
    days = (late.first_day, late.last_day) if late else (line.first_day, line.last_day)
    return InvoiceLine(
        invoice_id=invoice.pk,
        position=line.position,
        kind=line.kind,
        text=words_for(line, late, is_deposit=invoice.closing.is_paid_at_once),
        amount=line.amount,
        seconds=line.seconds,
        rate=line.rate,
        quantity=line.quantity,
        first_day=days[0],
        last_day=days[1],
        done_on=line.charge.rated.done_on if line.charge and line.charge.rated else None,
        tax_id=line.tax_id,
        charge_id=line.charge_id,
    )


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
