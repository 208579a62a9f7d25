"""An invoice's values as terms of EN 16931: how lines are measured and taxed, and that the official rules are kept."""

import copy
from datetime import date
from fractions import Fraction

import pytest
from facturx.generate_xml import generate_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.core.e_invoice import (
    Item,
    Paper,
    Party,
    Terms,
    account_in,
    category_of,
    differences,
    measure,
    missing,
    multiply,
    terms_of,
)
from rounds.core.money import Refused, price
from rounds.core.taxing import Tax, TaxCategory, tax_rows
from rounds.invoices.official_rules import ask

APRIL = date(2026, 4, 1)
SHOP = Party("Mill Street Computing", "12 Mill Street\nAshford\nOR 97520\nupstairs", "US", "12-3456789")
ABROAD = Party("Mühle IT", "Gasse 1\n1010 Wien", "AT", "ATU 1234 5678")
CLIENT = Party("Northside Dental", "4 North St", "US", "")
FIRM = Party("Kunde GmbH", "Weg 2\n10115 Berlin", "DE", "DE123456789")


VAT = Tax("vat-20", Fraction(1, 5), "VAT")
ZERO = Tax("zero", words="Books", category=TaxCategory.ZERO)
EXEMPT = Tax("exempt", words="Training", category=TaxCategory.EXEMPT, reason="Education")
REVERSE = Tax("reverse", words="VAT of the client", category=TaxCategory.REVERSE)
OUTSIDE = Tax("outside", words="Abroad", category=TaxCategory.OUTSIDE, reason="Not supplied here")


def paper(*items: Item, **more: object) -> Paper:
    told: dict[str, object] = {"shop": SHOP, "client": CLIENT, "due": date(2026, 4, 11), **more}
    rows = tax_rows((item.tax, item.amount) for item in items)
    return Paper("2026-0002", APRIL, currency="USD", items=items, taxes=rows, **told)  # type: ignore[arg-type]


def broken(terms: Terms, flavor: str) -> tuple[str, ...]:
    """The official rules that an invoice of these terms breaks; they must have been asked something."""
    xml = generate_xml(copy.deepcopy(terms), flavor=flavor, level="en16931", check_xsd=True, check_schematron=False)
    verdict = ask(xml, flavor)
    assert verdict.asked > 30
    return verdict.broken


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (Item("90 minutes", "labour", 150_00, seconds=5400, rate=100_00), ("1.5", "HUR", "100.00", "")),
        (Item("22.5 minutes", "labour", 37_50, seconds=1350, rate=100_00), ("0.375", "HUR", "100.00", "")),
        (Item("7 minutes", "labour", 11_67, seconds=420, rate=100_00), ("420", "SEC", "100.00", "3600")),
        (Item("at 70.545, printed 70.55", "labour", 123_45, seconds=6300, rate=70_55), ("1", "C62", "123.45", "")),
        (Item("a part", "part", 240_00, quantity=3, rate=80_00), ("3", "C62", "80.00", "")),
        (Item("a block, 2 h free", "hours", 1000_00, seconds=43200, quantity=10, rate=100_00),
         ("10", "HUR", "100.00", "")),
        (Item("a fee for part of a month", "fee", 266_67, seconds=28800, rate=100_00), ("1", "C62", "266.67", "")),
        (Item("monitoring", "monitoring", 100_00), ("1", "C62", "100.00", "")),
    ],
)  # fmt: skip
def test_a_line_is_told_so_that_quantity_times_price_is_its_amount(item: Item, told: tuple[str, ...]) -> None:
    assert measure(item) == told
    quantity, _unit, each, base = told
    assert multiply(quantity, each, base) == item.amount


def test_hours_that_cannot_be_multiplied_stand_in_the_description() -> None:
    terms = terms_of(paper(Item("Support", "labour", 123_45, seconds=6300, rate=70_55)))

    assert terms["BG-25"][0]["BT-154"] == "1.75 h at 70.55 an hour"  # type: ignore[index]


