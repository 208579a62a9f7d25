"""Makes each client's daily report when his hour has come: once a day, however often, however late it runs."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction

from rounds.agents.models import Agent
from rounds.clients.agreeing import plans_on
from rounds.clients.models import Client
from rounds.clients.rows import agreement_value
from rounds.core.daily import last_due
from rounds.findings.models import Listening
from rounds.mail.models import Source
from rounds.people.shop import local_day
from rounds.reports import choosing
from rounds.reports.choosing import Wish
from rounds.reports.composing import compose
from rounds.reports.gathering import Gathered
from rounds.reports.models import Report, Wanted

log = logging.getLogger(__name__)

AT_ONCE = 50  # clients that are gathered together, and kept in one transaction
SETTLES_IN = timedelta(minutes=15)  # after a pause of ours, machines first send what they have kept

type Due = tuple[Client, Wish, date]


def pull(at: datetime) -> int:
    """Make the reports that are due; say how many were made. Again, it makes none.

    After the server was off it waits a quarter of an hour, so that machines that could not send are not called missing.
    """
    listening = Listening.objects.first()
    if listening is not None and listening.deaf_since is None and at - listening.since < SETTLES_IN:
        return 0
    return sum(make(batch, at) for batch in batched(due(at), AT_ONCE))


def due(at: datetime) -> list[Due]:
    """Whose report is due: his hour has come, since it was chosen and since he is a client, and there is none yet."""
    clients = list(Client.objects.current().order_by("pk"))
    wishes = choosing.wishes(clients)
    hours = {(clock, zone): last_due(at, clock, zone) for clock, zone in {(w.clock, w.zone) for w in wishes.values()}}
    days = {day for day, _ in hours.values()}
    made = set(Report.objects.filter(day__in=days).values_list("client", "day"))
    found = []
    for client in clients:
        wish = wishes[client.pk]
        day, moment = hours[wish.clock, wish.zone]
        is_new = moment < max(client.since, wish.hour_since)
        if wish.wanted != Wanted.NEVER and not is_new and (client.pk, day) not in made:
            found.append((client, wish, day))
    return list(_worth_it(found, at))


def _worth_it(found: Sequence[Due], at: datetime) -> Iterator[Due]:
    """Leave out, unless it is always wanted, whom nothing watches and whose plan pays for no watching."""
    if not found:
        return
    asked = [client for client, wish, _day in found if wish.wanted == Wanted.IF_WATCHED]
    keys = [client.pk for client in asked]
    watched = {key for key, row in plans_on(asked, local_day(at)).items() if agreement_value(row).is_watched}
    agents = Agent.objects.current().filter(machine__retired_at=None)
    watched |= set(agents.filter(machine__site__client__in=keys).values_list("machine__site__client", flat=True))
    watched |= set(Source.objects.current().filter(client__in=keys).values_list("client", flat=True))
    for client, wish, day in found:
        if wish.wanted == Wanted.ALWAYS or client.pk in watched:
            yield client, wish, day


@transaction.atomic
def make(batch: Sequence[Due], at: datetime) -> int:
    """Gather, compose and keep the reports of some clients; say how many. One that cannot be made holds up no other."""
    gathered = Gathered([client for client, _wish, _day in batch], at)
    to = choosing.addresses({client.pk: wish for client, wish, _day in batch})

    reports = []
    for client, wish, day in batch:
        try:
            reports.append(compose(gathered.of(client), wish, day, to[client.pk], at=at))
        except Exception:  # whatever one client's machines told must not keep the others' reports back
            log.exception("the report of %s could not be made; it is tried again", client)

    before = set(Report.objects.filter(client__in=gathered.keys, day__in={one.day for one in reports})
                 .values_list("client", "day"))  # fmt: skip
    Report.objects.bulk_create(reports, ignore_conflicts=True)
    return sum((one.client_id, one.day) not in before for one in reports)
