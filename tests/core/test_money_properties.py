"""What holds of every story, whatever is in it: hypothesis makes up the terms and a year of events."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.core import opening
from rounds.core.account import Block, Draw, Lapse, Outcome, Refund
from rounds.core.acts import Credited, Lowered, Released
from rounds.core.bookkeeping import books_of
from rounds.core.books import Chart, balance, balances
from rounds.core.happenings import CreditNote, Event
from rounds.core.money import price, show_amount
from rounds.core.performing import Performance
from rounds.core.rating import work_rate
from rounds.core.rehearsing import perform, play
from rounds.core.settling import Settlement
from rounds.core.stories import Story, read_story
from tests.scenarios.stories import corrections, refunds, without_refused

START = date(2005, 1, 1)
DAYS = 300
CHART = Chart("elm")

amounts = st.integers(0, 200_000).map(show_amount)
shares = st.sampled_from(["0%", "5%", "12.5%", "33.33%", "100%"])
monitoring = st.sampled_from(["none", "included", "100.00", "33.33", "2 hours", "1.25 hours"])


@st.composite
def shops(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "hourly_rate": draw(amounts),
        "increment_minutes": draw(st.sampled_from([1, 6, 15, 60])),
        "grace_minutes": draw(st.integers(0, 5)),
        "minimum_minutes": {"onsite": draw(st.integers(0, 90))},
        "after_hours_multiplier": draw(st.sampled_from(["1.5", "1.33", "2"])),
        "parts_markup": draw(shares),
        "bonus_hours": [[10, 1], [5, draw(st.integers(0, 3))]],
        "tax_rate": draw(st.sampled_from(["0%", "8.25%", "19%"])),
        "taxable": draw(st.lists(st.sampled_from(["hours", "fee", "labour", "part", "monitoring"]), unique=True)),
    }


@st.composite
def terms_of(draw: st.DrawFn, plan: str) -> dict[str, Any]:
    terms: dict[str, Any] = {"plan": plan, "discount": draw(shares), "monitoring": draw(monitoring)}
    if plan == "service-agreement":
        terms |= {"included_hours": draw(st.integers(0, 10)), "roll_months": draw(st.integers(0, 2))}
    if plan == "block":
        terms["low_at"] = draw(st.integers(0, 5))
    if plan == "retainer":
        terms |= {"low_at": "100.00", "top_up_to": draw(st.sampled_from(["100.00", "500.00"]))}
    if draw(st.booleans()):
        terms["hours_lapse_months"] = draw(st.integers(1, 4))
    if draw(st.booleans()):
        terms["spyware"] = draw(st.sampled_from(["covered", "hourly", "if-protected"]))
    return terms


@st.composite
def agreements(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Make a few agreements, one after the other, some with a gap between them."""
    plans = st.sampled_from(["service-agreement", "retainer", "block", "call-first", "reactive"])
    made, starts = [], START + timedelta(days=draw(st.integers(0, 40)))
    for plan in draw(st.lists(plans, max_size=3)):
        ends = starts + timedelta(days=draw(st.integers(0, 120)))
        made.append({**draw(terms_of(plan)), "starts": starts, "ends": ends})
        starts = ends + timedelta(days=draw(st.integers(1, 30)))
    return made


moments = st.builds(
    lambda days, minutes: datetime.combine(START, time()) + timedelta(days=days, minutes=minutes),
    st.integers(0, DAYS),
    st.integers(0, 24 * 60 - 1),
)
works = st.fixed_dictionaries(
    {"minutes": st.integers(0, 700)},
    optional={
        "category": st.sampled_from(["maintenance", "support", "monitoring", "project", "spyware", "training"]),
        "place": st.sampled_from(["remote", "onsite"]),
        "after_hours": st.booleans(),
        "approved": st.one_of(st.booleans(), moments),
        "no_charge": st.booleans(),
        "protected": st.booleans(),
        "cause": st.sampled_from(["user", "unknown"]),
    },
)
parts = st.one_of(
    st.fixed_dictionaries({"price": amounts}, optional={"quantity": st.integers(0, 4)}),
    st.fixed_dictionaries({"cost": amounts}, optional={"quantity": st.integers(0, 4)}),
)
happenings = st.one_of(
    st.fixed_dictionaries({"work": works}),
    st.fixed_dictionaries({"work": works}),
    st.fixed_dictionaries({"part": parts}),
    st.fixed_dictionaries({"buy_hours": st.integers(0, 12)}),
    st.fixed_dictionaries({"deposit": amounts}),
    st.fixed_dictionaries({"pay": amounts}),
    st.fixed_dictionaries({"pay": st.fixed_dictionaries({"invoice": st.integers(1, 3), "amount": amounts})}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries({"invoice": st.integers(1, 4), "amount": amounts})}),
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    at = draw(moments)
    late = draw(st.sampled_from([0, 0, 0, 1, 20, 60]))
    return {"at": at, "recorded": at + timedelta(days=late), **draw(happenings)}