def test_retainer_money_alone_is_outside_the_scope_of_tax_and_beside_work_exempt_with_its_reason() -> None:
    asked, work = Item("To fill up", "retainer", 500_00), Item("Work", "labour", 100_00, VAT)
    at_0 = Item("Work", "labour", 100_00, Tax("tax"))

    assert category_of(asked, paper(asked)) == "O"
    assert category_of(asked, paper(asked, work)) == "E"
    assert category_of(work, paper(asked, work)) == "S"
    assert category_of(at_0, paper(at_0)) == "E"


def test_what_the_retainer_paid_is_what_is_paid_and_not_due() -> None:
    terms = terms_of(paper(Item("Work", "labour", 100_00), paid=30_00))

    assert (terms["BT-112"], terms["BT-113"], terms["BT-115"]) == ("100.00", "30.00", "70.00")


def test_a_tax_rate_that_the_official_rules_take_for_none_is_named() -> None:
    low, enough = (
        paper(Item("Cable", "part", 1650_00, Tax("tax", rate), quantity=50, rate=33_00))
        for rate in (Fraction(3, 10_000), Fraction(5, 1000))
    )

    assert missing(low) == ["a tax rate of at least 0.5 %"]
    assert missing(enough) == []
    assert broken(terms_of(enough), "factur-x") == ()


def test_each_category_and_rate_is_told_once_however_many_codes_have_it() -> None:
    other = Tax("city", VAT.rate, "City tax")
    reduced = Tax("vat-5", Fraction(1, 20), "VAT")
    made = paper(
        Item("Work", "labour", 100_03, VAT), Item("There", "labour", 50_02, other), Item("Part", "part", 9_90, reduced),
        Item("Book", "part", 20_00, ZERO), Item("Training", "labour", 30_00, EXEMPT), Item("Fee", "fee", 7_00),
    )  # fmt: skip

    groups = terms_of(made)["BG-23"]

    assert [(one["BT-118"], one.get("BT-119"), one["BT-116"], one["BT-117"]) for one in groups] == [  # type: ignore[attr-defined]
        ("E", "0", "37.00", "0.00"), ("S", "5", "9.90", "0.50"), ("S", "20", "150.05", "30.01"),
        ("Z", "0", "20.00", "0.00"),
    ]  # fmt: skip
    assert groups[0]["BT-120"] == "Education; Not taxed"  # type: ignore[index]
    for flavor in ("factur-x", "ubl-2.1"):
        assert broken(terms_of(made), flavor) == ()


def test_where_the_client_owes_the_tax_both_have_vat_numbers() -> None:
    item = Item("Work", "labour", 100_00, REVERSE)

    assert missing(paper(item, shop=ABROAD)) == ["the client’s VAT number"]
    assert missing(paper(item, client=FIRM)) == ["the shop’s VAT number"]
    both = terms_of(paper(item, Item("Part", "part", 10_00, VAT), shop=ABROAD, client=FIRM))
    assert both["BG-23"][0]["BT-120"] == "Reverse charge"  # type: ignore[index]
    for flavor in ("factur-x", "ubl-2.1"):
        assert broken(both, flavor) == ()


def test_what_is_outside_the_scope_of_tax_beside_other_lines_is_exempt_with_its_reason() -> None:
    outside = Item("Work abroad", "labour", 100_00, OUTSIDE)

    alone, beside = terms_of(paper(outside)), terms_of(paper(outside, Item("Part", "part", 10_00, VAT)))

    assert (alone["BT-3"], alone["BG-23"][0]["BT-118"]) == ("380", "O")  # type: ignore[index]
    assert beside["BG-23"][0]["BT-120"] == "Not supplied here"  # type: ignore[index]
    for terms in (alone, beside):
        for flavor in ("factur-x", "ubl-2.1"):
            assert broken(terms, flavor) == ()


