"""Frees clients from tax from a day on, with reason and certificate, and gives the shop's terms as they then hold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from rounds.clients.models import Client, TaxExemption
from rounds.clients.taxing import billing_sites
from rounds.core.money import Refused
from rounds.core.terms import Shop, Shops, shop_of_client, shops_of_client
from rounds.people.models import User
from rounds.people.shop import local_day

DAY = timedelta(days=1)
DAYS_BEFORE = 30  # how long before a certificate's last day the shop is told


def exemptions_of(clients: Iterable[int]) -> dict[int, list[TaxExemption]]:
    """The exemptions of clients, and their ends, by the clients' keys, in the order in which they hold."""
    found: dict[int, list[TaxExemption]] = {}
    for row in TaxExemption.objects.filter(client__in=list(clients)).order_by("since", "pk"):
        found.setdefault(row.client_id, []).append(row)
    return found


def exemption_on(rows: Sequence[TaxExemption], day: date) -> TaxExemption | None:
    """The exemption that holds on a day."""
    held = [row for row in rows if row.since <= day]
    return held[-1] if held and held[-1].is_exempt else None


def running_out(today: date) -> list[tuple[TaxExemption, date]]:
    """Exemptions that hold now and end within the next weeks, each with its last day: ask for a new certificate."""
    ends = TaxExemption.objects.filter(
        is_exempt=False, since__gt=today, since__lte=today + timedelta(days=DAYS_BEFORE) + DAY, client__left_at=None
    )
    found, rows = [], exemptions_of(ends.values_list("client", flat=True))
    for of_client in rows.values():
        held = exemption_on(of_client, today)
        after = next((row for row in of_client if row.since > today and not row.is_exempt), None)
        if held is not None and after is not None and exemption_on(of_client, after.since) is None:
            found.append((held, after.since - DAY))
    return sorted(found, key=lambda one: (one[1], one[0].pk))


def shops_for(client: Client, shops: Shops) -> Shops:
    """The shop's settings over time as they hold for one client."""
    return by_client([client.pk], shops).get(client.pk, shops)


def by_client(clients: Iterable[int], shops: Shops) -> Mapping[int, Shops]:
    """The same for many clients, of those for whom they are others: ever exempt, or billed at a site elsewhere."""
    keys = list(clients)
    exempt, sites = exemptions_of(keys), billing_sites(keys, shops)
    return {
        key: shops_of_client(shops, sites.get(key), [(row.since, row.is_exempt) for row in exempt.get(key, ())])
        for key in {*exempt, *sites}
    }


def on_day(clients: Iterable[int], shop: Shop, day: date) -> Mapping[int, Shop]:
    """The shop's settings of a day as they hold for clients on that day, of those for whom they are others."""
    keys = list(clients)
    exempt, sites = exemptions_of(keys), billing_sites(keys, ((day, shop),))
    return {
        key: shop_of_client(shop, sites.get(key), is_exempt=exemption_on(exempt.get(key, ()), day) is not None)
        for key in {*exempt, *sites}
    }


@transaction.atomic
def exempt(  # noqa: PLR0913 - a certificate says that much
    client: Client, since: date, *, reason: str, certificate: str, until: date | None = None,
    by: User | None, at: datetime,
) -> TaxExemption:  # fmt: skip
    """Free a client from tax, from today or a later day on; `until` is the certificate's last day.

    Refused: a past day, which has been invoiced; no reason or certificate; an end before its start.
    """
    Client.objects.select_for_update().get(pk=client.pk)
    _refuse_past(since, at)
    if not reason.strip() or not certificate.strip():
        raise Refused("an exemption has a reason and the number of a certificate; both stand on invoices")
    if until is not None and until < since:
        raise Refused(f"it ends on {until}, before it starts on {since}")
    kept = TaxExemption.objects.create(
        client=client, since=since, is_exempt=True, reason=reason.strip(), certificate=certificate.strip(), by=by, at=at
    )
    if until is not None:
        TaxExemption.objects.create(client=client, since=until + DAY, is_exempt=False, by=by, at=at)
    return kept


@transaction.atomic
def end_exemption(client: Client, since: date, *, by: User | None, at: datetime) -> TaxExemption:
    """Tax a client again from a day on. Refused: a past day, or one on which he is not exempt."""
    Client.objects.select_for_update().get(pk=client.pk)
    _refuse_past(since, at)
    if exemption_on(exemptions_of([client.pk]).get(client.pk, ()), since) is None:
        raise Refused(f"{client} is not exempt on {since}")
    return TaxExemption.objects.create(client=client, since=since, is_exempt=False, by=by, at=at)


def _refuse_past(since: date, at: datetime) -> None:
    if since < (today := local_day(at)):
        raise Refused(f"from {today} on at the earliest: what was invoiced before stays; credit it if need be")
