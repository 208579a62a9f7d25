"""The shop, clients, their contacts and agreements, for other programs."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from msgspec import UnsetType, structs

from rounds.api import shapes
from rounds.api.models import Scope
from rounds.api.operations import Asked, operation
from rounds.api.paging import page_of, shown_at, shown_at_if, since
from rounds.api.problems import Problem
from rounds.clients import agreeing
from rounds.clients.forms import ClientForm, ContactForm
from rounds.clients.keeping import change_contact
from rounds.clients.models import Agreement, Client, Contact, Machine
from rounds.clients.rows import last_day, next_block_value
from rounds.core.money import show_amount, show_hours
from rounds.work.forms import categories


def money(asked: Asked, cents: int) -> shapes.Money:
    """An amount in the shop's currency."""
    return shapes.Money(show_amount(cents), asked.shop.currency)


def money_if(asked: Asked, cents: int | None) -> shapes.Money | None:
    """An amount, if there is one."""
    return None if cents is None else money(asked, cents)


@operation("GET /shop", "Shop", shapes.Shop)
def show_shop(asked: Asked) -> shapes.Shop:
    """The shop and its currency and clock, the kinds of work, and whom the token acts as: a first question to try."""
    person, token = asked.person, asked.token
    you = shapes.You(person.name, person.role, token.scope, token.last_day)  # type: ignore[arg-type]
    kinds = [word for word, _label in categories()]
    shop = asked.shop
    return shapes.Shop(shop.name, shop.currency, shop.time_zone, asked.today, kinds, you)


class ClientQuery(shapes.Changed, frozen=True, kw_only=True):
    """Which clients."""

    q: shapes.Words | None = None
    kind: shapes.Kind | None = None
    state: Literal["current", "left", "all"] = "current"
    sort: Literal["name", "-name", "id", "-id", "changed_at", "-changed_at"] = "name"


CLIENT_SORTS = {"name": "name", "id": "pk", "changed_at": "changed_at"}


@operation("GET /clients", "Clients", shapes.Page[shapes.Client], takes=ClientQuery)
def list_clients(asked: Asked) -> shapes.Page[shapes.Client]:
    """Clients, those that the shop serves unless `state` says otherwise; `q` looks in their names."""
    query = asked.query
    rows = since(Client.objects.all(), query.updated_since, "changed_at")
    if query.state != "all":
        rows = rows.filter(left_at__isnull=query.state == "current")
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.q:
        rows = rows.filter(name__icontains=query.q)
    rows = agreeing.with_plan(rows, asked.today)
    return page_of(asked, rows, CLIENT_SORTS, lambda found: [shapes.Client(**_client(row)) for row in found])


def _client(row: Any) -> dict[str, Any]:
    """A client from `with_plan`, as it is told."""
    return {
        "id": row.pk, "name": row.name, "kind": row.kind, "plan": row.plan, "billing_address": row.billing_address,
        "country": row.country, "tax_number": row.tax_number, "note": row.note, "since": shown_at(row.since),
        "left_at": shown_at_if(row.left_at), "changed_at": shown_at(row.changed_at),
    }  # fmt: skip


@operation("GET /clients/{client}", "Clients", shapes.ClientWhole)
def show_client(asked: Asked, client: int) -> shapes.ClientWhole:
    """One client with his contacts, sites and machines."""
    rows = agreeing.with_plan(Client.objects.all(), asked.today)
    row = get_object_or_404(rows.prefetch_related("contacts", "sites"), pk=client)
    machines = Machine.objects.filter(site__client=row, retired_at=None)
    return shapes.ClientWhole(
        **_client(row),
        contacts=[_contact(one) for one in row.contacts.all()],
        sites=[shapes.Ref(one.pk, one.name) for one in row.sites.all()],
        machines=[shapes.Ref(one.pk, one.name) for one in machines],
    )


@operation("POST /clients", "Clients", shapes.ClientWhole, takes=shapes.NewClient, scope=Scope.WRITE)
def create_client(asked: Asked) -> shapes.ClientWhole:
    """Keep a new client. No other client may have the name."""
    form = ClientForm(_told(asked.body))
    _refuse_wrong(form)
    return show_client(asked, form.save().pk)


@operation("PATCH /clients/{client}", "Clients", shapes.ClientWhole, takes=shapes.ClientChange, scope=Scope.WRITE)
def change_client(asked: Asked, client: int) -> shapes.ClientWhole:
    """Change a client's particulars; what is left out stays. Invoices that were issued keep theirs."""
    row = get_object_or_404(Client.objects.select_for_update(of=("self",)), pk=client)
    form = ClientForm(_kept(row, ClientForm) | _told(asked.body), instance=row)
    _refuse_wrong(form)
    form.save()
    return show_client(asked, row.pk)


def _contact(row: Contact) -> shapes.Contact:
    return shapes.Contact(
        row.pk, row.name, row.email, row.phone, row.best_time, row.may_decide, row.gets_invoices,
        shown_at_if(row.left_at),
    )  # fmt: skip


@operation("GET /contacts/{contact}", "Clients", shapes.Contact)
def show_contact(asked: Asked, contact: int) -> shapes.Contact:
    """One contact of a client."""
    del asked
    return _contact(get_object_or_404(Contact, pk=contact))


