"""What must hold of money, hours and time, whatever is told; and where each of these twenty is proved.

     1  every entry balances per commodity          books.Entry refuses; hledger, ledger, beancount: test_formats
     2  no entry ever changes                       the guards: house/test_guards; the chain: ledger/test_chain
     3  nothing held falls below zero               test_money_properties: test_nothing_goes_below_zero …
     4  issued = held + used + lapsed + refunded    test_money_properties: test_hours_issued_are_held …
     5  price = earned + deferred, 0 with no hours  test_money_properties: test_the_books_say …, test_hours_issued …
     6  parts of a stint sum to its billed seconds  test_money_properties: test_every_billed_second …
     7  taking back goes backwards, to the state    core/test_voiding: test_taking_everything_back …
        what is drawn is drawn in order             test_money_properties: test_blocks_are_drawn_in_their_order …
     8  rating is pure, whatever the file's order   test_money_properties: test_playing_… twice, test_the_order …
     9  splitting never lowers what was worked      here; by the clock: core/test_calendars
    10  a run again adds nothing; one = many        scenarios/test_stored: random stories, days cut at random
    11  lines + tax = total, total - paid = open    test_money_properties: test_what_is_open_of_an_invoice …
    12  crediting everything restores all           invoices/test_crediting: test_crediting_piece_by_piece …
    13  parts sum to the whole, each within a cent  here
    14  periods tile the timeline                   here; another clock: invoices/test_issuing
    15  prorated parts sum to the prorated whole    here
    16  receivable = open, less unused credit       test_money_properties: test_the_books_say …
    17  numbers without a gap, eight at once        faults/test_months, on PostgreSQL, with kills
    18  others accept the export, same balances     ledger/test_formats (`make proofs`: 200 shops), ledger/test_books
    19  e-invoices keep every official rule         core/test_e_invoice, invoices/test_e_invoices
    20  an issued invoice prints the same for ever  invoices/test_printing: test_what_happens_later …, test_e_invoices

Besides: in whatever order payments are recorded, they settle the same (here).
"""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rounds.core import settling
from rounds.core.account import Block, Kind, Line, Work
from rounds.core.calendars import Calendar, read_week
from rounds.core.days import last_of_month, months_in_force, share_of_month
from rounds.core.entries import earned_fee
from rounds.core.rating import billable_seconds
from rounds.core.settling import Debts, Receivable
from rounds.core.terms import Place, Shop

DAY = timedelta(days=1)
ZONES = [
    "America/New_York", "America/Sao_Paulo", "America/Havana", "Europe/Berlin", "Asia/Beirut", "Australia/Lord_Howe",
    "Africa/Casablanca", "Asia/Kathmandu",
]  # fmt: skip
days = st.dates(date(2000, 1, 1), date(2031, 12, 31))
starts = st.datetimes(datetime(2005, 1, 1), datetime(2005, 1, 14))  # noqa: DTZ001 - the shop's clock


@given(
    began=starts.map(lambda moment: moment.replace(second=0, microsecond=0)),
    minutes=st.integers(2, 600),
    at=st.floats(0, 1, exclude_min=True, exclude_max=True),
    increment=st.sampled_from([1, 6, 15, 60]),
    minimum=st.sampled_from([0, 30, 60]),
    times=st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2)]),
)
def test_splitting_a_stint_lowers_neither_what_was_worked_nor_without_grace_what_is_billed(
    began: datetime, minutes: int, at: float, increment: int, minimum: int, times: Fraction
) -> None:
    shop = Shop(100_00, increment, minimum_onsite_minutes=minimum, after_hours_multiplier=times)
    calendar = Calendar(read_week("Mon-Fri 08:00-18:00") or ())
    first = min(max(round(minutes * at), 1), minutes - 1)

    def billed(started: datetime, lasted: int) -> int:
        work = Work("w", started.date(), started.date(), lasted, place=Place.ONSITE, started=started)
        return billable_seconds(work, shop, calendar)[0]

    parts = billed(began, first) + billed(began + timedelta(minutes=first), minutes - first)

    assert parts >= billed(began, minutes) >= minutes * 60


