"""An agreement that ends earlier than what was charged for it: the day goes in, what goes back comes out.

Of a fee and of monitoring that were billed in advance the days after the last one go back (billing-rules.md, "The
books": an unused rest of a fee by days). Included hours are prorated as if that day had been known; what was drawn of
them stays drawn, and no work is rated anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from rounds.core.account import Account, Cut, Kind, Line, Outcome
from rounds.core.crediting import Creditable, Parts
from rounds.core.days import first_of_month, last_of_month
from rounds.core.entries import refundable_fee
from rounds.core.granting import grant_for
from rounds.core.money import Refused
from rounds.core.terms import Agreement, Plan, Terms

IN_ADVANCE = (Kind.FEE, Kind.MONITORING)


@dataclass(frozen=True, slots=True)
class Rest:
    """Cents of a line, before tax, for days after the last one; `place` is the line's in its invoice, from 0.

    `row` is the place of its tax among the taxes of the invoice; None: it has none.
    `deferred`: they are not earned yet, as the line's period is not over.
    """

    place: int
    kind: Kind
    amount: int
    row: int | None
    deferred: bool


def charged_through(agreement: Agreement, day: date) -> date:
    """Find the last day for which an agreement has charged on a day: through the month where it charges in advance."""
    by = agreement.monitoring
    in_advance = agreement.plan is Plan.SERVICE_AGREEMENT or (by is not None and not by.is_included)
    return last_of_month(day) if in_advance else day


def end_early(terms: Terms, key: int, ends: date, at: datetime) -> Terms:
    """Give the terms under which an agreement, as is found at a moment, has ended with an earlier day.

    Refused: not a day within it, or one beyond which nothing is charged.
    """
    day, found = at.date(), next((one for one in terms.agreements if one.key == key), None)
    if found is None:
        raise Refused(f"there is no agreement {key}")
    if ends < found.starts:
        raise Refused(f"the agreement starts on {found.starts}: that is its last day at the earliest")
    if found.ends is not None and ends >= found.ends:
        raise Refused(f"the agreement ends on {found.ends} anyway")
    if found.starts > day or ends >= charged_through(found, day):
        raise Refused("nothing is charged beyond that day: end it as usual")
    others = (replace(one, ends=ends, noticed_at=at) if one.key == key else one for one in terms.agreements)
    return Terms(terms.shops, tuple(others))


def rests(
    lines: Sequence[Line], rows: Sequence[int | None], agreement: int, ends: date, day: date, left: Parts
) -> tuple[Rest, ...]:
    """Find what goes back of an invoice's lines, when the agreement is found on a day to have ended with another.

    `rows` are the places of the lines' taxes. Never more than credit notes have `left` of each tax, and without one.
    """
    found: list[Rest] = []
    still: dict[int | None, int] = {None: left.untaxed, **{place: row.base for place, row in enumerate(left.rows)}}
    for place, line in enumerate(lines):
        if line.kind not in IN_ADVANCE or line.agreement != agreement or line.period is None:
            continue
        amount = min(refundable_fee(line, ends), still[rows[place]])
        if amount < 1:
            continue
        found.append(Rest(place, line.kind, amount, rows[place], line.period[1] >= day))
        still[rows[place]] -= amount
    return tuple(found)


def parts_of(found: Creditable, given: Iterable[Rest]) -> Parts:
    """What a credit note of these rests takes back, with their tax."""
    sums: dict[int | None, int] = {}
    for rest in given:
        sums[rest.row] = sums.get(rest.row, 0) + rest.amount
    return found.by_lines(sums.get(None, 0), [sums.get(place, 0) for place in range(len(found.whole.rows))])


def cut(account: Account, agreement: Agreement, ends: date) -> Outcome:
    """Find the included hours that go, as the agreement ends with a day: of what is left, what exceeds the prorated."""
    return Outcome(cuts=tuple(_cuts(account, agreement, ends)))


def _cuts(account: Account, agreement: Agreement, ends: date) -> Iterator[Cut]:
    for grant in account.grants:
        if grant.agreement != agreement.key or last_of_month(grant.month) <= ends:
            continue
        first, fair = max(grant.month, agreement.starts), 0
        if first <= ends:
            fair = grant_for(agreement, first, ends, account.terms.shop_on(first_of_month(first))).seconds
        too_many = min(grant.left, grant.seconds - fair)
        if too_many > 0:
            yield Cut(grant.agreement, grant.month, too_many)