@operation("POST /clients/{client}/contacts", "Clients", shapes.Contact, takes=shapes.NewContact, scope=Scope.WRITE)
def create_contact(asked: Asked, client: int) -> shapes.Contact:
    """Keep a new contact of a client. Who gets invoices needs an e-mail address."""
    row = Contact(client=get_object_or_404(Client, pk=client))
    form = ContactForm(_told(asked.body), instance=row)
    _refuse_wrong(form)
    changed = form.save(commit=False)
    change_contact(changed)
    return _contact(changed)


@operation("PATCH /contacts/{contact}", "Clients", shapes.Contact, takes=shapes.ContactChange, scope=Scope.WRITE)
def change_contact_of(asked: Asked, contact: int) -> shapes.Contact:
    """Change a contact's particulars; what is left out stays. His sign-in takes over name and address."""
    row = get_object_or_404(Contact.objects.select_for_update(of=("self",)).select_related("user"), pk=contact)
    form = ContactForm(_kept(row, ContactForm) | _told(asked.body), instance=row)
    _refuse_wrong(form)
    changed = form.save(commit=False)
    change_contact(changed)
    return _contact(changed)


def _told(body: Any) -> dict[str, Any]:
    """What was sent, without what was left out."""
    return {name: value for name, value in structs.asdict(body).items() if not isinstance(value, UnsetType)}


def _kept(row: Client | Contact, form: type[ClientForm] | type[ContactForm]) -> dict[str, Any]:
    """What a form would show of a row."""
    return forms.model_to_dict(row, fields=form.Meta.fields)


def _refuse_wrong(form: ClientForm | ContactForm) -> None:
    if not form.is_valid():
        errors = {name: " ".join(str(one) for one in wrong) for name, wrong in form.errors.items()}
        raise Problem(422, "The body cannot be taken: see errors.", errors=errors)


class AgreementQuery(shapes.Changed, frozen=True, kw_only=True):
    """Which agreements; `on`: those in force on a day."""

    client: shapes.Id | None = None
    plan: shapes.Plan | None = None
    on: date | None = None
    sort: Literal["starts", "-starts", "id", "-id"] = "-starts"


@operation("GET /agreements", "Clients", shapes.Page[shapes.Agreement], takes=AgreementQuery)
def list_agreements(asked: Asked) -> shapes.Page[shapes.Agreement]:
    """Agreements, those of the past included; a client who has none in force is served by the hour."""
    query = asked.query
    rows = agreeing.in_force(query.on) if query.on else Agreement.objects.all()
    rows = since(rows, query.updated_since, "recorded_at", "end__recorded_at")
    for name in ("client", "plan"):
        if value := getattr(query, name):
            rows = rows.filter(**{name: value})
    return page_of(asked, _agreements(rows), {"starts": "starts", "id": "pk"}, lambda found: _shown(asked, found))


@operation("GET /agreements/{agreement}", "Clients", shapes.Agreement)
def show_agreement(asked: Asked, agreement: int) -> shapes.Agreement:
    """One agreement with all its terms."""
    return _shown(asked, [get_object_or_404(_agreements(Agreement.objects.all()), pk=agreement)])[0]


def _agreements(rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
    return rows.select_related("client", "end", "signature")


def _shown(asked: Asked, rows: Sequence[Agreement]) -> list[shapes.Agreement]:
    return [_agreement(asked, row) for row in rows]


def _agreement(asked: Asked, row: Agreement) -> shapes.Agreement:
    signed = getattr(row, "signature", None)
    return shapes.Agreement(
        id=row.pk, client=shapes.Ref(row.client_id, row.client.name), plan=row.plan,  # type: ignore[arg-type]
        starts=row.starts, ends=last_day(row), was_ended=hasattr(row, "end"),
        hourly_rate=money_if(asked, row.hourly_rate), discount=row.discount,
        overage_discount=row.overage_discount or None, fee=money_if(asked, row.fee),
        included_hours=_hours_if(row.included_seconds), roll_months=row.roll_months,
        low_at_hours=_hours_if(row.low_at_seconds), low_at_amount=money_if(asked, row.low_at_amount),
        top_up_to=money_if(asked, row.top_up_to), next_block=_next_block(asked, row),
        hours_lapse_months=row.hours_lapse_months,
        monitoring=row.monitoring or None, always_hourly=list(row.hourly), spyware=row.spyware,  # type: ignore[arg-type]
        business_hours=row.business_hours or None, holidays=row.holidays or None, net_days=row.net_days,
        notice_days=row.notice_days, renew_months=row.renew_months, replaces=row.replaces_id,
        recorded_at=shown_at(row.recorded_at),
        signature=shapes.Signature(signed.name, shown_at(signed.at), signed.channel) if signed else None,
    )  # fmt: skip


def _next_block(asked: Asked, row: Agreement) -> shapes.NextBlock | None:
    block = next_block_value(row)
    if block is None:
        return None
    below = row.low_at_seconds if block.below is None else block.below
    return shapes.NextBlock(block.hours, show_hours(below or 0), money_if(asked, block.rate), block.late_days)


def _hours_if(seconds: int | None) -> str | None:
    return None if seconds is None else show_hours(seconds)
