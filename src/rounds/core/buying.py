"""What a client pays for beforehand: hours bought, deposits, and retainer money that arrives."""

from datetime import date
from fractions import Fraction

from rounds.core.account import Account, Block, Closing, Key, Kind, Line, Outcome
from rounds.core.days import add_months
from rounds.core.money import SECONDS_PER_HOUR, Refused, price, round_half_away
from rounds.core.noticing import with_notices
from rounds.core.taxing import tax_rows


def buy(account: Account, key: Key, day: date, hours: int, own_rate: int | None = None) -> Outcome:
    """Sell a block of whole hours: invoiced on its day at the standard rate, usable at once, with free hours on top.

    billing-rules.md, "Drawing down": the agreement in force that day says when the hours lapse, under any plan. Neither
    discount nor retainer applies. Hours that cost nothing are held without an invoice. `own_rate` is cents an hour that
    were agreed for it instead of the price list: then no hours come free.
    """
    if hours < 0:
        raise Refused("the hours bought are negative")
    terms, shop = account.terms, account.terms.shop_on(day)
    agreement, rate = terms.agreement_on(day), terms.hourly_rate_on(day) if own_rate is None else own_rate
    paid = hours * SECONDS_PER_HOUR
    free = 0 if own_rate is not None else shop.free_hours(hours)
    seconds = paid + round_half_away(Fraction(free) * SECONDS_PER_HOUR)
    if not seconds:
        return Outcome()
    months = agreement.hours_lapse_months if agreement else None
    amount = price(paid, rate)
    block = Block(key, day, seconds, seconds, amount, add_months(day, months) if months else None)
    tax = shop.taxes.of(Kind.HOURS)
    line = Line(Kind.HOURS, amount, seconds, rate, hours, tax=tax)
    rows = tax_rows([(tax, amount)])
    closing = Closing(day, terms.due_on(day), "purchase", (line,), rows, from_retainer=0, asked=0)
    return with_notices(account, Outcome(blocks=(block,), closing=closing if amount else None), day, key)


def deposit(account: Account, key: Key, day: date, amount: int) -> Outcome:
    """Take a deposit onto the retainer: invoiced and paid at once; the client's credit does not pay for it."""
    if amount < 0:
        raise Refused("the deposit is negative")
    if not amount:
        return Outcome()
    line = Line(Kind.RETAINER, amount)
    closing = Closing(
        day, account.terms.due_on(day), "deposit", (line,), (), from_retainer=0, asked=amount, is_paid_at_once=True
    )
    return with_notices(account, Outcome(closing=closing, retainer_change=amount), day, key)


def receive(account: Account, key: Key, day: date, amount: int) -> Outcome:
    """Put on the retainer what an invoice asked for: on the day on which that invoice is paid in full."""
    return with_notices(account, Outcome(retainer_change=amount, asked_change=-amount), day, key)
