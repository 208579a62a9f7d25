"""What an agreement means, in sentences that a client can read, with the figures that the rules make of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from rounds.clients.models import Agreement as Row
from rounds.core import opening
from rounds.core.account import Account, Kind
from rounds.core.calendars import show_week
from rounds.core.days import last_of_month
from rounds.core.money import SECONDS_PER_HOUR, discounted, price, round_half_away, show_amount, show_hours
from rounds.core.terms import Agreement, Lateness, NextBlock, Plan, Shop, Spyware, Terms

LINES = {Kind.FEE: "the fee", Kind.MONITORING: "monitoring"}


def in_words(agreement: Agreement, shop: Shop) -> list[str]:
    """The agreement in sentences, the plan's own terms first."""
    rate = agreement.hourly_rate if agreement.hourly_rate is not None else shop.hourly_rate
    by_plan = {
        Plan.SERVICE_AGREEMENT: _service_agreement,
        Plan.RETAINER: _retainer,
        Plan.BLOCK: _block,
        Plan.CALL_FIRST: _call_first,
        Plan.REACTIVE: _reactive,
    }
    return [*by_plan[agreement.plan](agreement, rate, shop), *_common(agreement, shop)]


def first_invoices(agreement: Agreement, shop: Shop) -> list[str]:
    """What its start, and the first full month, charge in advance: by the same rules that will make the invoices."""
    told = []
    following = last_of_month(agreement.starts) + timedelta(days=1)
    if agreement.starts.day != 1 and (first := _charged(agreement, shop, agreement.starts)):
        told.append(f"From {agreement.starts} to {following - timedelta(days=1)}: {first}.")
    month = following if agreement.starts.day != 1 else agreement.starts
    if agreement.is_in_force(month) and (full := _charged(agreement, shop, month)):
        told.append(f"Every month, in advance: {full}.")
    return told


def ending_in_words(row: Row) -> list[str]:
    """How an agreement ends or goes on, in sentences."""
    days = row.notice_days or 0
    weeks = f"{days} days" if days != 1 else "a day"
    if row.renew_months:
        months = "month" if row.renew_months == 1 else f"{row.renew_months} months"
        notice = f"notice is given {weeks} before its last day" if days else "notice is given before its last day"
        return [f"It goes on for another {months} under the same terms unless {notice}."]
    return [f"Either side can end it with {weeks} of notice."] if days else []


def _charged(agreement: Agreement, shop: Shop, day: date) -> str:
    """What is charged in advance for the period that begins on a day, as text."""
    alone = replace(agreement, starts=day)
    closing = opening.close(Account(terms=Terms(((date.min, shop),), (alone,))), day).closing
    lines = [line for line in closing.lines if line.kind in LINES] if closing else []
    parts = [f"{LINES[line.kind]} {show_amount(line.amount)}" for line in lines]
    if not parts:
        return ""
    tax = f" and tax {show_amount(closing.tax)}" if closing and closing.tax else ""
    return f"{', '.join(parts)}{tax}"


def _at_rate(rate: int, agreement: Agreement) -> str:
    """A discounted rate, and how it comes about."""
    paid = show_amount(round_half_away(discounted(rate, agreement.discount)))
    if not agreement.discount:
        return f"{paid} an hour"
    return f"{paid} an hour ({show_amount(rate)} less {_percent(agreement)})"


def _percent(agreement: Agreement) -> str:
    return f"{float(agreement.discount * 100):g} %"


def _service_agreement(agreement: Agreement, rate: int, shop: Shop) -> Iterator[str]:
    del shop
    hours = show_hours(agreement.included_seconds or 0)
    if agreement.fee is None:
        yield f"{hours} hours a month at {_at_rate(rate, agreement)}, paid in advance."
    else:
        yield f"{hours} hours a month for {show_amount(agreement.fee)}, paid in advance."
    yield "They cover maintenance, support and monitoring."
    rest = agreement.overage_discount if agreement.overage_discount is not None else agreement.discount
    beyond = show_amount(round_half_away(discounted(rate, rest)))
    yield f"Beyond them an hour costs {beyond}, and comes with the next month's invoice."
    if agreement.roll_months:
        months = "month" if agreement.roll_months == 1 else f"{agreement.roll_months} months"
        yield f"Hours not used can be used in the following {months}."
    else:
        yield "Hours not used lapse at the month's end."


def _retainer(agreement: Agreement, rate: int, shop: Shop) -> Iterator[str]:
    del shop
    yield f"Work is paid from money that was paid in advance, at {_at_rate(rate, agreement)}; so are parts."
    if agreement.low_at_amount is not None:
        yield f"The client is told when less than {show_amount(agreement.low_at_amount)} is available."
    if agreement.top_up_to is not None:
        yield f"The next first of the month then asks for the rest up to {show_amount(agreement.top_up_to)}."


