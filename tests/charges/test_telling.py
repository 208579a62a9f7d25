"""Letters about notices: one to the shop, one to the client's people, each once, and only of what is news."""

from datetime import UTC, datetime, timedelta

from rounds.charges import rating, telling
from rounds.charges.models import Notice
from rounds.clients.models import Client
from rounds.invoices.selling import buy_hours
from rounds.mail.models import Letter
from rounds.people.models import Shop
from rounds.work.models import Order, Stint

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
