"""Rating: work or a part goes in; what it draws, what it costs and why comes out (billing-rules.md).

Work is paid by included hours, then by block hours, then by money. The terms are those of the day on which it was done;
blocks, retainer and thresholds are those of the day on which it is recorded.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from rounds.core.account import Account, Block, Charge, Draw, Grant, Key, Kind, Notice, NoticeKind, Outcome, Part, Work
from rounds.core.calendars import Calendar, after_hours
from rounds.core.granting import missing_grants
from rounds.core.money import discounted, price, round_half_away, show_amount, show_hours
from rounds.core.noticing import with_notices
from rounds.core.terms import Agreement, Category, Place, Plan, Shop, Spyware

COVERED = {
    Plan.SERVICE_AGREEMENT: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING},
    Plan.RETAINER: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING, Category.PROJECT},
    Plan.BLOCK: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING, Category.PROJECT},
    Plan.CALL_FIRST: set[Category](),
    Plan.REACTIVE: set[Category](),
}


def billable_seconds(work: Work, shop: Shop, calendar: Calendar | None = None) -> tuple[int, tuple[str, ...]]:
    """Count the seconds that are billed for work, and the steps that led there, in words.

    billing-rules.md, "Billable minutes": minimum, increment (with grace), no charge, after hours, in this order.
    """
    if work.is_no_charge:
        return 0, (f"{work.minutes} min", "no charge")
    minutes, trace = work.minutes, [f"{work.minutes} min"]
    minimum = shop.minimum_minutes(work.place)
    if minutes < minimum:
        minutes = minimum
        trace.append(f"raised to {minutes} min ({_place(work.place)} minimum)")
    whole, rest = divmod(minutes, shop.increment_minutes)
    if rest and whole and rest <= shop.grace_minutes:
        minutes = whole * shop.increment_minutes
        trace.append(f"{rest} min over are within the grace of {shop.grace_minutes}: {minutes} min")
    elif rest:
        minutes = (whole + 1) * shop.increment_minutes
        trace.append(f"rounded up to {minutes} min (by {shop.increment_minutes})")
    seconds = minutes * 60
    late, why = _after_hours_minutes(work, minutes, calendar)
    if late and shop.after_hours_multiplier != 1:
        seconds = round_half_away((minutes - late) * 60 + late * 60 * shop.after_hours_multiplier)
        part = "" if late == minutes else f"{late} of {minutes} min "
        trace += [*why, f"{part}after hours, × {float_free(shop.after_hours_multiplier)}: {show_hours(seconds)} h"]
    return seconds, tuple(trace)


def _after_hours_minutes(work: Work, billed: int, calendar: Calendar | None) -> tuple[int, list[str]]:
    """Count the billed minutes that are after hours, and say why; a word of the technician goes before the clock.

    What minimum and rounding add to work that was partly within business hours is not after hours, as nobody worked
    then; what grace takes off is taken off the time after hours.
    """
    if work.is_after_hours is not None or calendar is None or work.started is None:
        return (billed if work.is_after_hours else 0), []
    if not work.minutes:  # a visit without time: its moment decides on what a minimum makes of it
        why = calendar.why_closed(work.started)
        return (billed if why else 0), [why] if why else []
    spans = after_hours(calendar, work.started, work.minutes)
    late = sum(span.minutes for span in spans)
    told = [str(span) for span in spans]
    if late == work.minutes:
        return (billed if late else 0), told
    return max(0, late - max(0, work.minutes - billed)), told


def float_free(share: Fraction) -> str:
    """Write a share as people do: "1.5" where that is exact, else "4/3"."""
    scaled = share * 10_000
    return show_hours(int(share * 3600)) if scaled.denominator == 1 else str(share)


def is_held(account: Account, work: Work) -> bool:
    """Say whether work waits for approval: done under call first, not approved, and not no charge anyway."""
    plan = account.terms.plan_on(work.on)
    return plan is Plan.CALL_FIRST and not work.is_approved and not work.is_no_charge


def approved(work: Work, on: date) -> Work:
    """Give the work that a later approval makes: rated by the day it was done, recorded on the day of approval."""
    return replace(work, is_approved=True, recorded_on=on)


def rate_work(account: Account, work: Work) -> Outcome:
    """Find what work draws and costs; call-first work without approval is held instead, with a notice."""
    seconds, trace = billable_seconds(work, account.terms.shop_on(work.on), account.terms.calendar_on(work.on))
    if is_held(account, work):
        notice = Notice(work.recorded_on, NoticeKind.WORK_NOT_APPROVED, work.key)
        return Outcome(seconds, is_held=True, trace=(*trace, "held until the client approves"), notices=(notice,))
    agreement = account.terms.agreement_on(work.on)
    grants = missing_grants(account, work.on)
    now = account.after(Outcome(grants=grants)) if grants else account
    draws: tuple[Draw, ...] = ()
    rest = seconds
    if agreement is not None and agreement.plan is Plan.SERVICE_AGREEMENT and is_covered(agreement, work):
        draws, rest = draw_grants(now.usable_grants(agreement.key, work.on), rest, work.key)
    if does_block_pay(agreement, work):
        more, rest = draw_blocks(now.usable_blocks(work.recorded_on), rest, work.key)
        draws += more
    trace += tuple(_explain_draw(now, draw) for draw in draws)
    charges = _charge_work(account, work, rest, trace)
    trace = charges[0].trace if charges else trace
    outcome = Outcome(seconds, trace=trace, draws=draws, charges=charges, grants=grants)
    return with_notices(account, outcome, work.recorded_on, work.key)


def rate_part(account: Account, part: Part) -> Outcome:
    """Charge a part at its price, or at cost plus the shop's markup, times its quantity; no hours ever pay for it."""
    each = Fraction(part.price or 0)
    trace: tuple[str, ...] = ()
    if part.price is None:
        markup = account.terms.shop_on(part.on).parts_markup
        each = (part.cost or 0) * (1 + markup)
        trace = (f"cost {show_amount(part.cost or 0)} plus {float_free(markup * 100)} %",)
    amount = round_half_away(each * part.quantity)
    trace += (f"{part.quantity} × {show_amount(round_half_away(each))}: {show_amount(amount)}",)
    charge = Charge(
        Kind.PART, amount, part.key, part.recorded_on,
        rate=round_half_away(each), quantity=part.quantity, trace=trace, site=part.site,
    )  # fmt: skip
    outcome = Outcome(trace=trace, charges=(charge,) if amount else ())
    return with_notices(account, outcome, part.recorded_on, part.key)


