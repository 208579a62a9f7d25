"""Keeps what an agreement that ended early leaves of included hours, and what of its fees is never earned."""

from collections.abc import Mapping

from django.db import transaction

from rounds.charges.accounts import Moved, Position, load_position
from rounds.charges.keeping import Cause, step
from rounds.charges.models import BroughtHours, Curtailment
from rounds.clients.models import Agreement
from rounds.core import ending
from rounds.core.account import Outcome


def end_early(agreement: Agreement, cause: Cause, curtailed: Mapping[int, int]) -> Outcome:
    """Cut the included hours of an agreement that has been ended; `curtailed` are cents by line of a closing."""
    while True:
        try:
            with transaction.atomic():
                return _keep(load_position(agreement.client), agreement, cause, curtailed)
        except Moved:
            continue


def cuts_of(position: Position, agreement: Agreement) -> Outcome:
    """Find the included hours that go."""
    value = next(one for one in position.account.terms.agreements if one.key == agreement.pk)
    return ending.cut(position.account, value, value.ends or value.starts)


def _keep(position: Position, agreement: Agreement, cause: Cause, curtailed: Mapping[int, int]) -> Outcome:
    outcome = cuts_of(position, agreement)
    step(position, [outcome])
    BroughtHours.objects.bulk_create(
        BroughtHours(
            client=position.client, grant_id=position.grants[one.agreement, one.month], seconds=-one.seconds,
            at=cause.at,
        )
        for one in outcome.cuts
    )  # fmt: skip
    Curtailment.objects.bulk_create(
        Curtailment(client=position.client, line_id=line, amount=cents, on=cause.on)
        for line, cents in curtailed.items()
    )
    return outcome
