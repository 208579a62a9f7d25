"""Rating: work or a part goes in; what it draws, what it costs and why comes out (billing-rules.md).

Work is paid by included hours, then by block hours, then by money. The terms are those of the day on which it was done;
blocks, retainer and thresholds are those of the day on which it is recorded.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from rounds.core.account import (
    Account,
    Block,
    Charge,
    Draw,
    Grant,
    Key,
    Kind,
    Notice,
    NoticeKind,
    Outcome,
    Part,
    Visit,
    Work,
)  # fmt: skip
from rounds.core.granting import missing_grants
from rounds.core.minutes import billable_seconds, clock, float_free, joined, name_place, visit_seconds
from rounds.core.money import discounted, price, round_half_away, show_amount, show_hours
from rounds.core.noticing import with_notices
from rounds.core.terms import Agreement, Category, Place, Plan, Spyware

__all__ = ["billable_seconds"]  # where it is asked for beside all that stands here

COVERED = {
    Plan.SERVICE_AGREEMENT: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING},
    Plan.RETAINER: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING, Category.PROJECT},
    Plan.BLOCK: {Category.MAINTENANCE, Category.SUPPORT, Category.MONITORING, Category.PROJECT},
    Plan.CALL_FIRST: set[Category](),
    Plan.REACTIVE: set[Category](),
}


def is_held(account: Account, work: Work) -> bool:
    """Say whether work waits for approval: done under call first, not approved, and not no charge anyway."""
    plan = account.terms.plan_on(work.on)
    return plan is Plan.CALL_FIRST and not work.is_approved and not work.is_no_charge


def approved(work: Work, on: date) -> Work:
    """Give the work that a later approval makes: rated by the day it was done, recorded on the day of approval."""
    return replace(work, is_approved=True, recorded_on=on)


def rate_work(account: Account, work: Work) -> Outcome:
    """Find what work draws and costs; call-first work without approval is held instead, with a notice."""
    visit = account.visits.get(work.visit, Visit()) if work.visit is not None else Visit()
    seconds, trace, visit = _billed(account, work, visit)
    if is_held(account, work):
        notice = Notice(work.recorded_on, NoticeKind.WORK_NOT_APPROVED, work.key)
        return Outcome(seconds, is_held=True, trace=(*trace, "held until the client approves"), notices=(notice,))
    grants = missing_grants(account, work.on)
    now = account.after(Outcome(grants=grants)) if grants else account
    charged = visit if account.terms.is_per_visit_on(work.on) else Visit()
    draws, charges, trace = pay_for(now, work, seconds, charged, trace)
    if work.visit is not None:
        visit = with_money(visit, charges)
    if trip := _trip(account, work, visit):
        charges, visit = (*charges, trip), replace(visit, trip=trip.amount)
    outcome = Outcome(
        seconds, trace=trace, draws=draws, charges=charges, grants=grants,
        visit=None if work.visit is None or work.is_no_charge else (work.visit, visit),
    )  # fmt: skip
    return with_notices(account, outcome, work.recorded_on, work.key)


def wanted_of_blocks(account: Account, work: Work) -> int:
    """Find the billed seconds that block hours may pay for, be they there or not."""
    if is_held(account, work) or not does_block_pay(account.terms.agreement_on(work.on), work):
        return 0
    outcome = rate_work(account, work)
    included = sum(draw.seconds for draw in outcome.draws if draw.source == "grant")
    return (outcome.billable_seconds or 0) - included


def _billed(account: Account, work: Work, visit: Visit) -> tuple[int, tuple[str, ...], Visit]:
    """Count the seconds billed for work, by itself or as it joins its visit, and give the visit that follows.

    A visit's entry is billed what the visit comes to now, less what is billed of it already: what was shown stays.
    """
    shop, calendar = account.terms.shop_on(work.on), account.terms.calendar_on(work.on)
    if work.is_no_charge or not account.terms.is_per_visit_on(work.on):
        seconds, trace = billable_seconds(work, shop, calendar)
        if work.visit is None:
            return seconds, trace, visit
        if not work.is_no_charge:
            visit = joined(visit, work, clock(work, calendar))
        return seconds, trace, replace(visit, seconds=visit.seconds + seconds)
    clocked, before = clock(work, calendar), visit
    visit = joined(visit, work, clocked)
    whole, steps = visit_seconds(visit, work.place, shop)
    seconds = max(0, whole - before.seconds)
    trace = (f"{work.minutes} min", *clocked.told)
    if before != Visit():
        so_far = f"with what was recorded before, the {name_place(work.place)} visit is {visit.minutes} min"
        more = f"{show_hours(before.seconds)} h of it are billed already: {show_hours(seconds)} h more"
        return seconds, (*trace, so_far, *steps, more), replace(visit, seconds=before.seconds + seconds)
    return seconds, (*trace, *steps), replace(visit, seconds=seconds)


def pay_for(
    account: Account, work: Work, seconds: int, visit: Visit, trace: tuple[str, ...]
) -> tuple[tuple[Draw, ...], tuple[Charge, ...], tuple[str, ...]]:
    """Pay billed seconds of work by included hours, then blocks, then money; gives the draws, the charge, the steps."""
    agreement, rest = account.terms.agreement_on(work.on), seconds
    draws: tuple[Draw, ...] = ()
    if agreement is not None and agreement.plan is Plan.SERVICE_AGREEMENT and is_covered(agreement, work):
        draws, rest = draw_grants(account.usable_grants(agreement.key, work.on), rest, work.key)
    if does_block_pay(agreement, work):
        more, rest = draw_blocks(account.usable_blocks(work.recorded_on), rest, work.key)
        draws += more
    trace += tuple(_explain_draw(account, draw) for draw in draws)
    charges = _charge_work(account, work, rest, visit, trace)
    return draws, charges, charges[0].trace if charges else trace


def with_money(visit: Visit, charges: Iterable[Charge]) -> Visit:
    """Add charges for time to what is charged for a visit."""
    money = dict(visit.money)
    for charge in charges:
        if charge.seconds is not None:
            key = (charge.kind, charge.rate or 0)
            seconds, amount = money.get(key, (0, 0))
            money[key] = (seconds + charge.seconds, amount + charge.amount)
    return replace(visit, money=money)


def _trip(account: Account, work: Work, visit: Visit) -> Charge | None:
    """Charge the trip with the first work on site that costs anything, once for its order's day; no hours pay it."""
    fee = account.terms.trip_fee_on(work.on)
    if work.place is not Place.ONSITE or work.is_no_charge or visit.trip or not fee:
        return None
    trace = (f"the first work on site for this order on {work.on}", f"a trip: {show_amount(fee)}")
    return Charge(Kind.TRIP, fee, work.key, work.recorded_on, rate=fee, quantity=1, trace=trace, site=work.site)


def rate_part(account: Account, part: Part) -> Outcome:
    """Charge a part at its price, or at cost plus the shop's markup, times its quantity; no hours ever pay for it."""
    each: int | Fraction = part.price or 0
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


def _charge_work(
    account: Account, work: Work, seconds: int, visit: Visit, trace: tuple[str, ...]
) -> tuple[Charge, ...]:
    """Charge what neither included hours nor blocks pay for; a charge of 0.00 is none.

    Within a visit amounts are cumulative, as the time is: whatever its entries are, they add up to its time's price.
    """
    kind, rate, why = work_rate(account, work)
    shown = round_half_away(rate)
    before, charged = visit.money.get((kind, shown), (0, 0))
    amount = price(before + seconds, rate) - charged if seconds else 0
    if not amount:
        return ()
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
