"""The owner's pages of taxes: codes with their rates, which kind of line has which, and what is other at a site."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients import taxing
from rounds.clients.agreeing import shop_versions, terms_of
from rounds.clients.models import Client, Site, TaxChoice, TaxRate
from rounds.core.money import Refused
from rounds.core.taxing import TaxCategory
from rounds.core.terms import Terms
from rounds.people.models import User
from rounds.people.shop import local_day

type AsPerson = Callable[[User], Browser]
PAGE = "/settings/taxes"


def rate(name: str, share: str, **more: str) -> dict[str, str]:
    today = str(local_day(timezone.now()))
    return {"what": "rate", "name": name, "words": "VAT", "rate": share, "category": "S", "rate_since": today, **more}


def test_the_owner_makes_a_code_and_lets_kinds_of_line_have_it(olga: User, as_person: AsPerson) -> None:
    browser, today = as_person(olga), local_day(timezone.now())
    assert "Nothing is taxed" in browser.get(PAGE).text

    made = browser.post(PAGE, rate("VAT-20", "20"))
    chosen = browser.post(PAGE, {"what": "kinds", "labour": "vat-20", "part": "vat-20", "kinds_since": str(today)})
    later = browser.post(PAGE, rate("vat-20", "21%", rate_since=str(today + timedelta(days=9))))

    assert [page.status_code for page in (made, chosen, later)] == [302, 302, 302]
    terms = Terms(shop_versions())
    assert [terms.shop_on(today + timedelta(days=n)).taxes.of("part").rate for n in (0, 8, 9)] == [  # type: ignore[union-attr]
        Fraction(1, 5), Fraction(1, 5), Fraction(21, 100),
    ]  # fmt: skip
    assert terms.shop_on(today).taxes.of("fee") is None
    shown = browser.get(PAGE).text
    assert "work by the hour: vat-20; parts: vat-20" in shown
    assert "21%" in shown


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"rate_since": "2020-01-01"}, "rate_since", "or a later day"),
        ({"name": "19 %"}, "name", "small letters"),
        ({"rate": "101"}, "name", "above 100 %"),
        ({"category": "AE"}, "name", "only what is taxed"),
        ({"rate": "lots"}, "rate", "lots"),
        ({"words": ""}, "words", "required"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(
    olga: User, as_person: AsPerson, wrong: dict[str, str], field: str, said: str
) -> None:
    page = as_person(olga).post(PAGE, rate("vat-20", "20") | wrong)

    assert page.status_code == 422
    assert said in str(page.context["rate"].errors[field])
    assert not TaxRate.objects.exists()


def test_a_site_elsewhere_has_taxes_of_its_own_and_bills_may_go_there(
    olga: User, as_person: AsPerson, northside: Client
) -> None:
    browser, now = as_person(olga), timezone.now()
    today, branch = local_day(now), Site.objects.create(client=northside, name="Branch")
    for name, share in (("home", "5"), ("away", "9")):
        browser.post(PAGE, rate(name, share))
    browser.post(PAGE, {"what": "kinds", "labour": "home", "fee": "home", "kinds_since": str(today)})
    told = dict.fromkeys(("monitoring", "overage", "part", "hours"), "as-the-shop")

    page = browser.post(
        f"/sites/{branch.pk}/taxes", {**told, "labour": "away", "fee": "", "kinds_since": str(today)}
    )  # fmt: skip

    assert page.status_code == 302
    assert "work by the hour: away" in browser.get(f"/sites/{branch.pk}/taxes").text
    assert "Taxes at this site" in browser.get(f"/sites/{branch.pk}").text
    taxes = terms_of(northside).shop_on(today).taxes
    assert [tax.code if tax else "" for tax in (taxes.of("labour"), taxes.of("labour", branch.pk))] == ["home", "away"]
    assert taxes.of("fee", branch.pk) is None

    browser.post(f"/clients/{northside.pk}/particulars", {
        "name": northside.name, "kind": "business", "billing_site": str(branch.pk),
    })  # fmt: skip

    taxes = terms_of(northside).shop_on(today).taxes
    main = northside.sites.get(name="Main office").pk
    assert [tax.code if tax else "" for tax in (taxes.of("labour"), taxes.of("labour", main), taxes.of("fee"))] == [
        "away", "home", "",
    ]  # fmt: skip


def test_a_code_that_has_no_rate_yet_is_not_chosen(olga: User) -> None:
    now = timezone.now()
    today = local_day(now)
    row = TaxRate(since=today + timedelta(days=5), rate="0%", words="Reverse", category=TaxCategory.REVERSE)
    taxing.set_rate("reverse", row, by=olga, at=now)

    with pytest.raises(Refused, match="no rate"):
        taxing.choose({"labour": "reverse"}, today, by=olga, at=now)
    with pytest.raises(Refused, match="never taxed"):
        taxing.choose({"retainer": "reverse"}, today + timedelta(days=5), by=olga, at=now)

    assert not TaxChoice.objects.exists()


def test_nobody_but_the_owner_sees_or_sets_taxes(
    theo: User, bea: User, stranger: User, northside: Client, as_person: AsPerson
) -> None:
    site = northside.sites.get()
    for person in (theo, bea, stranger):
        for page in (PAGE, f"/sites/{site.pk}/taxes"):
            assert as_person(person).get(page).status_code == 404
            assert as_person(person).post(page, rate("vat-20", "20")).status_code == 404
    assert not TaxRate.objects.exists()
