"""The next block, bought by itself where the agreement says so: an account and what is about to be drawn go in.

It is bought before the draw that would leave fewer hours than agreed, so that it pays for the rest of that draw. A draw
buys one block at most: what a single large one needs beyond it is charged as if there were none, and the next draw
buys the next one. Nothing is bought while an invoice is later than agreed, once it is known that the agreement is not
gone on with, and after hours were given back, until as many are held as it waits for; that is told once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from rounds.core import buying
from rounds.core.account import Account, Closing, Key, Notice, NoticeKind, Outcome, Work
from rounds.core.days import add_days
from rounds.core.opening import hours_due
from rounds.core.rating import wanted_of_blocks
from rounds.core.terms import Agreement


@dataclass(frozen=True, slots=True)
class When:
    """When hours are drawn: the day that it counts for, and the moment on the shop's clock at which it was recorded.

    `due_since` finds since when the client has an invoice that is due and not paid; None: there is none.
    """

    on: date
    at: datetime
    due_since: Callable[[], date | None]


@dataclass(frozen=True, slots=True)
class Bought:
    """A block that is bought by itself: under which agreement, its key, what caused it, and what comes of it."""

    agreement: Agreement
    key: Key
    cause: Key
    outcome: Outcome


def can_buy(account: Account) -> bool:
    """Is there an agreement under which the next block is bought by itself?"""
    return any(agreement.next_block for agreement in account.terms.agreements)


def before_work(account: Account, work: Work, when: When) -> Bought | Outcome | None:
    """Find what happens before work is rated: a block is bought, or it is told why not; None: neither."""
    return _before(account, wanted_of_blocks(account, work), work.key, when)


def before_closing(account: Account, when: When) -> Bought | Outcome | None:
    """Find what happens before a day is opened whose monitoring is paid in hours; as `before_work`."""
    return _before(account, hours_due(account, when.on), f"close {when.on}", when)


def foreseen(account: Account, on: date, due_since: date | None = None) -> tuple[Account, Closing | None]:
    """Give the account as a day's opening would find it, and what is invoiced first where a block is bought for it."""
    if not can_buy(account):
        return account, None
    found = before_closing(account, When(on, datetime.combine(on, time()), lambda: due_since))
    if not isinstance(found, Bought):
        return account, None
    return account.after(found.outcome), found.outcome.closing


def _before(account: Account, seconds: int, cause: Key, when: When) -> Bought | Outcome | None:
    agreement = account.terms.agreement_on(when.on)
    limit = agreement.buys_below if agreement is not None else None
    if agreement is None or limit is None or not seconds or account.block_seconds - seconds >= limit:
        return None
    stop = _stop(account, agreement, when)
    if stop is None:
        return _buy(account, agreement, cause, when.on)
    if account.low_stop_told == agreement.key:
        return None
    return Outcome(notices=(Notice(when.on, stop, cause),), warned={"stop": agreement.key})


def _stop(account: Account, agreement: Agreement, when: When) -> NoticeKind | None:
    """Say why nothing is bought by itself now, if something keeps it from being bought."""
    if account.low_back_told == agreement.key:
        return NoticeKind.NOT_BOUGHT_RETURNED
    if agreement.noticed_at is not None and _is_at_or_after(when.at, agreement.noticed_at):
        return NoticeKind.NOT_BOUGHT_ENDING
    since, terms = when.due_since(), agreement.next_block
    if since is not None and terms is not None and when.on > add_days(since, terms.late_days):
        return NoticeKind.NOT_BOUGHT_LATE
    return None


def _is_at_or_after(at: datetime, other: datetime) -> bool:
    """Compare moments on the shop's clock, of which in a story one may have its zone and the other not."""
    if (at.tzinfo is None) != (other.tzinfo is None):
        return at.replace(tzinfo=None) >= other.replace(tzinfo=None)
    return at >= other


def _buy(account: Account, agreement: Agreement, cause: Key, day: date) -> Bought | None:
    terms, key = agreement.next_block, f"next-{cause}"
    if terms is None:
        return None
    outcome = buying.buy(account, key, day, terms.hours, terms.rate)
    notices = (*outcome.notices, Notice(day, NoticeKind.BLOCK_BOUGHT, cause))
    return Bought(agreement, key, cause, replace(outcome, notices=notices))
