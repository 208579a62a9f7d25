"""How each client's daily reports are wanted: the shop's choice and his own, as one; who gets them; changes of both."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from rounds.clients.models import Client, Contact
from rounds.people.models import Role, User
from rounds.people.shop import shop_zone
from rounds.reports.models import ClientChoice, ShopChoice, Wanted
from rounds.upkeep.models import Routine
from rounds.upkeep.routines import lineage

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_ROUTINE = "Daily report"  # of those that a new shop begins with


@dataclass(frozen=True, slots=True)
class Wish:
    """How one client's reports are wanted: at what hour of which clock, since when that holds, and for whom."""

    wanted: str
    clock: time
    zone: ZoneInfo
    hour_since: datetime
    staff: tuple[int, ...]
    contacts: tuple[int, ...]
    has_pdf: bool
    is_in_portal: bool
    records_time: bool


def shop_choice() -> ShopChoice:
    """The shop's choice that holds; with the defaults, and the usual routine, until it has made one."""
    kept = ShopChoice.objects.select_related("routine").last()
    if kept is not None:
        return kept
    routine = Routine.objects.running().filter(name=USUAL_ROUTINE).first()
    return ShopChoice(routine=routine, hour_since=BEFORE_ALL)


def client_choice(client: Client) -> ClientChoice | None:
    """A client's own choice that holds, if he has one."""
    return ClientChoice.objects.filter(client=client).last()


def wishes(clients: Collection[Client]) -> dict[int, Wish]:
    """How the reports of some clients are wanted, by their keys, in a fixed number of questions to the database."""
    shop, zone = shop_choice(), shop_zone()
    rows = ClientChoice.objects.filter(client__in=clients).order_by("pk")
    own = {row.client_id: row for row in rows}  # the last one counts
    usual = Wish(
        Wanted.IF_WATCHED, shop.clock, zone, shop.hour_since, tuple(shop.staff), (), shop.has_pdf, shop.is_in_portal,
        shop.records_time,
    )  # fmt: skip
    return {client.pk: _wish(usual, own.get(client.pk)) for client in clients}


def _wish(usual: Wish, own: ClientChoice | None) -> Wish:
    if own is None:
        return usual
    has_own_hour = own.clock is not None and own.zone
    return replace(
        usual,
        wanted=own.wanted,
        clock=own.clock or usual.clock,
        zone=ZoneInfo(own.zone) if own.zone else usual.zone,
        hour_since=own.hour_since if has_own_hour else max(own.hour_since, usual.hour_since),
        staff=usual.staff if own.staff is None else tuple(own.staff),
        contacts=tuple(own.contacts),
        has_pdf=usual.has_pdf if own.has_pdf is None else own.has_pdf,
        is_in_portal=usual.is_in_portal if own.is_in_portal is None else own.is_in_portal,
        records_time=usual.records_time if own.records_time is None else own.records_time,
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """To whom one report goes: at the client, and of the shop."""

    client: str = ""
    shop: str = ""


def addresses(told: dict[int, Wish]) -> dict[int, Addresses]:
    """The mail addresses to which each client's report goes: people who have left, or left him, get none."""
    staff = {key for wish in told.values() for key in wish.staff}
    people = User.objects.filter(pk__in=staff, is_active=True).exclude(role=Role.CONTACT)
    by_key = dict(people.values_list("pk", "email"))
    keys = {key for wish in told.values() for key in wish.contacts}
    rows = Contact.objects.filter(pk__in=keys, left_at=None).exclude(email="").values_list("pk", "client_id", "email")
    contacts = {(key, client): email for key, client, email in rows}
    return {
        client: Addresses(
            client=", ".join(contacts[key, client] for key in wish.contacts if (key, client) in contacts),
            shop=", ".join(by_key[key] for key in wish.staff if key in by_key),
        )
        for client, wish in told.items()
    }


def review_routines(shop: ShopChoice) -> list[int]:
    """The keys of the routine whose duty a review does, in all its versions."""
    if shop.routine_id is None:
        return []
    return next((versions for versions in _families() if shop.routine_id in versions), [])


def _families() -> Iterable[list[int]]:
    """Routines with those that they replaced, the longest lines first: a line holds every version of its routine."""
    return sorted(lineage().values(), key=len, reverse=True)


@transaction.atomic
def choose_for_shop(choice: ShopChoice, *, by: User | None, at: datetime) -> ShopChoice:
    """Keep how the shop wants reports from now on. A new hour counts from its next coming: no day is made up for."""
    before = shop_choice()
    choice.hour_since = before.hour_since if choice.clock == before.clock else at
    choice.at, choice.by = at, by
    choice.save(force_insert=True)
    return choice


@transaction.atomic
def choose_for_client(choice: ClientChoice, *, by: User | None, at: datetime) -> ClientChoice:
    """Keep how a client's reports are wanted from now on."""
    before = client_choice(choice.client)
    same = before is not None and (before.clock, before.zone) == (choice.clock, choice.zone)
    as_usual = before is None and choice.clock is None and not choice.zone
    if same and before is not None:
        choice.hour_since = before.hour_since
    else:
        choice.hour_since = BEFORE_ALL if as_usual else at
    choice.at, choice.by = at, by
    choice.save(force_insert=True)
    return choice
