"""Shows what an edit of an agreement or of the shop's prices does to months that are not billed yet, before it is kept.

Both ways are played on by the rules from the account as it stands: what is left to bill and what falls due by itself.
Work that is still to be done is in neither; work that was recorded is rated already, and no edit rates it again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rounds.charges.previewing import account_before, accounts_before, next_first
from rounds.charges.standing import KIND_NAMES
from rounds.clients.agreeing import shop_versions
from rounds.clients.models import Agreement, Client, ShopTerms
from rounds.clients.rows import agreement_value
from rounds.core import buying, next_block, opening
from rounds.core.account import Account, Closing, Kind
from rounds.core.days import add_months
from rounds.core.money import show_amount, show_hours
from rounds.core.terms import Agreement as AgreementValue
from rounds.core.terms import Terms

DAY = timedelta(days=1)
LONGEST_YEARS = 3  # ahead: what is agreed from later on is not shown to the cent
FIRSTS = 2  # of the month, from the start on: a part of a month, and the first whole one


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of line, the tax or the total of an invoice: its cents as it stands, and with the edit."""

    what: str
    before: int
    after: int

    @property
    def more(self) -> int:
        """How much more the edit makes of it; less than nothing where it makes less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Change:
    """An invoice that is still to come, by its day, without an edit and with it."""

    on: date
    differences: tuple[Difference, ...]

    @property
    def is_one(self) -> bool:
        """Does the edit change anything on it?"""
        return any(one.more for one in self.differences)

    @property
    def total(self) -> Difference:
        """What it comes to in all."""
        return self.differences[-1]


def changes_of(typed: Agreement, changed: Agreement | None, today: date) -> list[Change]:
    """Compare the open invoices that an agreement, as typed, touches: as they stand, and as it would make them.

    They are that of its start (today's, where it began before), and of the firsts of the month until a whole month is
    billed by it. Refused: what the rules refuse of the agreement.
    """
    new = agreement_value(typed)
    start = max(new.starts, today)
    firsts = [next_first(start) if start.day > 1 else start]
    firsts += [add_months(firsts[0], count) for count in range(1, FIRSTS)]
    meanwhile = [day for months in range(12 * LONGEST_YEARS) if (day := add_months(next_first(today), months)) < start]
    days = sorted({start, *firsts, *meanwhile})
    before = account_before(typed.client, days[0])
    after = _with(before, new, changed.pk if changed else None)
    pairs = zip(days, _play(before, days), _play(after, days), strict=True)
    told = [(day, one, other) for day, one, other in pairs if day >= start and (one or other)]
    return [Change(day, tuple(_differences(one, other))) for day, one, other in told]


def _play(account: Account, days: Iterable[date]) -> Iterator[list[Closing]]:
    """Open some days one after another, and give what each would bill: a block that is bought by itself, the rest."""
    for day in days:
        account, bought = next_block.foreseen(account.after(opening.lapse(account, day)), day)
        outcome = opening.close(account, day)
        account = account.after(outcome)
        yield [closing for closing in (bought, outcome.closing) if closing is not None]


def _alone(account: Account, new: AgreementValue) -> Account:
    """The account under one agreement."""
    return replace(account, terms=Terms(account.terms.shops, (new,)))


def _with(account: Account, new: AgreementValue, old: int | None) -> Account:
    """The account under the terms as they would be."""
    kept = tuple(
        replace(one, ends=new.starts - DAY) if one.key == old and (one.ends is None or one.ends >= new.starts) else one
        for one in account.terms.agreements
        if one.key != old or one.starts < new.starts
    )
    agreements = tuple(sorted((*kept, replace(new, key=0)), key=lambda one: one.starts))
    return replace(account, terms=Terms(account.terms.shops, agreements))


def next_block_in_words(typed: Agreement, today: date) -> str:
    """When the next block would be bought by itself under an agreement as typed, and what for; empty: never."""
    value = agreement_value(typed)
    terms, limit = value.next_block, value.buys_below
    if terms is None or limit is None:
        return ""
    start = max(value.starts, today)
    account = account_before(typed.client, next_first(today))
    closing = buying.buy(_alone(account, value), "preview", start, terms.hours, terms.rate).closing
    sum_ = show_amount(closing.total) if closing else show_amount(0)
    held = f"{show_hours(account.block_seconds)} h are held now"
    if account.block_seconds < limit:
        return f"{held}: the next work buys {terms.hours} h by itself, for {sum_} with tax."
    more = show_hours(account.block_seconds - limit)
    return f"{held}: once more than {more} h of them are used, {terms.hours} h are bought, for {sum_} with tax."


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What new prices do to all clients on the first of the month on which they are first billed."""

    on: date
    clients: tuple[tuple[Client, Difference], ...]  # those whose invoice changes, the most changed first
    unchanged: int

    @property
    def total(self) -> Difference:
        """What the invoices that change come to in all."""
        sums = [sum(getattr(one, side) for _client, one in self.clients) for side in ("before", "after")]
        return Difference("in all", *sums)


def price_change(typed: ShopTerms, today: date) -> PriceChange:
    """Compare all clients' next invoices on which new prices tell: fees, monitoring, tax. Refused: strange prices."""
    on = typed.since if typed.since.day == 1 and typed.since > today else next_first(max(today, typed.since))
    clients = {client.pk: client for client in Client.objects.current().order_by("pk")}
    before = dict(accounts_before(list(clients), on, shop_versions()))
    after = accounts_before(list(clients), on, shop_versions(typed))
    changed = [
        (clients[key], Difference("in all", _total(before[key], on), _total(account, on))) for key, account in after
    ]
    told = sorted((one for one in changed if one[1].more), key=lambda one: (-abs(one[1].more), one[0].name))
    return PriceChange(on, tuple(told), len(changed) - len(told))


def _total(account: Account, on: date) -> int:
    closing = opening.closing_on(account, on)
    return closing.total if closing else 0


def _differences(before: Sequence[Closing], after: Sequence[Closing]) -> Iterator[Difference]:
    sums = [_sums(before), _sums(after)]
    for kind in Kind:
        if kind in sums[0] or kind in sums[1]:
            yield Difference(KIND_NAMES[kind], sums[0].get(kind, 0), sums[1].get(kind, 0))
    taxes = [sum(closing.tax for closing in side) for side in (before, after)]
    if any(taxes):
        yield Difference("tax", *taxes)
    yield Difference("in all", *(sum(closing.total for closing in side) for side in (before, after)))


def _sums(closings: Sequence[Closing]) -> dict[Kind, int]:
    found: dict[Kind, int] = {}
    for line in (line for closing in closings for line in closing.lines):
        found[line.kind] = found.get(line.kind, 0) + line.amount
    return found
