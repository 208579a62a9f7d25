"""Random stories for hypothesis: terms and a few months of events, as a file would tell them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from rounds.core.account import Account
from rounds.core.clocks import exists
from rounds.core.happenings import Event
from rounds.core.money import Refused
from rounds.core.performing import Performance
from rounds.core.stories import read_story
from rounds.core.timeline import timeline

BEGINS = date(2005, 1, 1)
DAYS = 150
ZONES = [None, None, "America/Chicago", "Australia/Sydney"]  # put forward on 3 April, back on 27 March

amounts = st.integers(1, 200_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
shares = st.sampled_from(["0%", "5%", "10%", "12.5%", "100%"])
days = st.integers(0, DAYS).map(lambda n: BEGINS + timedelta(days=n))
hours = st.sampled_from([Decimal("0.5"), 1, Decimal("1.25"), 2, 3, 5, 8])

shops = st.fixed_dictionaries(
    {"hourly_rate": st.sampled_from(["100.00", "64.00", "89.99", "1.01"])},
    optional={
        "increment_minutes": st.sampled_from([1, 6, 15, 60]),
        "grace_minutes": st.sampled_from([0, 5]),
        "minimum_minutes": st.just({"onsite": 60, "remote": 0}),
        "after_hours_multiplier": st.sampled_from(["1.5", "1.33", "2"]),
        "parts_markup": st.sampled_from(["0%", "20%"]),
        "bonus_hours": st.sampled_from([[], [[5, 1]], [[10, 3], [2, Decimal("0.5")]]]),
        "tax_rate": st.sampled_from(["0%", "8.25%"]),
        "taxable": st.lists(st.sampled_from(["part", "labour", "fee", "hours", "interest"]), unique=True),
        "net_days": st.sampled_from([0, 10, 30]),
        "interest": st.fixed_dictionaries(
            {"rate": st.sampled_from(["12% a year", "1.5% a month", "9.99% a month", "100% a year"])},
            optional={"grace_days": st.sampled_from([0, 5, 20]), "minimum": st.sampled_from(["0.00", "0.40", "5.00"])},
        ),
        "business_hours": st.sampled_from(["Mon-Fri 08:00-18:00", "Sat-Sun 22:00-24:00"]),
        "holidays": st.lists(days, max_size=3),
        "time_counts": st.sampled_from(["per-entry", "per-visit"]),
        "trip_fee": st.sampled_from(["0.00", "45.00"]),
    },
)
common: dict[str, st.SearchStrategy[Any]] = {
    "hourly_rate": amounts,
    "discount": shares,
    "hours_lapse_months": st.integers(1, 3),
    "hourly": st.lists(st.sampled_from(["project", "support"]), max_size=1),
    "spyware": st.sampled_from(["covered", "hourly", "if-protected"]),
    "business_hours": st.just("Mon-Sun 06:00-20:00"),
    "waives_interest": st.booleans(),
    "time_counts": st.sampled_from(["per-entry", "per-visit"]),
    "trip_fee": st.sampled_from(["included", "30.00"]),
    "monitoring": st.sampled_from(["none", "included", "50.00", "2 hours", "0.7 hours"]),
}


next_blocks = st.fixed_dictionaries(
    {"hours": st.sampled_from([8, 10])},
    optional={
        "below": st.sampled_from([0, Decimal("0.5"), 4]),
        "rate": st.sampled_from(["95.00", "0.01"]),
        "late_days": st.sampled_from([0, 10, 60]),
    },
)


def _plan(name: str, needed: dict[str, Any], more: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"plan": st.just(name), **needed}, optional={**common, **more})


plans = st.one_of(
    _plan("service-agreement", {"included_hours": hours}, {
        "overage_discount": shares, "roll_months": st.integers(0, 2), "fee": amounts}),
    _plan("block", {}, {"low_at": hours}),
    _plan("block", {"low_at": hours, "next_block": next_blocks}, {}),
    _plan("call-first", {}, {}),
    _plan("reactive", {}, {}),
    _plan("retainer", {"low_at": st.just("300.00"), "top_up_to": st.sampled_from(["300.00", "1000.00"])}, {}),
    _plan("retainer", {}, {}),
)  # fmt: skip
works = st.fixed_dictionaries(
    {"minutes": st.integers(1, 400)},
    optional={
        "category": st.sampled_from(["maintenance", "support", "project", "spyware", "website"]),
        "place": st.sampled_from(["remote", "onsite"]),
        "after_hours": st.booleans(),
        "no_charge": st.booleans(),
        "protected": st.booleans(),
        "cause": st.sampled_from(["user", "unknown"]),
        "order": st.integers(1, 2),
    },
)
happenings = st.one_of(
    works.map(lambda work: {"work": work}),
    works.map(lambda work: {"work": work}),
    st.fixed_dictionaries({"part": st.fixed_dictionaries({"cost": amounts}, optional={"quantity": st.integers(1, 3)})}),
    st.fixed_dictionaries({"buy_hours": st.integers(1, 12)}),
    st.fixed_dictionaries({"deposit": amounts}),
    st.fixed_dictionaries({"pay": amounts}),
    st.fixed_dictionaries({"pay": st.fixed_dictionaries({"invoice": st.integers(1, 3), "amount": amounts})}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries({"invoice": st.integers(1, 3), "amount": amounts})}),
)

to = st.sampled_from(["bank", "credit"])
refunds = st.one_of(
    st.fixed_dictionaries({"block": st.just(0)}, optional={"to": to, "at_list_rate": st.booleans()}),
    st.fixed_dictionaries({"block": st.just(0), "hours": st.sampled_from([Decimal("0.5"), 1, 2])}, optional={"to": to}),
    st.fixed_dictionaries({"retainer": st.integers(1, 30_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")},
                          optional={"to": to, "even_if_needed": st.booleans()}),
    st.fixed_dictionaries({"credit": st.integers(1, 9_999).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")}),
)  # fmt: skip


numbers = st.integers(1, 4)
corrections = st.one_of(
    numbers.map(lambda number: {"credit": {"invoice": number, "whole": True}}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries(
        {"invoice": numbers, "line": st.integers(1, 3)}, optional={"hours_stay": st.booleans()})}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries({"invoice": numbers, "line": st.integers(1, 2), "amount":
        st.integers(1, 9_999).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")})}),
    st.fixed_dictionaries({"credit": st.fixed_dictionaries({"invoice": numbers, "amount": amounts})}),
    numbers.map(lambda number: {"write_off": {"invoice": number}}),
    st.fixed_dictionaries({"write_off": st.fixed_dictionaries({"invoice": numbers, "amount": amounts})}),
    numbers.map(lambda number: {"expect_again": number}),
    numbers.map(lambda number: {"pay": {"invoice": number, "amount": "50.00"}}),
)  # fmt: skip


taxes: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "tax": st.sampled_from(["20%", "6.625%"]).map(lambda rate: [
            {"code": "one", "rate": "8%", "kinds": ["labour", "hours"]},
            {"code": "two", "words": "Other tax", "kinds": ["part"], "rates": [
                {"from": BEGINS, "rate": "5%"}, {"from": BEGINS + timedelta(days=45), "rate": "5.5%"}]},
            {"code": "three", "rate": rate},
            {"code": "same", "rate": "8%", "kinds": ["fee", "overage"]},
        ]),
        "site": st.booleans().map(lambda is_billing: [
            {"name": "Home"}, {"name": "Branch", "billing": is_billing, "taxes": {"labour": "three", "part": "none"}}]),
    },
    optional={"exempt": st.just([{"from": BEGINS + timedelta(days=50), "through": BEGINS + timedelta(days=70)}])},
)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """A story of some months, with up to two agreements, one after the other, and events at moments of their own."""
    told = draw(st.lists(plans, max_size=2))
    starts = sorted(draw(st.lists(days, min_size=len(told), max_size=len(told), unique=True)))
    for number, agreement in enumerate(told):
        agreement["starts"] = starts[number]
        if number + 1 < len(starts):
            agreement["ends"] = starts[number + 1] - timedelta(days=1)
        elif draw(st.booleans()):
            agreement["ends"] = starts[number] + timedelta(days=draw(st.integers(0, 90)))
        if "ends" in agreement and draw(st.integers(0, 2)) == 0:
            noticed = starts[number] + timedelta(days=draw(st.integers(0, 40)))
            agreement["notice_given"] = datetime.combine(noticed, time(13, 30))
    events = draw(st.lists(happenings, max_size=14))
    few = draw(st.sampled_from([DAYS, DAYS, 3]))  # many entries on few days make visits
    moments = draw(st.lists(st.integers(0, few * 24 - 1), min_size=len(events), max_size=len(events), unique=True))
    for event, hour in zip(events, moments, strict=True):
        _place(draw, event, datetime(2005, 1, 1) + timedelta(hours=hour))  # noqa: DTZ001 - moments of stories are local
    events += _voids(draw, events)
    events += _refunds(draw, events)
    events += _corrections(draw)
    events += _ends(draw, len(told))
    taxed: dict[str, Any] = draw(taxes) if draw(st.booleans()) else {}
    for event in events if taxed else ():
        for kind in ("work", "part"):
            if kind in event and draw(st.booleans()):
                event[kind] = {**event[kind], "site": draw(st.sampled_from(["Home", "Branch"]))}
    story: dict[str, Any] = {
        **taxed, "title": "random", "through": BEGINS + timedelta(days=DAYS), "shop": draw(shops),
        "agreement": told, "event": events,
    }  # fmt: skip
    if taxed:  # which say all
        story["shop"] = {name: value for name, value in story["shop"].items() if name not in {"tax_rate", "taxable"}}
    return without_refused(on_a_clock(story, draw(st.sampled_from(ZONES))))


def on_a_clock(story: dict[str, Any], zone: str | None) -> dict[str, Any]:
    """Tell a story on the clock of a zone; what would be at a time that it skips is an hour and a minute later."""
    if zone is None:
        return story

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: told(one) for name, one in value.items()}
        if isinstance(value, datetime) and not exists(value.replace(tzinfo=ZoneInfo(zone))):
            return value + timedelta(minutes=61)
        return value

    return {**story, "zone": zone, "event": [told(event) for event in story["event"]]}


def without_refused(story: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is refused as there is nothing to credit or give back; its place stays, as others may name it."""
    while (place := _refused(story)) is not None:
        nothing = {"at": story["event"][place]["at"], "pay": "0.00"}
        story = {**story, "event": [*story["event"][:place], nothing, *story["event"][place + 1 :]]}
    return story


