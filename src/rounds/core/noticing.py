"""Low notices: completes an outcome with what the shop and the client are told because of it.

billing-rules.md, "Drawing down": low is raised once, and again only after the hours held, or the money available, have
been at or above the threshold of the agreement that is in force when it is recorded.
"""

from dataclasses import replace
from datetime import date

from rounds.core.account import Account, Key, Notice, NoticeKind, Outcome
from rounds.core.terms import Agreement, Plan


def with_notices(account: Account, outcome: Outcome, day: date, cause: Key) -> Outcome:
    """Add the low notices of an outcome recorded on a day; `account` is the one before it."""
    agreement = account.terms.agreement_on(day)
    is_drawn = any(draw.source == "block" and draw.seconds > 0 for draw in outcome.draws)
    is_opening = outcome.closing is not None and outcome.closing.reason in {"month", "start"}
    is_charged = is_opening or any(charge.amount > 0 for charge in outcome.charges)
    if not (is_drawn or _may_be_told(account, agreement, is_charged=is_charged)):
        return outcome
    after = account.after(outcome)
    kinds: list[NoticeKind] = []
    warned: dict[str, int | None] = {}
    if is_drawn:
        kinds += _hours_notices(after, agreement)
    if is_charged:
        kinds += _retainer_notices(after, agreement, day)
    if agreement is not None:
        if {NoticeKind.LOW_HOURS, NoticeKind.HOURS_EMPTY} & set(kinds):
            warned["hours"] = agreement.key
        elif account.low_hours_told is not None and _are_hours_well(after, agreement):
            warned["hours"] = None
        if NoticeKind.LOW_RETAINER in kinds:
            warned["retainer"] = agreement.key
        elif account.low_retainer_told is not None and _is_retainer_well(after, agreement, day):
            warned["retainer"] = None
        warned |= _next_block_told(account, after, outcome, agreement)
    if not kinds and not warned:
        return outcome
    notices = tuple(Notice(day, kind, cause) for kind in kinds)
    return replace(outcome, notices=(*outcome.notices, *notices), warned={**outcome.warned, **warned})


def _may_be_told(account: Account, agreement: Agreement | None, *, is_charged: bool) -> bool:
    """May anybody be told of what draws on no block, or what was told be forgotten? Of most outcomes nobody is."""
    if account.low_hours_told is not None or account.low_retainer_told is not None:
        return True
    has_next = agreement is not None and agreement.buys_below is not None
    return has_next or (is_charged and retainer_threshold(agreement) is not None)


def hours_threshold(agreement: Agreement | None) -> int | None:
    """Block seconds below which an agreement wants to be told; None: never."""
    return agreement.low_at_seconds if agreement is not None and agreement.plan is Plan.BLOCK else None


def retainer_threshold(agreement: Agreement | None) -> int | None:
    """Available cents below which an agreement wants to be told and topped up; None: never."""
    return agreement.low_at_amount if agreement is not None and agreement.plan is Plan.RETAINER else None


def _next_block_told(account: Account, after: Account, outcome: Outcome, agreement: Agreement) -> dict[str, int | None]:
    """Forget, once as many hours are held as the next block waits for, why none was bought by itself.

    Hours that are given back and leave fewer are not bought again by themselves: whoever gave them back wanted none.
    """
    limit = agreement.buys_below
    if limit is None:
        return {}
    if after.block_seconds < limit:
        return {"back": agreement.key} if outcome.refunds else {}
    told = {"stop": account.low_stop_told, "back": account.low_back_told}
    return {what: None for what, key in told.items() if key is not None}


def _hours_notices(after: Account, agreement: Agreement | None) -> list[NoticeKind]:
    """Say that a draw left nothing, under any plan; or less than a block agreement's threshold, unless it was told."""
    threshold = hours_threshold(agreement)
    if after.block_seconds == 0:
        return [NoticeKind.HOURS_EMPTY]
    if agreement is None or threshold is None or after.low_hours_told == agreement.key:
        return []
    return [NoticeKind.LOW_HOURS] if after.block_seconds < threshold else []


def _retainer_notices(after: Account, agreement: Agreement | None, day: date) -> list[NoticeKind]:
    threshold = retainer_threshold(agreement)
    if agreement is None or threshold is None or after.low_retainer_told == agreement.key:
        return []
    return [NoticeKind.LOW_RETAINER] if after.available_retainer(day) < threshold else []


def _are_hours_well(after: Account, agreement: Agreement) -> bool:
    threshold = hours_threshold(agreement)
    return threshold is not None and after.block_seconds >= threshold


def _is_retainer_well(after: Account, agreement: Agreement, day: date) -> bool:
    threshold = retainer_threshold(agreement)
    return threshold is not None and after.available_retainer(day) >= threshold
