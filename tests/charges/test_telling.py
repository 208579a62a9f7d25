"""Letters about notices: one to the shop, one to the client's people, each once, and only of what is news."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.test import Client as Browser

from rounds.charges import rating, telling
from rounds.charges.models import Notice
from rounds.clients.models import Client
from rounds.invoices.selling import buy_hours
from rounds.mail.models import Letter
from rounds.people.models import Shop, User
from rounds.work.models import Order, Stint
from tests.trade import agreed

AT = datetime(2005, 4, 4, 15, tzinfo=UTC)


def _use_up(client: Client) -> None:
    buy_hours(client, 1, at=AT)
    order = Order.objects.create(client=client, title="A visit", opened_at=AT)
    Stint.objects.create(order=order, started_at=AT, minutes=60, recorded_at=AT)
    rating.bring(client, AT)


def test_the_shop_and_the_client_are_told_once(shop: Shop, northside: Client) -> None:
    Shop.objects.update(email="office@shop.example")
    _use_up(northside)

    assert telling.pull(AT) == 2
    assert telling.pull(AT) == 0

    assert Notice.objects.get().kind == "hours-empty"
    assert {tuple(letter.to) for letter in Letter.objects.all()} == {
        ("office@shop.example",),
        ("nora@northside.example",),
    }
    assert all("used up" in letter.body for letter in Letter.objects.all())


def test_a_notice_that_can_reach_nobody_waits_for_an_address(shop: Shop, elm: Client) -> None:
    _use_up(elm)
    assert telling.pull(AT) == 0

    Shop.objects.update(email="office@shop.example")

    assert telling.pull(AT) == 1


def test_what_is_no_news_is_told_to_nobody(shop: Shop, northside: Client) -> None:
    _use_up(northside)

    assert telling.pull(AT + timedelta(days=30)) == 0


def test_a_low_block_says_how_long_it_lasts_and_leads_the_shop_to_the_next_one(
    shop: Shop, northside: Client, as_person: Callable[[User], Browser], bea: User
) -> None:
    Shop.objects.update(email="office@shop.example")
    agreed(northside, "block", date(2005, 4, 1), low_at_seconds=2 * 3600)
    buy_hours(northside, 10, at=AT)
    order = Order.objects.create(client=northside, title="A visit", opened_at=AT)
    Stint.objects.create(order=order, started_at=AT, minutes=540, recorded_at=AT)
    rating.bring(northside, AT)

    telling.pull(AT)

    to_shop, to_client = Letter.objects.order_by("key")[1], Letter.objects.order_by("key")[0]
    # 9 h in 90 days: the last hour lasts ten days from 4 April.
    assert all("lasts until about 14 April 2005" in letter.body for letter in (to_shop, to_client))
    (address,) = re.findall(rf"{settings.SITE_URL}(/\S+)", to_shop.body)
    assert as_person(bea).get(address).status_code == 200
    assert re.findall(rf"{settings.SITE_URL}(/\S+)", to_client.body) == [f"/portal/clients/{northside.pk}/hours"]