@given(
    price=st.integers(0, 10_000_00),
    hours=st.integers(1, 60),
    drawn=st.lists(st.integers(1, 20 * 3600), max_size=30),
)
def test_draws_earn_a_blocks_price_to_the_cent_and_none_is_a_cent_off(price: int, hours: int, drawn: list[int]) -> None:
    block, earned = Block("b", date(2005, 1, 1), hours * 3600, hours * 3600, price), 0

    for wanted in [*drawn, hours * 3600]:
        seconds = min(wanted, block.left)
        share = block.earns(seconds)
        earned += share
        block = Block("b", block.bought_on, block.seconds, block.left - seconds, price)
        assert abs(share - Fraction(price * seconds, block.seconds)) <= 1
        assert abs(earned - Fraction(price * (block.seconds - block.left), block.seconds)) <= Fraction(1, 2)

    assert (block.left, earned) == (0, price)


@given(first=days, amount=st.integers(0, 100_000_00))
def test_a_fee_is_earned_day_by_day_to_the_cent(first: date, amount: int) -> None:
    last = last_of_month(first)
    line = Line(Kind.FEE, amount, period=(first, last))
    through = [first + timedelta(days=number) for number in range((last - first).days + 1)]

    earned = [earned_fee(line, first - DAY), *(earned_fee(line, day) for day in through)]

    assert earned[0] == 0
    assert earned == sorted(earned)
    assert earned[-1] == amount == earned_fee(line, last + DAY)


@given(starts=days, length=st.integers(0, 900), ends=st.none() | st.integers(0, 900))
def test_the_months_of_an_agreement_tile_the_time_it_is_in_force(starts: date, length: int, ends: int | None) -> None:
    until = last_of_month(starts + timedelta(days=length))
    over = None if ends is None else starts + timedelta(days=ends)

    periods = list(months_in_force(starts, over, until))

    covered = [first + timedelta(days=n) for first, last in periods for n in range((last - first).days + 1)]
    through = until if over is None else min(until, over)
    assert covered == [starts + timedelta(days=n) for n in range((through - starts).days + 1)]
    assert all((first.year, first.month) == (last.year, last.month) for first, last in periods)


@given(zone=st.sampled_from(ZONES), begins=days)
def test_the_days_of_a_shop_tile_the_timeline_when_the_clock_is_changed(zone: str, begins: date) -> None:
    on_the_clock = ZoneInfo(zone)
    mornings = [
        datetime.combine(begins + timedelta(days=n), time(), tzinfo=on_the_clock).astimezone(UTC) for n in range(370)
    ]

    for number, (begin, end) in enumerate(pairwise(mornings)):
        day = begins + timedelta(days=number)
        assert timedelta(hours=22) < end - begin < timedelta(hours=26)
        assert begin.astimezone(on_the_clock).date() == day
        assert (end - timedelta(microseconds=1)).astimezone(on_the_clock).date() == day


@given(first=days, cut=st.integers(1, 31))
def test_the_shares_of_a_months_parts_are_the_share_of_the_whole(first: date, cut: int) -> None:
    last = last_of_month(first)
    middle = first + timedelta(days=min(cut, (last - first).days))

    whole = share_of_month(first, last)

    if middle > first:
        assert share_of_month(first, middle - DAY) + share_of_month(middle, last) == whole
    assert share_of_month(first.replace(day=1), last) == 1


@given(
    opens=st.lists(st.tuples(st.integers(1, 500), st.integers(0, 30)), min_size=1, max_size=6),
    amounts=st.lists(st.integers(1, 700), max_size=6),
    data=st.data(),
)
def test_payments_settle_the_same_in_whatever_order_they_are_recorded(
    opens: list[tuple[int, int]], amounts: list[int], data: st.DataObject
) -> None:
    owed = Debts(
        tuple(Receivable(n, n, date(2005, 1, 1) + timedelta(days=due), open_) for n, (open_, due) in enumerate(opens))
    )
    named = st.none() | st.integers(0, len(opens) - 1)
    payments = [(amount, data.draw(named)) for amount in amounts]
    shuffled = data.draw(st.permutations(payments))

    def settled(recorded: list[tuple[int, int | None]]) -> Debts:
        debts = owed
        for amount, invoice in recorded:
            debts = debts.after(settling.pay(debts, amount, invoice))
        return debts

    assert settled(payments) == settled(shuffled)
