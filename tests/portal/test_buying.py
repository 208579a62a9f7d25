"""A client buys the next block in the portal: one click, one purchase, kept with who it was; nobody else can."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from re import findall

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from rounds.charges import rating
from rounds.charges import telling as telling_of_notices
from rounds.charges.models import Purchase
from rounds.charges.standing import holdings_of
from rounds.clients.models import Client, Contact, ShopTerms
from rounds.core.money import SECONDS_PER_HOUR
from rounds.invoices import mailing
from rounds.invoices.checking import differences
from rounds.invoices.models import Invoice
from rounds.invoices.selling import buy_hours
from rounds.ledger import booking
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.people.shop import local_day
from rounds.portal import telling
from rounds.portal.models import PortalPurchase
from rounds.work.models import Order, Stint
from tests.portal.conftest import browser_of
from tests.trade import agreed, taxed

type SignIn = Callable[[User], Browser]


@pytest.fixture
def address(northside: Client, nora: User) -> str:
    """Northside has a block agreement, and 1.5 h left of 2; 10 hours come with one free, and have tax."""
    now = timezone.now()
    ShopTerms.objects.create(since=date(2020, 1, 1), hourly_rate=100_00, bonus_hours=[["10", "1"], ["20", "3"]])
    taxed("10%", "hours", since=date(2020, 1, 1))
    Shop.objects.update(email="office@shop.example")
    agreed(northside, "block", local_day(now).replace(day=1), low_at_seconds=2 * SECONDS_PER_HOUR)
    buy_hours(northside, 2, at=now)
    order = Order.objects.create(client=northside, title="A visit", opened_at=now)
    Stint.objects.create(order=order, started_at=now, minutes=30, recorded_at=now)
    rating.bring(northside, now)
    return f"/portal/clients/{northside.pk}/hours"


def told(browser: Browser, address: str, hours: int = 10) -> dict[str, object]:
    """What the button of a size sends."""
    context = browser.get(address).context
    offer = next(one for one in context["offers"] if one.hours == hours)
    return {"hours": hours, "total": offer.total, "after": context["after"]}


def test_the_letter_about_low_hours_leads_to_the_page_after_signing_in(
    portal: Browser, address: str, northside: Client
) -> None:
    telling_of_notices.pull(timezone.now())
    (letter,) = Letter.objects.filter(key__endswith=":client")
    (linked,) = findall(rf"{settings.SITE_URL}(/\S+)", letter.body)
    assert linked == address

    stranger = Browser().get(linked)
    assert stranger.status_code == 302
    assert stranger["Location"].endswith(f"?next={address}")

    page = portal.get(linked).text
    assert "1.5 h" in page
    assert "10 hours and 1 free" in page
    assert "Buy 10 hours for 1100.00" in page.replace(",", "")
    assert "Buy the next block" in portal.get("/portal/").text


def test_one_click_buys_invoices_and_keeps_who_it_was(portal: Browser, address: str, northside: Client) -> None:
    northside.contacts.update(gets_invoices=True)

    reply = portal.post(address, told(portal, address), REMOTE_ADDR="192.0.2.7")

    assert (reply.status_code, reply["Location"]) == (302, address)
    row = PortalPurchase.objects.get()
    invoice = Invoice.objects.get(closing__purchase=row.purchase)
    assert (row.name, row.address, row.client) == ("Nora", "192.0.2.7", northside)
    assert row.text == "10 h and 1 h free for USD 1100.00, 100.00 of it tax."
    assert (invoice.total, row.purchase.hours, row.purchase.recorded_by) == (1_100_00, 10, row.by)
    assert holdings_of(northside, local_day(timezone.now())).block_seconds == 12.5 * SECONDS_PER_HOUR
    page = portal.get(address).text
    assert "Nora bought them here" in page
    assert f"/portal/invoices/{invoice.full_number}" in page
    booking.pull(timezone.now())
    assert differences() == []
    mailing.pull(timezone.now())
    assert Letter.objects.filter(key=f"invoice:{invoice.pk}").exists()


def test_clicked_again_or_resent_or_from_another_window_it_buys_nothing_more(
    portal: Browser, address: str, northside: Client, nora: User
) -> None:
    form, smaller = told(portal, address), told(browser_of(nora), address, 2)

    portal.post(address, form)
    again = portal.post(address, form)
    other = browser_of(nora).post(address, smaller)

    assert again.status_code == other.status_code == 302
    assert PortalPurchase.objects.count() == 1
    assert Purchase.objects.filter(client=northside).count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_buy_one_block(portal: Browser, address: str, nora: User) -> None:
    form = told(portal, address)
    browsers = [browser_of(nora) for _ in range(4)]

    def click(browser: Browser) -> int:
        try:
            return browser.post(address, form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(click, browsers))

    assert replies == [302] * 4
    assert PortalPurchase.objects.count() == 1


def test_another_block_is_bought_from_a_page_that_knows_of_the_first(portal: Browser, address: str) -> None:
    portal.post(address, told(portal, address))

    portal.post(address, told(portal, address, 20))

    assert sorted(PortalPurchase.objects.values_list("purchase__hours", flat=True)) == [10, 20]


def test_what_came_meanwhile_is_shown_before_anything_is_bought(
    portal: Browser, address: str, northside: Client
) -> None:
    form = told(portal, address)
    buy_hours(northside, 5, at=timezone.now())  # the office sold one on the phone

    reply = portal.post(address, form)

    assert reply.status_code == 422
    assert "hours were bought meanwhile" in reply.text
    assert not PortalPurchase.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"total": "1"}, "the price has changed"),
        ({"hours": "3"}, "not on offer"),
        ({"hours": "x"}, "incomplete"),
        ({"after": ""}, "incomplete"),
        ({"hours": "-5"}, "incomplete"),
    ],
)
def test_a_form_that_was_changed_buys_nothing(portal: Browser, address: str, wrong: dict[str, str], why: str) -> None:
    reply = portal.post(address, told(portal, address) | wrong)

    assert reply.status_code == 422
    assert why in reply.text
    assert not PortalPurchase.objects.exists()


def test_who_may_not_decide_reads_who_can_and_cannot_buy(portal: Browser, address: str, frank: User) -> None:
    form = told(portal, address)
    page = browser_of(frank).get(address).text
    assert "Nora can buy hours." in page
    assert '<button class="primary">Buy' not in page

    reply = browser_of(frank).post(address, form)

    assert reply.status_code == 403
    assert "only somebody who may decide can buy hours" in reply.text
    assert not PortalPurchase.objects.exists()


def test_another_clients_contact_is_told_that_the_link_is_not_his(
    portal: Browser, address: str, stranger: User, olga: User
) -> None:
    form = told(portal, address)
    for reply in (browser_of(stranger).get(address), browser_of(stranger).post(address, form)):
        assert reply.status_code == 403
        assert "This link is for another firm" in reply.text
        assert "Northside" not in reply.text
    assert browser_of(olga).post(address, form).status_code == 404
    assert Browser().post(address, form).status_code == 302
    assert not PortalPurchase.objects.exists()


def test_who_left_his_firm_buys_nothing(portal: Browser, address: str, nora: User) -> None:
    form = told(portal, address)
    Contact.objects.filter(user=nora).update(left_at=timezone.now())

    assert portal.post(address, form).status_code == 404
    assert not PortalPurchase.objects.exists()


def test_the_shop_can_switch_selling_off(portal: Browser, address: str, as_person: SignIn, olga: User) -> None:
    form = told(portal, address)
    shown = as_person(olga).get("/settings/").context["form"]
    kept = {name: shown[name].value() or "" for name in shown.fields if name != "sells_in_portal"}
    assert as_person(olga).post("/settings/", kept).status_code == 302
    assert not Shop.objects.get().sells_in_portal

    assert "Hours are not sold here" in portal.get(address).text
    assert portal.post(address, form).status_code == 422
    assert "Buy the next block" not in portal.get("/portal/").text
    telling_of_notices.pull(timezone.now())
    assert settings.SITE_URL not in Letter.objects.get(key__endswith=":client").body
    assert not PortalPurchase.objects.exists()


def test_the_shop_and_the_buyer_get_a_letter_once(portal: Browser, address: str, northside: Client) -> None:
    portal.post(address, told(portal, address))
    now = timezone.now()

    assert telling.pull(now) == 2
    assert telling.pull(now) == 0
    assert telling.pull(now + timedelta(days=20)) == 0

    letters = {letter.to[0]: letter.body for letter in Letter.objects.filter(key__startswith="bought:")}
    assert set(letters) == {"office@shop.example", "nora@northside.example"}
    assert all("10 h and 1 h free for USD 1100.00" in body for body in letters.values())
    assert "Nora bought on" in letters["office@shop.example"]


def test_the_office_reads_on_the_clients_pages_who_bought(
    portal: Browser, address: str, northside: Client, as_person: SignIn, bea: User
) -> None:
    portal.post(address, told(portal, address), REMOTE_ADDR="192.0.2.7")

    assert "Nora bought 10 h and 1 h free" in as_person(bea).get(f"/clients/{northside.pk}").text
    assert "by Nora in the portal" in as_person(bea).get(f"/clients/{northside.pk}/money").text
