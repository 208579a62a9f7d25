"""What a client owed and held at the end of any day, as it was shown then: from the books and what was not billed."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from rounds.charges.models import BroughtHours, Charge, Draw, Grant
from rounds.clients.agreeing import agreement_on, terms_of
from rounds.clients.models import Client
from rounds.core.chart import client_number
from rounds.core.days import first_of_month
from rounds.core.taxing import tax_of
from rounds.core.terms import Plan
from rounds.ledger.balancing import balances

OWED = "assets:receivable", "liabilities:credit", "liabilities:retainer", "liabilities:asked", "holdings:hours"


@dataclass(frozen=True, slots=True)
class OnDay:
    """One client at the end of a day, in cents and seconds; what he has (credit, retainer, hours) is positive."""

    plan: Plan
    receivable: int
    credit: int
    retainer: int
    retainer_asked: int
    block_seconds: int
    included_seconds: int
    unbilled: int
    unbilled_tax: int

    @property
    def retainer_available(self) -> int | None:
        """The retainer less everything not yet billed and its tax; None: he has no retainer."""
        if self.plan is not Plan.RETAINER and not self.retainer and not self.retainer_asked:
            return None
        return self.retainer - self.unbilled - self.unbilled_tax


def on_day(client: Client, day: date) -> OnDay:
    """Look back at one client. The number of questions to the database does not grow with his life."""
    receivable, credit, retainer, asked, hours = (_booked(root, client, day) for root in OWED)
    unbilled, taxes = _unbilled(client, day), terms_of(client).shop_on(day).taxes
    agreement = agreement_on(client, day)
    return OnDay(
        plan=Plan(agreement.plan) if agreement else Plan.REACTIVE,
        receivable=receivable, credit=-credit, retainer=-retainer, retainer_asked=-asked, block_seconds=hours,
        included_seconds=_included(agreement.pk, day) if agreement else 0,
        unbilled=sum(cents for _kind, _site, cents in unbilled),
        unbilled_tax=tax_of((taxes.of(kind, site), cents) for kind, site, cents in unbilled),
    )  # fmt: skip


def _booked(root: str, client: Client, day: date) -> int:
    """What a client's accounts below one add up to."""
    found = balances(day, below=f"{root}:{client.pk}")
    return sum(amount for (account, _), amount in found.items() if client_number(account) == client.pk)


def _unbilled(client: Client, day: date) -> list[tuple[str, int | None, int]]:
    """What work and parts had cost by a day that no invoice of by then names, by kind and by site."""
    waited = Q(line=None) | Q(line__closing__on__gt=day)
    rows = Charge.objects.filter(waited, client=client, recorded_on__lte=day)
    return list(rows.order_by().values_list("kind", "site").annotate(Sum("amount")))


def _included(agreement: int, day: date) -> int:
    """What was left on a day of the hours that an agreement includes for its month, or that rolled into it."""
    month = first_of_month(day)
    grants = Grant.objects.filter(agreement=agreement, month__lte=month, last_month__gte=month)
    granted = grants.aggregate(sum=Sum("seconds"))["sum"] or 0
    brought = BroughtHours.objects.filter(grant__in=grants).aggregate(sum=Sum("seconds"))["sum"] or 0
    drawn = Draw.objects.filter(grant__in=grants, on__lte=day).aggregate(sum=Sum("seconds"))["sum"] or 0
    return int(granted + brought - drawn)
