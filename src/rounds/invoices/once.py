"""Records money once: a form sent twice (a double click, a page loaded again) is told apart from two of the same."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone

from rounds.charges.accounts import hold
from rounds.clients.models import Client
from rounds.core.money import Refused


def last_seen(model: type[models.Model], client: Client) -> int:
    """The last row of a client that a form was shown after; 0: there was none."""
    rows = model._default_manager.filter(client=client)
    return rows.aggregate(last=Max("pk"))["last"] or 0


@transaction.atomic
def record_once[Made](
    model: type[models.Model], client: Client, same: Mapping[str, Any], *, seen: int, verb: Callable[[], Made]
) -> Made:
    """Run a verb that makes a row of a client, unless the same row was made after the form was shown.

    The client's account is held meanwhile, so that two requests of one double click follow each other. Refused: the
    second one, in words that say how to record it nevertheless.
    """
    hold(client)
    made = model._default_manager.filter(client=client, pk__gt=seen, **same).order_by("pk").last()
    if made is not None:
        at = timezone.localtime(made.at)  # type: ignore[attr-defined]
        raise Refused(f"this was recorded already, at {at:%H:%M:%S}; send it again only if it happened twice")
    return verb()
