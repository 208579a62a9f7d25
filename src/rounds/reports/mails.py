"""What programs mailed last, about each thing of which they write, for many clients in a fixed number of questions."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Max

from rounds.core.daily import TROUBLE
from rounds.core.daily_machines import Told
from rounds.findings.models import Finding
from rounds.findings.reporting import subject_of
from rounds.mail.mail_models import newest_of_source
from rounds.mail.models import Reading, Result, Source

LOOKED_BACK = timedelta(days=45)
FORTNIGHT, MOST_DAYS = timedelta(days=14), 5  # on which something that writes daily has written, in its last fortnight

type Key = tuple[int, int, str]  # client, source, what it is about


@dataclass(slots=True)
class _Series:
    """What a source wrote about one thing: the last mail of it, and the days on which it wrote."""

    last: Told
    days: set[date] = field(default_factory=set)


def mails_of(clients: Collection[int], at: datetime) -> dict[int, list[Told]]:
    """What was said last, by the client's key: of each thing by itself, and of sources that nobody understands."""
    series: dict[Key, _Series] = {}
    for key, told in _readings(clients, at):
        kept = series.setdefault(key, _Series(told))
        kept.last = told  # they come in the order of time
        if told.at is not None:
            kept.days.add(told.at.date())
    settled = _settled(clients, at)
    found: dict[int, list[Told]] = {}
    for key, kept in series.items():
        found.setdefault(key[0], []).append(_summed(key, kept, settled))
    heard = {source for _client, source, _about in series}
    for client, source, told in _own_sources(clients):
        if source not in heard or told.result == Result.UNKNOWN:
            found.setdefault(client, []).append(told)
    return {client: sorted(rows, key=lambda one: (one.name, one.machine)) for client, rows in found.items()}


def _readings(clients: Collection[int], at: datetime) -> Iterator[tuple[Key, Told]]:
    rows = Reading.objects.filter(
        client__in=clients, mail__source__ended_at=None, mail__received_at__gt=at - LOOKED_BACK,
        mail__received_at__lte=at,
    ).exclude(result=Result.NOTICE)  # fmt: skip
    columns = rows.order_by("mail__received_at", "pk").values_list(
        "client", "mail__source", "about", "mail__source__name", "machine__name", "machine_name", "product", "result",
        "severity", "mail__received_at", "mail__subject", "mail__source__machine__name",
    )  # fmt: skip
    for client, source, about, name, machine, named, product, result, severity, received_at, subject, of in columns:
        yield (client, source, about), Told(
            name=f"{name}: {about}" if about and about not in name else name, machine=machine or of or named,
            product=product, result=result, severity=severity or TROUBLE, at=received_at, subject=subject[:160],
        )  # fmt: skip


def _summed(key: Key, kept: _Series, settled: dict[tuple[int, str], datetime]) -> Told:
    client, source, about = key
    last = kept.last
    recent = [day for day in kept.days if last.at is not None and day > last.at.date() - FORTNIGHT]
    closed_at = settled.get((client, subject_of(source, about)))
    return Told(
        name=last.name, machine=last.machine, product=last.product, result=last.result, severity=last.severity,
        at=last.at, subject=last.subject, is_daily=len(recent) >= MOST_DAYS,
        is_settled=closed_at is not None and last.at is not None and closed_at >= last.at,
    )  # fmt: skip


def _settled(clients: Collection[int], at: datetime) -> dict[tuple[int, str], datetime]:
    """When findings of what mails reported were closed last."""
    rows = Finding.objects.filter(client__in=clients, rule="alert-mail", closed_at__gt=at - LOOKED_BACK).order_by()
    last = rows.values_list("client", "subject").annotate(Max("closed_at"))
    return {(client, subject): closed_at for client, subject, closed_at in last}


def _own_sources(clients: Collection[int]) -> Iterator[tuple[int, int, Told]]:
    """The sources that are a client's own, with their last mail of all; one without a reading is not understood."""
    rows = Source.objects.current().filter(client__in=clients)
    last = [newest_of_source(name) for name in ("received_at", "subject", "worst")]
    for client, source, name, machine, at, subject, result in rows.values_list(
        "client", "pk", "name", "machine__name", *last
    ):
        said = "" if at is None else result or Result.UNKNOWN.value
        said = Result.SUCCESS.value if said == Result.NOTICE else said
        about = (subject or "")[:160]
        yield client, source, Told(name=name, machine=machine or "", result=said, at=at, subject=about, is_daily=False)