def _refused(told: dict[str, Any]) -> int | None:
    """The place of the first event that playing refuses."""
    try:
        story = read_story(told)
    except Refused as refusal:
        return int(str(refusal).removeprefix("event ").split(":")[0]) - 1
    performance = Performance(Account(story.terms))
    last = max([story.through, *(event.recorded.date() for event in story.events)])
    for step in timeline(story.terms, story.events, last):
        try:
            performance.step(step)
        except Refused:
            assert isinstance(step.what, Event)
            return step.what.key - 1
    return None


def _corrections(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Credit invoices whole, by line and by amount, write them off and expect them again, after they were issued."""
    made = []
    for minute, told in enumerate(draw(st.lists(corrections, max_size=5)), start=51):
        at = datetime(2005, 1, 2, 1, minute) + timedelta(days=draw(st.integers(25, DAYS)))  # noqa: DTZ001
        made.append({"at": at, **told})
    return made


def _refunds(draw: st.DrawFn, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give back hours, retainer money and credit, at moments of their own; whether it is there is seen by playing."""
    sold = [number for number, event in enumerate(events, start=1) if "buy_hours" in event]
    made = []
    for minute, told in enumerate(draw(st.lists(refunds, max_size=3)), start=21):
        at = datetime(2005, 1, 2, 0, minute) + timedelta(days=draw(st.integers(20, DAYS)))  # noqa: DTZ001
        if "block" not in told or sold:
            named = {"block": draw(st.sampled_from(sold))} if "block" in told else {}
            made.append({"at": at, "refund": {**told, **named}})
    return made


def _ends(draw: st.DrawFn, agreements: int) -> list[dict[str, Any]]:
    """End an agreement with a day that was charged beyond already."""
    if not agreements or draw(st.integers(0, 2)):
        return []
    number = draw(st.integers(0, DAYS))
    at = datetime(2005, 1, 1, 0, 41) + timedelta(days=number)  # noqa: DTZ001
    on = BEGINS + timedelta(days=max(0, number - draw(st.integers(0, 45))))
    return [{"at": at, "end": {"agreement": draw(st.integers(1, agreements)), "on": on, "to": draw(to)}}]


def _voids(draw: st.DrawFn, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take some of the work and parts back, a moment later or weeks."""
    wrong = [number for number, event in enumerate(events, start=1) if ("work" in event or "part" in event)]
    named = draw(st.lists(st.sampled_from(wrong), max_size=2, unique=True)) if wrong else []
    later = [timedelta(minutes=20), timedelta(days=12, minutes=3), timedelta(days=40, minutes=7)]
    return [
        {
            "at": events[number - 1].get("recorded", events[number - 1]["at"]) + draw(st.sampled_from(later)),
            "void": number,
        }
        for number in named
    ]


def _place(draw: st.DrawFn, event: dict[str, Any], at: datetime) -> None:
    """Put an event at a moment; work may have been done earlier, or be approved later, at odd minutes."""
    event["at"] = at
    if "pay" in event and draw(st.integers(0, 2)) == 0:
        event["at"], event["recorded"] = at - timedelta(days=draw(st.integers(1, 60))), at
    if "work" not in event:
        return
    event["work"] = dict(event["work"])
    if draw(st.integers(0, 4)) == 0:
        event["at"], event["recorded"] = at - timedelta(days=draw(st.integers(1, 40))), at
    approval = draw(st.sampled_from([None, True, 1, 20]))
    if approval is True:
        event["work"]["approved"] = True
    elif approval:
        event["work"]["approved"] = at + timedelta(days=approval, minutes=17)
