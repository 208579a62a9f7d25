"""What all tests share: the two databases, people of every role, and guards that let a test database be emptied."""

import os
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck
from hypothesis import settings as Settings  # noqa: N812 - pytest-django's fixture has its name

from rounds.clients.models import Client, Contact, Machine, ShopTerms, Site
from rounds.people.models import Role, Shop, User
from tests.all import WITHOUT_DATABASE

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The same examples every time, so that a run tells of the change and not of the day; ROUNDS_FUZZ=1 looks for new ones.
# Speed is no matter of these tests: machines are shared.
is_fuzzing = os.environ.get("ROUNDS_FUZZ") == "1"
Settings.register_profile(
    "rounds", derandomize=not is_fuzzing, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
Settings.load_profile("rounds")

pytest_plugins = ["tests.engines"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that needs a database among those that run on one engine only."""
    wrong = [
        item.nodeid
        for item in items
        if item.nodeid.startswith(tuple(f"{folder}/" for folder in WITHOUT_DATABASE))
        and ("db" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db"))
    ]
    if wrong:
        raise pytest.UsageError(f"these need a database, and their folder says that none does: {', '.join(wrong)}")


@pytest.fixture(autouse=True)
def _quick_settings(settings: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    settings.ACCOUNT_RATE_LIMITS = False  # type: ignore[attr-defined]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # type: ignore[attr-defined]
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # type: ignore[attr-defined]


@pytest.fixture
def shop(db: None) -> Shop:
    ShopTerms.objects.create(since=date(2005, 1, 1))
    return Shop.objects.create(pk=1, name="Mill Street Computing", currency="USD", time_zone="America/New_York")


def _person(email: str, name: str, role: Role) -> User:
    person = User(email=email, name=name, role=role)
    person.set_password("a long enough password")
    person.save()
    return person


@pytest.fixture
def olga(shop: Shop) -> User:
    """The owner."""
    return _person("olga@shop.example", "Olga", Role.OWNER)


@pytest.fixture
def theo(shop: Shop) -> User:
    """A technician."""
    return _person("theo@shop.example", "Theo", Role.TECHNICIAN)


@pytest.fixture
def bea(shop: Shop) -> User:
    """The bookkeeper."""
    return _person("bea@shop.example", "Bea", Role.BOOKKEEPER)


@pytest.fixture
def northside(shop: Shop) -> Client:
    """A client with one site, one machine and a contact who may decide."""
    client = Client.objects.create(name="Northside Dental")
    site = Site.objects.create(client=client, name="Main office")
    Machine.objects.create(site=site, name="SRV01", kind="server")
    Contact.objects.create(client=client, name="Nora", email="nora@northside.example", may_decide=True)
    return client


@pytest.fixture
def srv01(northside: Client) -> Machine:
    return Machine.objects.get(site__client=northside, name="SRV01")


@pytest.fixture
def nora(northside: Client) -> User:
    """Northside's contact, with a sign-in of her own."""
    person = _person("nora@northside.example", "Nora", Role.CONTACT)
    Contact.objects.filter(client=northside, name="Nora").update(user=person)
    return person


@pytest.fixture
def elm(shop: Shop) -> Client:
    """Another client, whose contact must see nothing of Northside."""
    client = Client.objects.create(name="Elm St Law")
    Site.objects.create(client=client, name="Elm Street")
    return client


@pytest.fixture
def stranger(elm: Client) -> User:
    """A contact of another client."""
    person = _person("eve@elm.example", "Eve", Role.CONTACT)
    Contact.objects.create(client=elm, name="Eve", email=person.email, may_decide=True, user=person)
    return person


@pytest.fixture
def as_person() -> Callable[[User], Browser]:
    """A browser in which a person has signed in."""

    def sign_in(person: User) -> Browser:
        browser = Browser()
        browser.force_login(person)
        return browser

    return sign_in
