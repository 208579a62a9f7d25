"""Offers: a client's own year under each plan, with what deferring cost, on a page and as PDF."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client as Browser

from rounds.clients.agreeing import sign
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.invoices.issuing import bring
from rounds.offers.models import Offer
from rounds.offers.offering import offer_for, suggested_terms
from rounds.offers.presets import OfferTerms
from rounds.offers.showing import columns_of, downtime_words, offer_pdf
from rounds.people.models import Shop, User
from rounds.people.shop import local_moment
from rounds.work import answering, ordering, proposing, timing
from rounds.work.models import Part, Verdict

type AsPerson = Callable[[User], Browser]
YEAR_END = date(2025, 12, 31)
MADE = datetime(2026, 1, 10, 15, tzinfo=UTC)
TERMS = OfferTerms(
    agreement_hours="2", agreement_discount="10%", retainer_level="500.00", retainer_discount="5%", block_hours=10,
    block_monitoring="none", call_first_monitoring="100.00",
)  # fmt: skip


def _worked(client: Client, day: date, minutes: int, *, by: User) -> None:
    at = local_moment(day, time(10))
    order = ordering.take_order(ordering.Call(client, "Mail does not arrive"), by=by, at=at)
    timing.enter(order, timing.Worked(at, minutes), who=by, at=at + timedelta(hours=11))


def _used(client: Client, day: date, price: int, *, by: User) -> None:
    at = local_moment(day, time(10))
    order = ordering.take_order(ordering.Call(client, "New disk"), by=by, at=at)
    ordering.use_part(order, Part(order=order, name="SSD", quantity=1, price=price, used_at=at), by=by, at=at)


@pytest.fixture
def busy(northside: Client, theo: User) -> Client:
    """Northside's 2025, by the hour at 100.00: three hours in every month, and a disk for 80.00 in June."""
    for month in range(1, 13):
        _worked(northside, date(2025, month, 10), 180, by=theo)
    _used(northside, date(2025, 6, 12), 80_00, by=theo)
    bring(northside, MADE)
    return northside


def _totals(offer: Offer) -> dict[str, int]:
    return {column.name: column.total for column in columns_of(offer)}


def test_each_plan_costs_what_it_would_have_billed(busy: Client, olga: User) -> None:
    offer = offer_for(busy, YEAR_END, TERMS, by=olga, at=MADE)

    assert _totals(offer) == {
        "As it was: by the hour": 12 * 300_00 + 80_00,
        "service agreement": 12 * 3 * 90_00 + 80_00,
        "retainer": 12 * 3 * 95_00 + 80_00,
        "block of hours": 12 * 300_00 + 80_00,
        "call first": 12 * (300_00 + 100_00) + 80_00,
        "by the hour": 12 * 300_00 + 80_00,
    }


def test_the_same_plan_and_terms_cost_what_the_year_really_cost(northside: Client, theo: User, olga: User) -> None:
    agreement = Agreement(
        client=northside, plan=Plan.SERVICE_AGREEMENT, starts=date(2025, 1, 1), included_seconds=7200,
        discount="10%", monitoring="included",
    )  # fmt: skip
    sign(agreement, by=olga, at=datetime(2025, 1, 1, 15, tzinfo=UTC))
    for month, minutes in ((1, 30), (2, 400), (3, 95), (7, 121), (12, 600)):
        _worked(northside, date(2025, month, 3), minutes, by=theo)
    _used(northside, date(2025, 6, 12), 80_00, by=theo)
    bring(northside, MADE)

    offer = offer_for(northside, YEAR_END, TERMS, by=olga, at=MADE)

    real, same, *_others = columns_of(offer)
    assert list(real.months) == list(same.months)
    assert same.difference == "as much as it was"


def test_bought_hours_count_as_they_are_used(northside: Client, theo: User, olga: User) -> None:
    offer = offer_for(northside, YEAR_END, TERMS, by=olga, at=MADE)
    assert _totals(offer)["block of hours"] == 0

    _worked(northside, date(2025, 5, 5), 60, by=theo)

    block = columns_of(offer_for(northside, YEAR_END, TERMS, by=olga, at=MADE))[3]
    assert (block.total, block.unused) == (100_00, 900_00)


def test_included_hours_that_the_year_did_not_use_are_told(busy: Client, olga: User) -> None:
    terms = OfferTerms(**{**TERMS.as_row(), "agreement_hours": "4.5"})  # type: ignore[arg-type]

    agreement = columns_of(offer_for(busy, YEAR_END, terms, by=olga, at=MADE))[1]

    assert agreement.unused_seconds == 12 * 5400