def _block(agreement: Agreement, rate: int, shop: Shop) -> Iterator[str]:
    yield f"Hours are bought in advance at {show_amount(rate)} and used up by work."
    if shop.bonus_hours:
        sizes = [f"{float(free):g} with {float(size):g}" for size, free in sorted(shop.bonus_hours)]
        yield f"Free hours come with a larger block: {', '.join(sizes)}."
    yield f"When none are left, an hour costs {show_amount(rate)} and comes with the next month's invoice."
    if agreement.low_at_seconds is not None:
        yield f"The client is told when fewer than {show_hours(agreement.low_at_seconds)} hours are left."
    if agreement.next_block is not None:
        yield from _next_block(agreement, agreement.next_block, rate, shop)


def _next_block(agreement: Agreement, block: NextBlock, rate: int, shop: Shop) -> Iterator[str]:
    """The order that the client gives once and for all: what is bought by itself, when, for how much, and when not."""
    each = rate if block.rate is None else block.rate
    free = shop.free_hours(block.hours) if block.rate is None else 0
    gift = f" and {float(free):g} free" if free else ""
    later = "" if block.rate is not None or agreement.hourly_rate is not None else ", or what the price list then says"
    limit = show_hours(agreement.buys_below or 0)
    when = f"would leave fewer than {limit} hours" if agreement.buys_below else "needs more hours than are left"
    yield (
        f"The client orders the next block in advance: when work {when}, {block.hours} hours{gift} are bought by "
        f"themselves for {show_amount(price(block.hours * SECONDS_PER_HOUR, each))} before tax{later}, and invoiced on "
        "that day."
    )
    yield "They pay for the rest of that work; one piece of work buys one block at most."
    days = "a day" if block.late_days == 1 else f"{block.late_days} days"
    late = f"an invoice is more than {days} late" if block.late_days else "an invoice is late"
    yield f"Nothing is bought by itself while {late}, after notice is given, or after hours were given back."


def _visits(agreement: Agreement, shop: Shop) -> Iterator[str]:
    """How the time of a visit is counted where its entries are added up, and what the way costs."""
    if shop.is_per_visit if agreement.is_per_visit is None else agreement.is_per_visit:
        least = [
            f"{minutes} minutes {where}"
            for minutes, where in ((shop.minimum_onsite_minutes, "on site"), (shop.minimum_remote_minutes, "remotely"))
            if minutes
        ]
        yield (
            "The time of a visit (one order, one day, at one place) is added up and rounded up to "
            f"{shop.increment_minutes} minutes{f', at least {" and ".join(least)}' if least else ''}."
        )
    elif shop.is_per_visit:
        yield f"Each entry of time is rounded up to {shop.increment_minutes} minutes on its own."
    fee = shop.trip_fee if agreement.trip_fee is None else agreement.trip_fee
    if fee:
        yield f"Beside its time, a day with work on site costs {show_amount(fee)} for the trip."
    elif shop.trip_fee:
        yield "Trips to visits on site are included."


def _call_first(agreement: Agreement, rate: int, shop: Shop) -> Iterator[str]:
    del agreement, shop
    yield f"Every work is asked first; agreed work costs {show_amount(rate)} an hour."
    yield "Work that the client did not agree to is not billed."


def _reactive(agreement: Agreement, rate: int, shop: Shop) -> Iterator[str]:
    del agreement, shop
    yield f"Work is done when the client calls, for {show_amount(rate)} an hour."


def _common(agreement: Agreement, shop: Shop) -> Iterator[str]:
    if agreement.hours_lapse_months is not None:
        yield f"Hours bought lapse after {agreement.hours_lapse_months} months."
    paid = agreement.monitoring
    if paid is not None and paid.fee is not None:
        yield f"Monitoring costs {show_amount(paid.fee)} a month."
    elif paid is not None and paid.seconds is not None:
        yield (
            f"Monitoring takes {show_hours(paid.seconds)} hours a month off the block; where it does not hold them, "
            f"the same part of {show_amount(shop.monitoring_fee)} is charged."
        )
    elif paid is not None and paid.is_included:
        yield "Monitoring is included."
    yield from _visits(agreement, shop)
    if agreement.hourly:
        yield f"Always by the hour: {', '.join(sorted(agreement.hourly))}."
    if agreement.plan in {Plan.SERVICE_AGREEMENT, Plan.RETAINER, Plan.BLOCK}:
        yield {
            Spyware.COVERED: "Spyware clean-up is covered like any support.",
            Spyware.HOURLY: "Spyware clean-up is always by the hour.",
            Spyware.IF_PROTECTED: "Spyware clean-up is covered where the machine was protected and no user caused it.",
        }[agreement.spyware]
    if agreement.week is not None:
        yield f"Work outside {show_week(agreement.week)} counts {float(shop.after_hours_multiplier):g} times."
    days = agreement.net_days if agreement.net_days is not None else shop.net_days
    yield f"Invoices are due {days} days after their date."
    if shop.lateness is not None and shop.lateness.rate:
        yield _lateness(agreement, shop.lateness)


def _lateness(agreement: Agreement, lateness: Lateness) -> str:
    if agreement.waives_interest:
        return "Late invoices bear no interest."
    grace = f" from day {lateness.grace_days + 1} after their due day" if lateness.grace_days else ""
    return f"Late invoices bear interest of {lateness.in_words()}{grace}, by the days that they are late."
