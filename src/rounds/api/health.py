"""The shop's own health as Prometheus reads it: what is watched, what waits, and when each thing was last done.

Every figure is counted when it is asked for, from the rows that the stages keep; there is nothing that could be wrong
after a restart.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet
from prometheus_client.core import GaugeMetricFamily, Metric

from rounds import __version__
from rounds.agents.models import CheckIn, Cursor, State
from rounds.agents.refusing import refused_by_code
from rounds.agents.telling import SILENT_AFTER
from rounds.clients.models import Machine
from rounds.findings.models import Finding
from rounds.findings.telling_models import Message
from rounds.invoices.issuing import due_clients, waiting_closings
from rounds.ledger.models import Proof, Unsealed
from rounds.mail.models import Letter


def health(at: datetime) -> Iterator[Metric]:
    """Every figure, with what it means."""
    yield _one("rounds_info", "The version that runs.", 1, version=__version__)
    yield from _machines(at)
    yield from _check_ins(at)
    yield _by("rounds_findings_open", "Open findings by severity.", _findings())
    yield _by("rounds_sending_waiting", "Letters and messages that have not gone out.", _waiting())
    yield _by("rounds_sending_failing", "Of those, what failed at least once.", _waiting(tries__gt=0))
    yield from _books(at)
    yield from _space()


def _machines(at: datetime) -> Iterator[Metric]:
    states = State.objects.filter(machine__retired_at=None)
    silent = states.filter(seen_at__lt=at - SILENT_AFTER).count()
    seen = states.count()
    without = Machine.objects.filter(retired_at=None).count() - seen
    counted = {"seen": seen - silent, "silent": silent, "without an agent": without}
    yield _by("rounds_machines", "Machines by whether their agent is heard of.", counted, label="state")


def _check_ins(at: datetime) -> Iterator[Metric]:
    kept = CheckIn.objects.aggregate(first=Min("pk"), last=Max("pk"))
    newest = State.objects.aggregate(at=Max("seen_at"))["at"]
    last = kept["last"] or 0
    behind = {row.reader: max(0, last - max(row.last_id, (kept["first"] or 1) - 1)) for row in Cursor.objects.all()}
    yield _moment("rounds_check_in_received_timestamp_seconds", "When the newest check-in came.", newest)
    refused = refused_by_code(at)
    yield _by("rounds_check_ins_refused", "What was refused of agents in 24 hours, by why.", refused, label="code")
    yield _by("rounds_check_ins_behind", "Check-ins that a reader has not read yet.", behind, label="reader")


def _findings() -> dict[str, int]:
    counted = Finding.objects.filter(closed_at=None).order_by().values_list("severity").annotate(Count("pk"))
    return dict(counted)


def _waiting(**more: int) -> dict[str, int]:
    messages: QuerySet[Message] = Message.objects.filter(sent_at=None, next_try_at__isnull=False, **more)
    return {"letters": Letter.objects.filter(sent_at=None, **more).count(), "messages": messages.count()}


def _books(at: datetime) -> Iterator[Metric]:
    proof = Proof.objects.order_by("-on").first()
    waiting = {
        "clients to play": due_clients(at).count(),
        "closings to issue": waiting_closings().count(),
        "entries to seal": Unsealed.objects.count(),
    }
    yield _by("rounds_books_waiting", "What the ticker has still to do for the books.", waiting, label="what")
    yield _moment(
        "rounds_books_proved_timestamp_seconds", "When the books were last proved.", proof.at if proof else None
    )
    yield _one("rounds_books_wrong", "What the last proof of the books found wrong.", len(proof.wrong) if proof else 0)


def _space() -> Iterator[Metric]:
    with connection.cursor() as asking:
        if connection.vendor == "postgresql":
            asking.execute("SELECT pg_database_size(current_database())")
        else:
            asking.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        (size,) = asking.fetchone()
    yield _one("rounds_database_bytes", "How large the database is.", size)
    free = shutil.disk_usage(settings.HOME if settings.HOME.is_dir() else settings.PACKAGE).free
    yield _one("rounds_home_free_bytes", "What is free where ROUNDS_HOME is.", free)


def _one(name: str, about: str, value: float, **labels: str) -> Metric:
    metric = GaugeMetricFamily(name, about, labels=list(labels))
    metric.add_metric(list(labels.values()), value)
    return metric


def _by(name: str, about: str, values: dict[str, int], label: str = "kind") -> Metric:
    metric = GaugeMetricFamily(name, about, labels=[label])
    for kind, value in sorted(values.items()):
        metric.add_metric([kind], value)
    return metric


def _moment(name: str, about: str, moment: datetime | None) -> Metric:
    """A moment in seconds since 1970; no figure where it has not come yet."""
    metric = GaugeMetricFamily(name, about)
    if moment is not None:
        metric.add_metric([], moment.timestamp())
    return metric
