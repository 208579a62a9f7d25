"""Signing, changing and ending agreements, and the terms that follow from them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from rounds.clients import agreeing
from rounds.clients.models import Agreement, AgreementEnd, Client, ShopTerms
from rounds.clients.reading import parse_hours, parse_monitoring, show_monitoring
from rounds.core import terms
from rounds.core.money import Refused
from rounds.core.taxing import Tax, one_tax
from rounds.core.terms import Monitoring, Plan, Spyware, Terms
from rounds.people.models import User
from tests.trade import taxed

AT = datetime(2026, 4, 14, 15, 0, tzinfo=UTC)
type Sign = Callable[..., Agreement]


@pytest.fixture
def sign(northside: Client, olga: User) -> Sign:
    def sign(starts: date, *, plan: str = "service-agreement", at: datetime = AT, **other: object) -> Agreement:
        if plan == "service-agreement":
            other = {"included_seconds": 8 * 3600, "discount": "10%", **other}
        row = Agreement(client=northside, plan=plan, starts=starts, **other)
        return agreeing.sign(row, by=olga, at=at)

    return sign


def test_the_terms_are_what_was_signed(northside: Client, sign: Sign) -> None:
    row = sign(
        date(2026, 5, 1),
        ends=date(2027, 4, 30),
        overage_discount="12.5%",
        roll_months=1,
        monitoring="2 hours",
        hourly=["project"],
        spyware="if-protected",
    )

    found = agreeing.terms_of(northside).agreement_on(date(2026, 5, 1))

    assert found == terms.Agreement(
        key=row.pk,
        plan=Plan.SERVICE_AGREEMENT,
        starts=date(2026, 5, 1),
        ends=date(2027, 4, 30),
        discount=Fraction(1, 10),
        overage_discount=Fraction(1, 8),
        included_seconds=28_800,
        roll_months=1,
        monitoring=Monitoring(seconds=7200),
        hourly=frozenset({"project"}),
        spyware=Spyware.IF_PROTECTED,
    )


def test_prices_hold_from_their_day_on(northside: Client) -> None:
    ShopTerms.objects.create(since=date(2026, 4, 1), hourly_rate=120_00, bonus_hours=[[10, 1]])
    taxed("8.25%", "part", since=date(2026, 4, 1))

    found = agreeing.terms_of(northside)

    assert found.shop_on(date(2026, 3, 31)).hourly_rate == 100_00
    assert found.shop_on(date(2026, 4, 1)).hourly_rate == 120_00
    assert found.shop_on(date(2026, 4, 1)).taxes.of("part") == Tax("tax", Fraction(825, 10_000))
    assert found.shop_on(date(2026, 4, 1)).bonus_hours == ((10, 1),)


def test_a_client_without_an_agreement_is_reactive(northside: Client, sign: Sign) -> None:
    sign(date(2026, 5, 1), plan="call-first", ends=date(2026, 5, 31))

    assert agreeing.plan_on(northside, date(2026, 4, 30)) == Plan.REACTIVE
    assert agreeing.plan_on(northside, date(2026, 5, 31)) == Plan.CALL_FIRST
    assert agreeing.plan_on(northside, date(2026, 6, 1)) == Plan.REACTIVE
    assert agreeing.plans_on([northside], date(2026, 5, 31))[northside.pk].plan == Plan.CALL_FIRST
    assert agreeing.plans_on([northside], date(2026, 6, 1)) == {}


def test_overlapping_agreements_are_refused_and_nothing_is_kept(sign: Sign) -> None:
    sign(date(2026, 5, 1))

    with pytest.raises(Refused, match="overlaps"):
        sign(date(2026, 6, 1), plan="block")

    assert Agreement.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"included_seconds": None}, "included_hours"),
        ({"discount": "101%"}, "above 100 %"),
        ({"plan": "retainer", "top_up_to": 10_000}, "needs low_at"),
        ({"plan": "retainer", "top_up_to": 10_000, "low_at_amount": 20_000}, "below low_at"),
        ({"ends": date(2026, 4, 30)}, "before it starts"),
        ({"plan": "gold"}, "do not know"),
        ({"monitoring": "2 days"}, "monitoring"),
        ({"discount": "much"}, "discount"),
    ],
)
def test_terms_that_the_rules_refuse_are_refused(sign: Sign, other: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        sign(date(2026, 5, 1), **other)

    assert Agreement.objects.count() == 0


def test_an_agreement_does_not_start_before_this_month(sign: Sign) -> None:
    with pytest.raises(Refused, match="starts on 2026-04-01 or later"):
        sign(date(2026, 3, 31))

    assert sign(date(2026, 4, 1)).pk


def test_what_is_charged_in_advance_changes_from_the_next_month_on(northside: Client, sign: Sign, olga: User) -> None:
    row = sign(date(2026, 4, 14))
    more = Agreement(plan=row.plan, starts=date(2026, 4, 20), included_seconds=12 * 3600)

    with pytest.raises(Refused, match="charged in advance: it can end with 2026-04-30, or change from 2026-05-01"):
        agreeing.change(row, more, by=olga, at=AT)
    more.starts = date(2026, 5, 1)
    changed = agreeing.change(row, more, by=olga, at=AT)

    found = agreeing.terms_of(northside)
    assert [(a.key, a.starts, a.ends) for a in found.agreements] == [
        (row.pk, date(2026, 4, 14), date(2026, 4, 30)),
        (changed.pk, date(2026, 5, 1), None),
    ]
    assert changed.replaces == row


def test_what_is_not_charged_in_advance_changes_from_tomorrow_on(sign: Sign, olga: User) -> None:
    row = sign(date(2026, 4, 1), plan="block", at=datetime(2026, 4, 1, 12, tzinfo=UTC), low_at_seconds=3600)

    with pytest.raises(Refused, match="change from 2026-04-15 on"):
        agreeing.change(row, Agreement(plan="reactive", starts=date(2026, 4, 14)), by=olga, at=AT)

    assert agreeing.change(row, Agreement(plan="reactive", starts=date(2026, 4, 15)), by=olga, at=AT).pk


def test_what_has_not_begun_can_be_withdrawn(northside: Client, sign: Sign, olga: User) -> None:
    row = sign(date(2026, 5, 1))

    agreeing.end(row, date(2026, 4, 30), by=olga, at=AT)

    assert agreeing.terms_of(northside).agreements == ()
    assert sign(date(2026, 5, 1), plan="block").pk


def test_a_change_that_is_refused_ends_nothing(northside: Client, sign: Sign, olga: User) -> None:
    row = sign(date(2026, 4, 14))

    with pytest.raises(Refused, match="included_hours"):
        agreeing.change(row, Agreement(plan="service-agreement", starts=date(2026, 5, 1)), by=olga, at=AT)

    assert not AgreementEnd.objects.exists()
    assert agreeing.terms_of(northside).agreements[0].ends is None


def test_an_agreement_is_renewed_after_its_end(northside: Client, sign: Sign, olga: User) -> None:
    row = sign(date(2026, 5, 1), ends=date(2027, 4, 30))
    again = Agreement(plan=row.plan, starts=date(2027, 5, 1), included_seconds=8 * 3600)

    agreeing.change(row, again, by=olga, at=AT)

    assert agreeing.terms_of(northside).agreement_on(date(2027, 4, 30)).key == row.pk  # type: ignore[union-attr]
    assert agreeing.terms_of(northside).agreement_on(date(2027, 5, 1)).key == again.pk  # type: ignore[union-attr]


def test_nothing_is_changed_or_ended_twice(sign: Sign, olga: User) -> None:
    row = sign(date(2026, 4, 14))
    agreeing.end(row, date(2026, 4, 30), why="moved away", by=olga, at=AT)

    with pytest.raises(Refused, match="already been ended"):
        agreeing.end(row, date(2026, 5, 31), by=olga, at=AT)


def test_an_agreement_with_an_end_is_ended_earlier_only(sign: Sign, olga: User) -> None:
    row = sign(date(2026, 4, 14), ends=date(2027, 4, 30))

    with pytest.raises(Refused, match="ends on 2027-04-30 anyway"):
        agreeing.end(row, date(2027, 4, 30), by=olga, at=AT)


def test_a_client_who_has_left_signs_nothing(northside: Client, sign: Sign) -> None:
    Client.objects.filter(pk=northside.pk).update(left_at=AT)

    with pytest.raises(Refused, match="no longer a client"):
        sign(date(2026, 5, 1))


TAXES = one_tax(Fraction(1, 20), ["part"])


def test_terms_written_from_a_story_are_read_back_the_same(northside: Client) -> None:
    ShopTerms.objects.all().delete()
    told = Terms(
        shops=((agreeing.BEFORE_ALL, terms.Shop(9_950, 6, 3, 15, 60, Fraction(2), bonus_hours=((10, 1), (20, 3)),
                                                parts_markup=Fraction(1, 8), taxes=TAXES)),),
        agreements=(
            terms.Agreement(1, Plan.RETAINER, date(2005, 1, 1), date(2005, 6, 30), discount=Fraction(1, 20),
                            low_at_amount=10_000, top_up_to=50_000, monitoring=Monitoring(fee=7_500)),
            terms.Agreement(2, Plan.BLOCK, date(2005, 7, 1), low_at_seconds=7_200, hours_lapse_months=6),
        ),
    )  # fmt: skip

    agreeing.write_terms(northside, told, at=AT)

    found = agreeing.terms_of(northside)
    assert found.shops == told.shops
    keys = {row.starts: row.pk for row in northside.agreements.all()}
    assert [(a.key, a.discount, a.top_up_to, a.low_at_seconds, a.monitoring) for a in found.agreements] == [
        (keys[date(2005, 1, 1)], Fraction(1, 20), 50_000, None, Monitoring(fee=7_500)),
        (keys[date(2005, 7, 1)], Fraction(0), None, 7_200, None),
    ]


@pytest.mark.parametrize("text", ["", "none", "included", "75.00", "2 hours", "1.25 hours"])
def test_monitoring_is_written_as_it_is_read(text: str) -> None:
    assert show_monitoring(parse_monitoring(text)) == text


def test_hours_are_read_as_people_write_them() -> None:
    assert (parse_hours("2.5"), parse_hours("2:30"), parse_hours("0")) == (9_000, 9_000, 0)
    with pytest.raises(Refused):
        parse_hours("two")