def is_covered(agreement: Agreement | None, work: Work) -> bool:
    """Say whether the plan covers the work, so that included hours pay for it or its rate is the discounted one."""
    if agreement is None or work.category in agreement.hourly:
        return False
    if work.category == Category.SPYWARE:
        return Category.SUPPORT in COVERED[agreement.plan] and is_spyware_covered(agreement.spyware, work)
    return work.category in COVERED[agreement.plan]


def does_block_pay(agreement: Agreement | None, work: Work) -> bool:
    """Say whether block hours may pay for the work, under whatever plan it was done; spyware follows its policy."""
    if agreement is not None and work.category in agreement.hourly:
        return False
    if work.category == Category.SPYWARE:
        return is_spyware_covered(agreement.spyware if agreement else Spyware.COVERED, work)
    return work.category in COVERED[Plan.BLOCK]


def is_spyware_covered(policy: Spyware, work: Work) -> bool:
    """Apply the policy for spyware clean-up: covered, hourly, or covered if protected and not a user's doing."""
    if policy is Spyware.IF_PROTECTED:
        return work.is_protected and work.cause != "user"
    return policy is Spyware.COVERED


def draw_grants(grants: Iterable[Grant], seconds: int, cause: Key) -> tuple[tuple[Draw, ...], int]:
    """Take seconds from included hours in the order given; returns the draws and the seconds that nothing paid for."""
    draws = []
    for grant in grants:
        taken = min(grant.left, seconds)
        if taken:
            draws.append(Draw("grant", taken, cause, grant=(grant.agreement, grant.month)))
        seconds -= taken
    return tuple(draws), seconds


def draw_blocks(blocks: Iterable[Block], seconds: int, cause: Key) -> tuple[tuple[Draw, ...], int]:
    """Take seconds from blocks in the order given; returns the draws, and the seconds that nothing paid for."""
    draws = []
    for block in blocks:
        taken = min(block.left, seconds)
        if taken:
            draws.append(Draw("block", taken, cause, block=block.key, earned=block.earns(taken)))
        seconds -= taken
    return tuple(draws), seconds


def _charge_work(account: Account, work: Work, seconds: int, trace: tuple[str, ...]) -> tuple[Charge, ...]:
    """Charge what neither included hours nor blocks pay for; a charge of 0.00 is none."""
    kind, rate, why = work_rate(account, work)
    amount = price(seconds, rate)
    if not amount:
        return ()
    shown = round_half_away(Fraction(rate))
    explained = f"{show_hours(seconds)} h {kind} at {show_amount(shown)} ({why}): {show_amount(amount)}"
    trace = (*trace, explained)
    return (Charge(kind, amount, work.key, work.recorded_on, seconds, shown, trace=trace, site=work.site),)


def work_rate(account: Account, work: Work) -> tuple[Kind, int | Fraction, str]:
    """Find the kind of line and the exact rate in cents for work that costs money, and which rate it is, in words."""
    agreement, rate = account.terms.agreement_on(work.on), account.terms.hourly_rate_on(work.on)
    if agreement is None or not is_covered(agreement, work):
        return Kind.LABOUR, rate, "the standard rate"
    if agreement.plan is Plan.SERVICE_AGREEMENT:
        share = agreement.discount if agreement.overage_discount is None else agreement.overage_discount
        return Kind.OVERAGE, discounted(rate, share), f"the overage rate, {float_free(share * 100)} % off"
    if agreement.plan is Plan.RETAINER:
        share = agreement.discount
        return Kind.LABOUR, discounted(rate, share), f"the retainer's rate, {float_free(share * 100)} % off"
    return Kind.LABOUR, rate, "the standard rate"


def _explain_draw(account: Account, draw: Draw) -> str:
    hours = show_hours(draw.seconds)
    if draw.grant is not None:
        return f"{hours} h from the included hours of {draw.grant[1]:%B %Y}"
    block = next(block for block in account.blocks if block.key == draw.block)
    return f"{hours} h from the block bought on {block.bought_on}"


def _place(place: Place) -> str:
    return "on-site" if place is Place.ONSITE else "remote"
