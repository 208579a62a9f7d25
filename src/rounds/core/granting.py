"""Included hours: what a service agreement grants for each of its months, prorated by the days it is in force."""

from datetime import date
from math import ceil

from rounds.core.account import Account, Grant
from rounds.core.days import add_months, first_of_month, months_in_force, share_of_month
from rounds.core.terms import Agreement, Plan, Shop


def missing_grants(account: Account, day: date) -> tuple[Grant, ...]:
    """List the grants that agreements owe by a day and that the account does not have yet, oldest first.

    The first of the month brings them; they are found here as well for work on an agreement that was recorded late.
    """
    held = {(grant.agreement, grant.month) for grant in account.grants}
    return tuple(
        grant_for(agreement, first, last, account.terms.shop_on(first))
        for agreement in account.terms.agreements
        if agreement.plan is Plan.SERVICE_AGREEMENT and agreement.starts <= day
        for first, last in months_in_force(agreement.starts, agreement.ends, day)
        if (agreement.key, first_of_month(first)) not in held
    )


def grant_for(agreement: Agreement, first: date, last: date, shop: Shop) -> Grant:
    """Grant the included hours of a month in which the agreement is in force from first to last.

    billing-rules.md, "The first of the month": prorated by days, and the prorated hours rounded up to an increment; a
    whole month's hours stay as agreed.
    """
    month = first_of_month(first)
    seconds, share = agreement.included_seconds or 0, share_of_month(first, last)
    if share != 1:
        increment = shop.increment_minutes * 60
        seconds = increment * ceil(seconds * share / increment)
    return Grant(agreement.key, month, add_months(month, agreement.roll_months), seconds, seconds)
