"""What a client pays for beforehand: hours bought and deposits, each invoiced on its day."""

from datetime import datetime

from rounds.charges import buying
from rounds.charges.models import Closing
from rounds.clients.models import Client
from rounds.invoices.issuing import bring_before_closing, issue
from rounds.invoices.models import Invoice
from rounds.people.models import User
from rounds.people.shop import local_day


def buy_hours(client: Client, hours: int, *, at: datetime, by: User | None = None) -> Invoice | None:
    """Sell a block of whole hours, usable at once, and issue its invoice; None where the hours cost nothing.

    They count before the day's closing and its work, where those have not been played yet.
    """
    bring_before_closing(client, local_day(at), at)
    return _issue(buying.buy_hours(client, hours, at=at, by=by))


def deposit(client: Client, amount: int, *, at: datetime, by: User | None = None) -> Invoice | None:
    """Take a deposit (cents) onto the client's retainer: invoiced, and paid at once."""
    bring_before_closing(client, local_day(at), at)
    return _issue(buying.deposit(client, amount, at=at, by=by))


def _issue(closing: Closing | None) -> Invoice | None:
    return issue(closing) if closing is not None else None
