"""The opening of a day: what lapses, and what the first of a month or an agreement's start charges (billing-rules.md).

Both are made before the day's work. `lapse` comes first, then hours bought and deposits (`buying`), then `close`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from rounds.core.account import Account, Charge, Closing, Draw, Kind, Lapse, Line, Notice, NoticeKind, Outcome
from rounds.core.days import last_of_month, months_in_force, share_of_month
from rounds.core.granting import missing_grants
from rounds.core.money import SECONDS_PER_HOUR, discounted, round_half_away
from rounds.core.noticing import retainer_threshold, with_notices
from rounds.core.rating import draw_blocks
from rounds.core.taxing import Tax, tax_rows
from rounds.core.terms import Agreement, Plan

DAYS_OF_WARNING = 14


def lapse(account: Account, day: date) -> Outcome:
    """Lapse the hours whose day has come, and warn of those that lapse in 14 days: one notice of each kind a day."""
    due = [block for block in account.blocks if block.left and block.lapses_on is not None and block.lapses_on <= day]
    lapses = tuple(Lapse(block.key, day, block.left, block.earns(block.left)) for block in due)
    soon = day + timedelta(days=DAYS_OF_WARNING) if day < date.max - timedelta(days=DAYS_OF_WARNING) else None
    kinds = [NoticeKind.HOURS_LAPSED] if lapses else []
    if any(block.left and block.lapses_on == soon for block in account.blocks if soon):
        kinds.append(NoticeKind.HOURS_LAPSING)
    return Outcome(lapses=lapses, notices=tuple(Notice(day, kind, f"lapse {day}") for kind in kinds))


def is_closing_day(account: Account, day: date) -> bool:
    """Say whether an invoice is due on a day: the first of a month, or the day on which an agreement starts."""
    return day.day == 1 or any(agreement.starts == day for agreement in account.terms.agreements)


def close(account: Account, day: date) -> Outcome:
    """Charge what a first of the month, or an agreement's start, charges; with nothing to bill there is no closing.

    Periods that an agreement owes from before (it was recorded after its start) are charged as well; what is in
    `charged_in_advance` is not charged again. A start in the middle of a month bills nothing that is left to bill and
    asks for no retainer.
    """
    periods, draws, closing = _bill(account, day)
    outcome = Outcome(
        draws=draws,
        grants=missing_grants(account, day),
        closing=closing,
        retainer_change=-closing.from_retainer if closing else 0,
        asked_change=closing.asked if closing else 0,
        charged=tuple((agreement.key, first) for agreement, first, _ in periods),
    )
    return with_notices(account, outcome, day, f"close {day}")


def closing_on(account: Account, day: date) -> Closing | None:
    """Find only what `close` would bill, where hundreds of accounts are asked for that alone."""
    return _bill(account, day)[2]


def _bill(account: Account, day: date) -> tuple[list[tuple[Agreement, date, date]], tuple[Draw, ...], Closing | None]:
    """Find the periods charged on a day, the hours that pay for their monitoring, and the closing."""
    periods = list(_uncharged_periods(account, day))
    now = account
    draws: tuple[Draw, ...] = ()
    monitoring: list[Line] = []
    for agreement, first, last in periods:
        taken, more = _monitoring(now, day, agreement, (first, last))
        now = now.after(Outcome(draws=taken)) if taken else now
        draws += taken
        monitoring += more
    fees = [line for agreement, first, last in periods for line in _fee(account, agreement, (first, last))]
    waiting = _unbilled(account.unbilled, day) if day.day == 1 else []
    lines = _without_excess(account, day, [*fees, *monitoring, *waiting])
    return periods, draws, _closing(account, day, lines)


def _uncharged_periods(account: Account, day: date) -> Iterator[tuple[Agreement, date, date]]:
    for agreement in sorted(account.terms.agreements, key=lambda agreement: agreement.starts):
        if agreement.starts <= day:
            for first, last in months_in_force(agreement.starts, agreement.ends, day):
                if (agreement.key, first) not in account.charged_in_advance:
                    yield agreement, first, last


def _closing(account: Account, day: date, lines: list[Line]) -> Closing | None:
    """Make the closing of the lines that are not 0.00, with what the retainer pays and asks for; None without lines."""
    of = account.terms.shop_on(day).taxes.of
    lines = [replace(line, tax=of(line.kind, line.site)) for line in lines if line.amount]
    taxes = tax_rows((line.tax, line.amount) for line in lines)
    from_retainer = min(account.retainer, sum(line.amount for line in lines) + sum(row.amount for row in taxes))
    asked = _to_ask(account, day, account.retainer - from_retainer)
    if asked:
        lines.append(Line(Kind.RETAINER, asked))
    if not lines or (all(line.charge is not None for line in lines) and not sum(line.amount for line in lines)):
        return None  # what was charged and charged back comes to nothing: it waits for an invoice that has more to tell
    return Closing(
        day, account.terms.due_on(day), "month" if day.day == 1 else "start", tuple(lines), taxes, from_retainer, asked
    )


def _to_ask(account: Account, day: date, balance: int) -> int:
    """Find what tops the retainer up, on a 1st on which balance and what is asked for are below the threshold."""
    agreement = account.terms.agreement_on(day)
    threshold = retainer_threshold(agreement)
    if day.day != 1 or agreement is None or threshold is None or agreement.top_up_to is None:
        return 0
    if agreement.ends is not None and agreement.ends <= last_of_month(day):
        return 0
    expected = balance + account.asked
    return agreement.top_up_to - expected if expected < threshold else 0


def _fee(account: Account, agreement: Agreement, period: tuple[date, date]) -> list[Line]:
    """Charge the fee of a service agreement for a period: the agreed one, or included hours at the discounted rate."""
    if agreement.plan is not Plan.SERVICE_AGREEMENT:
        return []
    whole = Fraction(agreement.fee or 0)
    if agreement.fee is None:
        rate = discounted(account.terms.hourly_rate_on(period[0]), agreement.discount)
        whole = Fraction(agreement.included_seconds or 0) * rate / SECONDS_PER_HOUR
    return [_advance(Kind.FEE, whole * share_of_month(*period), agreement, period)]


def _monitoring(
    account: Account, day: date, agreement: Agreement, period: tuple[date, date]
) -> tuple[tuple[Draw, ...], list[Line]]:
    """Charge a period's monitoring: a fee, or hours off the blocks and the standard fee for the part not held.

    billing-rules.md, "The first of the month": the hours are prorated by days and rounded down to an increment.
    """
    terms, share = agreement.monitoring, share_of_month(*period)
    if terms is None or terms.is_included:
        return (), []
    if terms.seconds is None:
        return (), [_advance(Kind.MONITORING, (terms.fee or 0) * share, agreement, period)]
    shop, due = account.terms.shop_on(period[0]), _hours_due(account, agreement, period)
    draws, missing = draw_blocks(account.usable_blocks(day), due, f"close {day}")
    if not missing:
        return draws, []
    instead = shop.monitoring_fee * share * Fraction(missing, due)
    return draws, [_advance(Kind.MONITORING, instead, agreement, period)]


def hours_due(account: Account, day: date) -> int:
    """Find the block seconds that pay for monitoring on a day, be they there or not."""
    return sum(
        _hours_due(account, agreement, (first, last)) for agreement, first, last in _uncharged_periods(account, day)
    )


def _hours_due(account: Account, agreement: Agreement, period: tuple[date, date]) -> int:
    terms = agreement.monitoring
    if terms is None or terms.is_included or not terms.seconds:
        return 0
    increment = account.terms.shop_on(period[0]).increment_minutes * 60
    return increment * floor(terms.seconds * share_of_month(*period) / increment)


def _advance(kind: Kind, exact: Fraction, agreement: Agreement, period: tuple[date, date]) -> Line:
    return Line(kind, round_half_away(exact), agreement=agreement.key, period=period)


def _without_excess(account: Account, day: date, lines: list[Line]) -> list[Line]:
    """Leave what is charged back to a later invoice where it would turn this one, or what it has of a tax, negative."""
    if not any(line.amount < 0 for line in lines):
        return lines
    of = account.terms.shop_on(day).taxes.of
    left = sum(line.amount for line in lines if line.amount > 0)
    taxed: dict[Tax | None, int] = {}
    for line in lines:
        if line.amount > 0:
            tax = of(line.kind, line.site)
            taxed[tax] = taxed.get(tax, 0) + line.amount
    kept = []
    for line in lines:
        if line.amount < 0:
            tax = of(line.kind, line.site)
            if -line.amount > left or (tax is not None and -line.amount > taxed.get(tax, 0)):
                continue
            left, taxed[tax] = left + line.amount, taxed.get(tax, 0) + line.amount
        kept.append(line)
    return kept


def _unbilled(charges: tuple[Charge, ...], day: date) -> list[Line]:
    """Bill what was left to bill at the start of the day, in the order it was recorded."""
    return [
        Line(charge.kind, charge.amount, charge.seconds, charge.rate, charge.quantity, charge=place, site=charge.site)
        for place, charge in enumerate(charges)
        if charge.recorded_on < day
    ]
