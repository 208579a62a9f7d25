"""Sets the sample shop's scene: its people, clients, sites, contacts and machines, before anything has happened."""

from dataclasses import dataclass, field
from datetime import date, datetime

from allauth.account.models import EmailAddress

from rounds.clients import taxing
from rounds.clients.models import Client, Contact, Machine, ShopTerms, Site, TaxRate
from rounds.people.models import Role, Shop, User
from rounds.web.sample.cast import CAST, SHOP, STAFF, Character, Person
from rounds.work.models import Order, Proposal

BONUS_HOURS = [[10, 1], [20, 3], [40, 8]]


@dataclass(slots=True)
class Scene:
    """Who and what there is, by name; proposals and orders by the story's key."""

    staff: dict[str, User]
    clients: dict[str, Client] = field(default_factory=dict)
    machines: dict[tuple[str, str], Machine] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    @property
    def technician(self) -> User:
        """Who does the usual work."""
        return next(user for user in self.staff.values() if user.role == Role.TECHNICIAN)


def set_scene(first: date, at: datetime) -> Scene:
    """Make the shop and everybody in it, as of the first day of its year."""
    Shop.objects.filter(pk=1).update(**SHOP, is_sample=True)
    ShopTerms.objects.create(
        since=first, hourly_rate=110_00, minimum_onsite_minutes=30, parts_markup="20%", bonus_hours=BONUS_HOURS,
        recorded_at=at,
    )  # fmt: skip
    taxing.set_rate("tax", TaxRate(since=first, rate="5.5%", words="Tax"), by=None, at=at)
    taxing.choose({"part": "tax"}, first, by=None, at=at)
    scene = Scene({person.name: _user(person) for person in STAFF})
    for character in CAST:
        _add_client(scene, character, at)
    return scene


def _user(person: Person) -> User:
    user = User(email=person.email, name=person.name, role=person.role)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=person.email, verified=True, primary=True)
    return user


def _add_client(scene: Scene, character: Character, at: datetime) -> None:
    """A client, his one site, his contact with a sign-in, and his machines."""
    client = Client.objects.create(
        name=character.name,
        kind=character.kind,
        billing_address=character.address,
        country="US",
        since=at,
    )
    site = Site.objects.create(
        client=client, name="Main office", address=character.address, environment=character.environment
    )
    person = character.contact
    Contact.objects.create(
        client=client, name=person.name, email=person.email, phone=person.phone, best_time=character.best_time,
        may_decide=True, gets_invoices=True, user=_user(person),
    )  # fmt: skip
    scene.clients[client.name] = client
    for name, kind in character.machines:
        machine = Machine.objects.create(site=site, name=name, kind=kind, is_protected=kind != "device", added_at=at)
        scene.machines[client.name, name] = machine