@st.composite
def given_back(draw: st.DrawFn, happened: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make a few refunds, of hours that were bought as well; what is not there is left out by playing."""
    sold = [number for number, event in enumerate(happened, start=1) if event.get("buy_hours")]
    made = []
    for told in draw(st.lists(refunds, max_size=3)):
        if "block" not in told or sold:
            named = {"block": draw(st.sampled_from(sold))} if "block" in told else {}
            made.append({"at": draw(moments), "refund": {**told, **named}})
    return made


@st.composite
def corrected(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Make a few credit notes and write-offs."""
    return [{"at": draw(moments), **told} for told in draw(st.lists(corrections, max_size=5))]


taxes = st.tuples(st.sampled_from(["5%", "8.25%", "33.33%"]), st.sampled_from(["7%", "8.25%"])).map(
    lambda rates: [
        {"code": "one", "rate": rates[0], "kinds": ["labour", "hours"]},
        {"code": "two", "rate": rates[1], "kinds": ["part"]},
        {"code": "none", "rate": "0%", "category": "E", "reason": "Education", "kinds": ["fee"]},
    ]
)


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """Make a story that is not refused: payments and credits for invoices that do not exist yet are left out."""
    happened = draw(st.lists(events(), max_size=15))
    told: dict[str, Any] = {
        "through": START + timedelta(days=DAYS),
        "shop": draw(shops()),
        "agreement": draw(agreements()),
        "event": [*happened, *draw(given_back(happened)), *draw(corrected())],
    }
    if draw(st.booleans()):
        told["shop"] = {name: value for name, value in told["shop"].items() if name not in {"tax_rate", "taxable"}}
        told["tax"] = draw(taxes)
    return without_refused(told)


def _event(what: CreditNote, day: date) -> Event:
    moment = datetime.combine(day, time(23, 59))
    return Event(0, moment, moment, what)


def performed(told: dict[str, Any]) -> tuple[Story, Performance]:
    story = read_story(told)
    return story, perform(story)


@settings(max_examples=250, deadline=None)
@given(stories())
def test_the_books_say_what_the_account_and_the_invoices_say(told: dict[str, Any]) -> None:
    story, played = performed(told)

    totals = balances(books_of(played, CHART, story.through))

    account, debts = played.account, played.debts
    assert balance(totals, CHART.receivable, "USD") == debts.receivable
    assert balance(totals, CHART.credit, "USD") == -debts.credit
    assert balance(totals, CHART.retainer, "USD") == -account.retainer
    assert balance(totals, CHART.asked, "USD") == -account.asked == -sum(invoice.asked for invoice in debts.invoices)
    assert balance(totals, CHART.unbilled, "USD") == account.unbilled_amount()
    assert balance(totals, "holdings", "SEC") == account.block_seconds
    for block in account.blocks:
        deferred = -balance(totals, CHART.deferred_hours(block.key), "USD")
        assert balance(totals, CHART.holding(block.key), "SEC") == block.left
        assert deferred == block.price - block.earned_at(block.left)
        assert block.left or deferred == 0


@settings(max_examples=100, deadline=None)
@given(stories())
def test_hours_issued_are_held_used_lapsed_or_refunded_and_their_price_is_earned_deferred_or_refunded(
    told: dict[str, Any],
) -> None:
    _, played = performed(told)
    outcomes = [act.what for act in played.acts if isinstance(act.what, Outcome)]

    for block in played.account.blocks:
        used = [draw for outcome in outcomes for draw in outcome.draws if draw.block == block.key]
        lapsed = [lapse for outcome in outcomes for lapse in outcome.lapses if lapse.block == block.key]
        refunded = [refund for outcome in outcomes for refund in outcome.refunds if refund.block == block.key]
        moves: list[Draw | Lapse | Refund] = [*used, *lapsed, *refunded]
        seconds, earned = sum(one.seconds for one in moves), sum(one.earned for one in moves)
        assert block.seconds == block.left + seconds
        assert block.price == earned + block.earns(block.left) + sum(refund.amount for refund in refunded)
        assert block.left >= 0
        assert all(refund.amount >= 0 and refund.earned >= 0 for refund in refunded)
    for grant in played.account.grants:
        used = [d for o in outcomes for d in o.draws if d.grant == (grant.agreement, grant.month)]
        assert grant.seconds == grant.left + sum(draw.seconds for draw in used)
        assert grant.left >= 0


@settings(max_examples=100, deadline=None)
@given(stories())
def test_every_billed_second_is_drawn_or_charged_once(told: dict[str, Any]) -> None:
    _, played = performed(told)

    for key, work in played.works.items():
        outcome = played.rated[key]
        drawn = sum(draw.seconds for draw in outcome.draws)
        charged = sum(charge.seconds or 0 for charge in outcome.charges)
        left = (outcome.billable_seconds or 0) - drawn - charged
        _kind, rate, _why = work_rate(played.account, work)
        assert left >= 0
        assert left == 0 or (not charged and price(left, rate) == 0)  # a charge of 0.00 is none


@settings(max_examples=100, deadline=None)
@given(stories())
def test_blocks_are_drawn_in_their_order_and_the_next_only_when_the_one_before_is_empty(told: dict[str, Any]) -> None:
    _, played = performed(told)
    bought = {block.key: block for block in played.account.blocks}
    left = {key: block.seconds for key, block in bought.items()}
    seen: set[object] = set()

    for act in played.acts:
        if not isinstance(act.what, Outcome):
            continue
        seen |= {block.key for block in act.what.blocks}
        for draw in act.what.draws:
            if draw.block is None:
                continue
            mine = _burned(bought[draw.block])
            before = [bought[key] for key in seen if _burned(bought[key]) < mine]  # type: ignore[index]
            assert all(left[one.key] == 0 for one in before if one.lapses_on is None or one.lapses_on > act.on)
            left[draw.block] -= draw.seconds
        gone = [(one.block, one.seconds) for one in act.what.lapses]
        gone += [(one.block, one.seconds) for one in act.what.refunds]
        for key, seconds in gone:
            left[key] -= seconds
    assert left == {block.key: block.left for block in played.account.blocks}


def _burned(block: Block) -> tuple[date, date]:
    """The place of a block in the order in which blocks are drawn."""
    return block.lapses_on or date.max, block.bought_on


@settings(max_examples=100, deadline=None)
@given(stories())
def test_what_is_open_of_an_invoice_is_what_was_issued_less_what_was_paid_credited_and_lost(
    told: dict[str, Any],
) -> None:
    _, played = performed(told)
    settled: dict[object, int] = {}

    for act in played.acts:
        found = act.what.settlement if isinstance(act.what, Released) else act.what
        if isinstance(found, Credited):
            lowered = found.crediting.lowered - found.crediting.recovered
            settled[found.crediting.invoice] = settled.get(found.crediting.invoice, 0) + lowered
            found = found.crediting.beyond
        if isinstance(found, Lowered):
            settled[found.invoice] = settled.get(found.invoice, 0) + found.amount
        for one in found.allocations if isinstance(found, Settlement) else ():
            settled[one.invoice] = settled.get(one.invoice, 0) + one.amount

    for issued, invoice in zip(played.invoices, played.debts.invoices, strict=True):
        assert invoice.open == issued.closing.open - settled.get(invoice.key, 0)


@settings(max_examples=100, deadline=None)
@given(stories())
def test_nothing_goes_below_zero_and_everything_paid_is_somewhere(told: dict[str, Any]) -> None:
    _, played = performed(told)

    assert played.account.retainer >= 0
    assert played.debts.credit >= 0
    assert played.debts.credit == 0 or played.debts.receivable == 0
    for issued, invoice in zip(played.invoices, played.debts.invoices, strict=True):
        assert 0 <= invoice.asked <= issued.closing.asked
        assert invoice.open or not invoice.asked
        assert invoice.held >= 0
        assert 0 <= invoice.open <= issued.closing.open
        assert issued.number == invoice.key == invoice.order
        assert issued.closing.total == sum(line.amount for line in issued.closing.lines) + issued.closing.tax
        assert all(line.amount > 0 for line in issued.closing.lines)
    for act in played.acts:
        if isinstance(act.what, Settlement):
            assert all(allocation.amount > 0 for allocation in act.what.allocations)
        if isinstance(act.what, Credited):
            crediting = act.what.crediting
            settled = crediting.lowered + sum(allocation.amount for allocation in crediting.beyond.allocations)
            assert settled + crediting.returned + crediting.beyond.credit_change == crediting.amount


@settings(max_examples=150, deadline=None)
@given(stories())
def test_crediting_everything_gives_all_hours_and_all_money_back(told: dict[str, Any]) -> None:
    told["event"] = [event for event in told["event"] if "credit" not in event and "refund" not in event]
    story, played = performed(told)
    through = story.through

    for issued in reversed(played.invoices):  # a deposit after what it paid for
        gone = sum(note.crediting.amount for note in played._notes_on(issued.number))
        lowered = [act.what for act in played.acts if isinstance(act.what, Lowered)]
        gone += sum(one.asked for one in lowered if one.invoice == issued.number)  # written off, it was never asked
        played._happen(_event(CreditNote(issued.number, issued.closing.total - gone), through), through)

    totals = balances(books_of(played, CHART, through))
    assert played.debts.receivable == played.account.asked == 0
    assert sum(block.left for block in played.account.blocks if block.price) == 0
    assert all(not cents for (name, _unit), cents in totals.items() if name.startswith("liabilities:tax"))
    assert balance(totals, CHART.tax("tax"), "USD") == balance(totals, "liabilities:deferred:hours", "USD") == 0
    assert balance(totals, CHART.bank, "USD") == played.account.retainer + played.debts.credit


@settings(max_examples=40, deadline=None)
@given(stories())
def test_playing_a_story_twice_is_the_same(told: dict[str, Any]) -> None:
    assert play(read_story(told)) == play(read_story(told))


@settings(max_examples=40, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(told: dict[str, Any], random: Any) -> None:
    moments_recorded = [event.get("recorded", event["at"]) for event in told["event"]]
    moments_recorded += [event["work"].get("approved") for event in told["event"] if "work" in event]
    shuffled = {**told, "event": random.sample(told["event"], len(told["event"]))}

    are_named = any("refund" in event for event in told["event"])  # what is refunded is named by its place in the file
    if len(set(moments_recorded)) == len(moments_recorded) and not are_named:
        assert play(read_story(shuffled)) == play(read_story(told))


@settings(max_examples=40, deadline=None)
@given(stories(), st.integers(0, DAYS))
def test_what_a_client_was_shown_is_never_changed_by_what_comes_later(told: dict[str, Any], days: int) -> None:
    story = read_story(told)
    earlier = perform(replace(story, through=START + timedelta(days=days)))
    later = perform(story)

    assert later.invoices[: len(earlier.invoices)] == earlier.invoices
    assert later.notices[: len(earlier.notices)] == earlier.notices
    assert later.acts[: len(earlier.acts)] == earlier.acts


@settings(max_examples=40, deadline=None)
@given(stories())
def test_opening_a_day_twice_changes_nothing(told: dict[str, Any]) -> None:
    story, played = performed({**told, "through": date(2005, 8, 31), "event": told["event"]})
    day = story.through + timedelta(days=1)
    account = played.account
    account = account.after(opening.lapse(account, day))
    account = account.after(opening.close(account, day))

    again = opening.close(account, day)

    assert opening.lapse(account, day).lapses == ()
    assert again.closing is None
    assert account.after(again) == account
