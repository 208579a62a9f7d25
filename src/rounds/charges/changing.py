"""Shows what a change of an agreement would do to the months that are not billed yet, before it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rounds.charges.previewing import account_before, next_first
from rounds.charges.standing import KIND_NAMES
from rounds.clients.models import Agreement
from rounds.clients.rows import agreement_value
from rounds.core import opening
from rounds.core.account import Account, Closing, Kind
from rounds.core.days import months_in_force
from rounds.core.terms import Agreement as AgreementValue
from rounds.core.terms import Terms

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of line, the tax or the total of an invoice: its cents as it stands, and with the change."""

    what: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Change:
    """The next invoice of a first of the month that a change touches, without it and with it."""

    on: date
    differences: tuple[Difference, ...]

    @property
    def is_one(self) -> bool:
        """Does the change change anything on it?"""
        return any(one.before != one.after for one in self.differences)


def change_of(typed: Agreement, changed: Agreement | None, today: date) -> Change:
    """Compare the next first of the month as it stands with what an agreement, as typed, would make of it.

    Refused: what the rules refuse of the agreement.
    """
    new = agreement_value(typed)
    on = new.starts if new.starts.day == 1 and new.starts > today else next_first(max(today, new.starts))
    before = account_before(typed.client, on)
    after = _with(before, new, changed.pk if changed else None, on)
    return Change(on, tuple(_differences(opening.close(before, on).closing, opening.close(after, on).closing)))


def _with(account: Account, new: AgreementValue, old: int | None, on: date) -> Account:
    """The account under the terms as they would be; what the new one charges before the day counts as charged."""
    kept = tuple(
        replace(one, ends=new.starts - DAY) if one.key == old and (one.ends is None or one.ends >= new.starts) else one
        for one in account.terms.agreements
        if one.key != old or one.starts < new.starts
    )
    own = replace(new, key=0)
    charged = {(own.key, first) for first, _last in months_in_force(own.starts, own.ends, on - DAY)}
    terms = Terms(account.terms.shops, tuple(sorted((*kept, own), key=lambda one: one.starts)))
    return replace(account, terms=terms, charged_in_advance=account.charged_in_advance | charged)


def _differences(before: Closing | None, after: Closing | None) -> Iterator[Difference]:
    sums = [_sums(before), _sums(after)]
    for kind in Kind:
        if kind in sums[0] or kind in sums[1]:
            yield Difference(KIND_NAMES[kind], sums[0].get(kind, 0), sums[1].get(kind, 0))
    taxes = [closing.tax if closing else 0 for closing in (before, after)]
    if any(taxes):
        yield Difference("tax", *taxes)
    yield Difference("in all", *(closing.total if closing else 0 for closing in (before, after)))


def _sums(closing: Closing | None) -> dict[Kind, int]:
    found: dict[Kind, int] = {}
    for line in closing.lines if closing else ():
        found[line.kind] = found.get(line.kind, 0) + line.amount
    return found