def test_what_is_missing_is_named() -> None:
    bare = paper(Item("Work", "labour", 100_00), shop=Party("Mill Street", "", "", " "))

    assert missing(bare) == ["the shop’s address", "the shop’s country", "the shop’s tax number"]
    with pytest.raises(Refused, match="needs the shop’s address, the shop’s country"):
        terms_of(bare)


@pytest.mark.parametrize(
    ("details", "account"),
    [
        ("First Bank\nIBAN AT61 1904 3002 3457 3201\nBIC BKAUATWW", "AT611904300234573201"),
        ("AT611904300234573201 First Bank", "AT611904300234573201"),
        ("AT61 1904 3002 3457 3202", ""),
        ("First Bank, account 123", ""),
        ("", ""),
    ],
)
def test_the_account_to_pay_to_is_found_by_its_check_digits(details: str, account: str) -> None:
    assert account_in(details) == account


@pytest.mark.parametrize("flavor", ["factur-x", "ubl-2.1"])
@pytest.mark.parametrize("term", ["BT-106", "BT-109", "BT-110", "BT-112", "BT-115"])
def test_the_official_rules_find_a_broken_total_and_so_do_we(flavor: str, term: str) -> None:
    terms = terms_of(paper(Item("Work", "labour", 100_00, VAT)))
    assert broken(terms, flavor) == ()

    terms[term] = "123.45"

    assert broken(terms, flavor)
    assert differences(terms)


def test_we_find_what_the_official_rules_do_not_that_a_line_is_not_its_quantity_times_its_price() -> None:
    terms = terms_of(paper(Item("Work", "labour", 150_00, seconds=5400, rate=100_00)))

    terms["BG-25"][0]["BT-129"] = "2"  # type: ignore[index]

    assert broken(terms, "factur-x") == ()
    assert differences(terms) == ["line 1: 2 × 100.00 is not 150.00"]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda text: text.strip())
days = st.dates(date(2026, 3, 1), APRIL)


@st.composite
def items(draw: st.DrawFn, taxes: list[Tax]) -> Item:
    kind = draw(st.sampled_from(["labour", "overage", "part", "hours", "fee", "monitoring", "retainer"]))
    rate, seconds, quantity = draw(st.integers(1, 300_00)), draw(st.integers(1, 200_000)), draw(st.integers(1, 50))
    day = draw(days)
    text, taxed = draw(names), None if kind == "retainer" else draw(st.none() | st.sampled_from(taxes))
    if kind in {"labour", "overage"}:
        return Item(text, kind, max(1, price(seconds, rate)), taxed, seconds, None, rate, day, day)
    if kind in {"part", "hours"}:
        return Item(text, kind, quantity * rate, taxed, seconds if kind == "hours" else None, quantity, rate)
    return Item(text, kind, draw(st.integers(1, 500_000)), taxed, first_day=day, last_day=APRIL)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    shop, client = draw(st.sampled_from([(SHOP, CLIENT), (ABROAD, FIRM), (ABROAD, CLIENT)]))
    rates = draw(st.lists(st.just(0) | st.integers(50, 2700), min_size=1, max_size=3))  # a lower one is refused
    taxes = [Tax(f"tax-{number}", Fraction(rate, 10000)) for number, rate in enumerate(rates)]
    taxes += [ZERO, EXEMPT, OUTSIDE, *([REVERSE] if client is FIRM else [])]
    made = tuple(draw(st.lists(items(taxes), min_size=1, max_size=6)))
    total = paper(*made).total
    corrects = draw(st.none() | st.just(("2026-0001", date(2026, 3, 1))))
    return paper(
        *made, shop=shop, client=client, corrects=corrects,
        paid=0 if corrects else draw(st.integers(0, total)), bank_details=draw(st.sampled_from(
            ["", "First Bank\nAccount 123", "IBAN AT61 1904 3002 3457 3201"])),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(papers())
def test_whatever_is_billed_keeps_every_official_rule_in_both_syntaxes(made: Paper) -> None:
    terms = terms_of(made)

    assert differences(terms) == []
    assert broken(terms, "factur-x") == ()
    assert broken(terms, "ubl-2.1") == ()