def test_terms_are_suggested_from_the_clients_own_hours(busy: Client) -> None:
    ShopTerms.objects.update(bonus_hours=[[5, 1], [8, 2], [40, 10]])

    terms = suggested_terms(busy, YEAR_END)

    assert terms.agreement_hours == "3"
    assert terms.block_hours == 8
    assert terms.retainer_level == "600.00"


def test_what_deferring_cost_is_told_in_figures(busy: Client, theo: User, olga: User) -> None:
    asked = datetime(2025, 3, 3, 15, tzinfo=UTC)
    draft = proposing.Draft(busy, "Server memory is short", 90, idle_people=4, idle_hour_cost=30_00)
    proposal = proposing.propose(draft, by=theo, at=asked, ask=True)
    reply = answering.Reply(Verdict.DEFER, "Nora", until=date(2025, 9, 1))
    deferral = answering.answer(proposal, reply, by=theo, at=asked)
    at = datetime(2025, 5, 5, 15, tzinfo=UTC)
    order = ordering.take_order(ordering.Call(busy, "Server does not answer"), by=theo, at=at)
    timing.enter(order, timing.Worked(at, 240), who=theo, at=at + timedelta(hours=11))
    ordering.link_consequence(deferral, order, ordering.Standstill(120, 4), by=theo, at=at + timedelta(hours=6))

    offer = offer_for(busy, YEAR_END, TERMS, by=olga, at=MADE)

    assert dict(downtime_words(offer)) == {
        "Incidents after work was deferred or declined": "1",
        "The work that had been proposed": "1.5 h",
        "The repairs took": "4 h",
        "… and were worth, parts included": "USD 400.00",
        "People could not work for": "8 h",
        "… which was worth": "USD 240.00",
    }


def test_a_year_that_has_not_ended_is_refused(busy: Client, olga: User) -> None:
    with pytest.raises(Refused, match="January 2026 has not ended"):
        offer_for(busy, date(2026, 1, 5), TERMS, by=olga, at=MADE)

    assert not Offer.objects.exists()


def test_an_offer_prints_the_same_bytes_again(busy: Client, olga: User, shop: Shop) -> None:
    Client.objects.filter(pk=busy.pk).update(name='#panic("boom") *bold* <script>')
    offer = offer_for(Client.objects.get(pk=busy.pk), YEAR_END, TERMS, by=olga, at=MADE)

    first, second = offer_pdf(offer, shop), offer_pdf(offer, shop)

    assert first.startswith(b"%PDF-")
    assert first == second


def test_the_office_makes_an_offer_and_reads_it(busy: Client, theo: User, as_person: AsPerson) -> None:
    browser = as_person(theo)
    form = browser.get(f"/clients/{busy.pk}/offers")
    values = {**form.context["form"].initial, "block_hours": "20"}

    page = browser.post(f"/clients/{busy.pk}/offers", values, follow=True)

    text = page.content.decode()
    assert "What would Northside Dental’s year have cost?" in text
    assert "blocks of 20 hours" in text
    offer = Offer.objects.get()
    assert offer.made_by == theo
    document = browser.get(f"/offers/{offer.pk}.pdf")
    assert document["Content-Type"] == "application/pdf"
    again = browser.get(f"/clients/{busy.pk}/offers?from={offer.pk}")
    assert again.context["form"].initial["block_hours"] == 20


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("agreement_hours", "many", "many"),
        ("agreement_discount", "120%", "above 100 %"),
        ("retainer_level", "-5", "above 0.00"),
        ("block_hours", "0", "greater than or equal to 1"),
        ("block_monitoring", "whenever", "whenever"),
    ],
)
def test_wrong_terms_are_told_and_nothing_is_kept(
    busy: Client, theo: User, as_person: AsPerson, field: str, value: str, words: str
) -> None:
    browser = as_person(theo)
    values = {**browser.get(f"/clients/{busy.pk}/offers").context["form"].initial, field: value}

    reply = browser.post(f"/clients/{busy.pk}/offers", values)

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not Offer.objects.exists()


def test_offers_do_not_exist_for_a_contact(busy: Client, olga: User, nora: User, as_person: AsPerson) -> None:
    offer = offer_for(busy, YEAR_END, TERMS, by=olga, at=MADE)
    browser = as_person(nora)

    replies = [
        browser.get(f"/clients/{busy.pk}/offers"),
        browser.post(f"/clients/{busy.pk}/offers", {}),
        browser.get(f"/offers/{offer.pk}"),
        browser.get(f"/offers/{offer.pk}.pdf"),
    ]

    assert [reply.status_code for reply in replies] == [404] * 4
