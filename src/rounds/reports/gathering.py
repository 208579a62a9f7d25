"""Gathers what many clients' reports are made of, in a fixed number of questions to the database for all of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from rounds.agents import history, learning
from rounds.agents.figures import Names
from rounds.agents.learning import Change
from rounds.agents.models import Agent, LogEvent, State
from rounds.agents.storage import DAY, Asked
from rounds.charges.standing import Holdings, holdings
from rounds.clients.models import Client, Machine
from rounds.core.daily_doings import Found
from rounds.core.daily_machines import Seen, Told, Wrong
from rounds.core.daily_watches import Looked
from rounds.findings.models import Finding, Listening, MachineMemory
from rounds.people.shop import local_day
from rounds.reports.mails import mails_of
from rounds.reports.models import Report
from rounds.reports.watches import watched_of
from rounds.upkeep.models import Evidence
from rounds.work.models import Stint

FIRST_LOOK = timedelta(days=1)  # back, where there was no report before
FURTHEST_LOOK = timedelta(days=7)
SEALED_AFTER = timedelta(hours=4)  # a day of figures is sealed by then (docs/stages.md)
FACTS = ("os", "boot", "updates", "reboot", "antivirus", "backups")
FIGURES = Names(exact=("processor.percent", "memory.used_percent"))
MOST_SAID = 40  # pieces of work, and of evidence, of one client


@dataclass(frozen=True, slots=True)
class Facts:
    """What one client's report is made of."""

    client: Client
    since: datetime
    last_day: date | None  # of the report before
    machines: Mapping[int, Seen]
    watched: Sequence[Looked]
    still_open: Sequence[Found]
    closed: Sequence[Found]
    mails: Sequence[Told]
    changes: Mapping[str, Sequence[Change]]
    events: Sequence[tuple[str, int, str]]
    done: Sequence[tuple[str, str]]
    held: Holdings
    is_deaf: bool


def figures_day(at: datetime) -> date:
    """The last whole day (UTC) whose figures are sealed."""
    return (at - SEALED_AFTER).astimezone(UTC).date() - timedelta(days=1)


class Gathered:
    """Everything of some clients, looked up once; `of` gives one of them his part."""

    def __init__(self, clients: Sequence[Client], at: datetime) -> None:
        self.clients, self.at = clients, at
        self.keys = [client.pk for client in clients]
        self.before = _last_reports(self.keys)
        self.since = {key: self._since(key) for key in self.keys}
        self.earliest = min(self.since.values(), default=at)
        self.holdings = holdings(clients, local_day(at))
        self.is_deaf = Listening.objects.exclude(deaf_since=None).exists()
        self.machines: dict[int, list[Machine]] = {}
        for machine in Machine.objects.filter(site__client__in=self.keys, retired_at=None).select_related("site"):
            self.machines.setdefault(machine.site.client_id, []).append(machine)
        self._look_at_machines()
        self._look_at_findings()
        self.watched = watched_of(self.keys, self.findings, self.at)
        self._look_at_work()

    def _since(self, client: int) -> datetime:
        before = self.before.get(client)
        return max(before.made_at, self.at - FURTHEST_LOOK) if before else self.at - FIRST_LOOK

    def _look_at_machines(self) -> None:
        keys = [machine.pk for rows in self.machines.values() for machine in rows]
        self.agents = set(Agent.objects.current().filter(machine__in=keys).values_list("machine", flat=True))
        self.states = _states(keys)
        self.maxima = dict(MachineMemory.objects.filter(pk__in=keys).values_list("pk", "chart__maxima"))
        begins = int(datetime.combine(figures_day(self.at), datetime.min.time(), UTC).timestamp()) * 1000
        self.days = history.sealed_day(keys, Asked(begins, begins + DAY, DAY, FIGURES, ("avg", "max")))
        self.changes = learning.changes_of(keys, self.earliest, self.at)
        self.events = _events(keys, self.earliest, self.at)
        self.mails = mails_of(self.keys, self.at)

    def _look_at_findings(self) -> None:
        self.findings: dict[int, list[Finding]] = {}
        over = Q(closed_at__gt=self.earliest, closed_at__lte=self.at)
        rows = Finding.objects.filter(Q(closed_at=None) | over, client__in=self.keys).select_related("machine")
        for row in rows.order_by("-severity", "opened_at", "pk"):
            self.findings.setdefault(row.client_id, []).append(row)

    def _look_at_work(self) -> None:
        stints = Stint.objects.filter(
            order__client__in=self.keys, recorded_at__gt=self.earliest, recorded_at__lte=self.at, void=None
        )
        self.stints: dict[int, list[Stint]] = {}
        for stint in stints.select_related("order", "who").order_by("started_at", "pk"):
            self.stints.setdefault(stint.order.client_id, []).append(stint)
        good = Evidence.objects.standing().filter(
            duty__client__in=self.keys, is_good=True, at__gt=self.earliest, at__lte=self.at
        )
        self.evidence: dict[int, list[Evidence]] = {}
        for row in good.select_related("duty__routine", "duty__machine").defer("details").order_by("at", "pk"):
            self.evidence.setdefault(row.duty.client_id, []).append(row)

    def of(self, client: Client) -> Facts:
        """What one client's report is made of."""
        since, before = self.since[client.pk], self.before.get(client.pk)
        findings = self.findings.get(client.pk, [])
        still_open = [row for row in findings if row.closed_at is None]
        machines = self.machines.get(client.pk, [])
        names = {machine.pk: machine.name for machine in machines}
        sent = before.content.get("check_ins", {}) if before else {}
        return Facts(
            client=client,
            since=since,
            last_day=before.day if before else None,
            machines={machine.pk: self._seen(machine, still_open, sent) for machine in machines},
            watched=self.watched.get(client.pk, []),
            still_open=[_found(row) for row in still_open],
            closed=[_found(row) for row in findings if row.closed_at is not None and row.closed_at > since],
            mails=self.mails.get(client.pk, []),
            changes={name: [one for one in self.changes.get(key, ()) if one.at > since] for key, name in names.items()},
            events=[
                (name, len(fresh), fresh[-1][1])
                for key, name in names.items()
                if (fresh := [one for one in self.events.get(key, ()) if one[0] > since])
            ],
            done=[*self._worked(client.pk, since), *self._proved(client.pk, since)],
            held=self.holdings[client.pk],
            is_deaf=self.is_deaf,
        )

    def _seen(self, machine: Machine, findings: Iterable[Finding], sent: Mapping[str, int]) -> Seen:
        state = self.states.get(machine.pk)
        mine = [row for row in findings if row.machine_id == machine.pk]
        offline = f"site {machine.site_id}"
        is_offline = any(row.rule == "site-offline" and row.subject == offline for row in findings)
        maxima = self.maxima.get(machine.pk)
        told: dict[str, Any] = state or {}
        return Seen(
            name=machine.name,
            kind=machine.kind,
            has_agent=machine.pk in self.agents or state is not None,
            is_silent=self.is_deaf or is_offline or any(row.rule == "silent" for row in mine),
            before=sent.get(str(machine.pk)),
            maxima=_by_day(maxima) if isinstance(maxima, dict) else {},
            day=self.days.get(machine.pk, {}),
            wrong=[Wrong(row.rule, row.severity, row.title) for row in mine],
            **told,
        )

    def _worked(self, client: int, since: datetime) -> list[tuple[str, str]]:
        rows = [row for row in self.stints.get(client, ()) if row.recorded_at > since and row.minutes]
        told = [(row.order.title, f"{row.minutes} min" + (f", {row.who}" if row.who else "")) for row in rows]
        return _at_most(told, "pieces of work")

    def _proved(self, client: int, since: datetime) -> list[tuple[str, str]]:
        rows = [row for row in self.evidence.get(client, ()) if row.at > since]
        told = []
        for row in rows:
            where = f"{row.duty.machine}: " if row.duty.machine else ""
            told.append((row.duty.routine.name, f"{where}{row.summary}"))
        return _at_most(told, "duties")


def _at_most(told: list[tuple[str, str]], noun: str) -> list[tuple[str, str]]:
    more = len(told) - MOST_SAID
    return [*told[:MOST_SAID], ("", f"and {more} more {noun}")] if more > 0 else told


def _last_reports(clients: Collection[int]) -> dict[int, Report]:
    last = Report.objects.filter(client=OuterRef("client")).order_by("-day").values("pk")[:1]
    rows = Report.objects.filter(client__in=clients, pk=Subquery(last))
    return {row.client_id: row for row in rows}


def _states(machines: Collection[int]) -> dict[int, dict[str, Any]]:
    """Of each state only the facts that a report tells of: a list of all software is long."""
    facts = [f"facts__{name}" for name in FACTS]
    rows = State.objects.filter(pk__in=machines).values(
        "pk", "seen_at", "check_ins", "samples", "disks", "probes", *facts
    )
    return {
        row["pk"]: {
            **{name: row[name] for name in ("seen_at", "check_ins", "samples", "disks", "probes")},
            # As `Known.fact`: what its probe gives no value of now is not known.
            "facts": {
                name: row[f"facts__{name}"]
                for name in FACTS
                if row[f"facts__{name}"] is not None and name not in row["probes"]
            },
        }
        for row in rows
    }


def _by_day(maxima: Mapping[str, Mapping[str, float]]) -> dict[str, dict[date, float]]:
    return {place: {date.fromisoformat(day): value for day, value in days.items()} for place, days in maxima.items()}


def _events(machines: Collection[int], since: datetime, until: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """The events of each machine's log, in the order of time."""
    fresh = LogEvent.objects.filter(machine__in=machines, at__gt=since, at__lte=until).order_by("at", "pk")
    found: dict[int, list[tuple[datetime, str]]] = {}
    for machine, at, text in fresh.values_list("machine", "at", "text"):
        found.setdefault(machine, []).append((at, text))
    return found


def _found(row: Finding) -> Found:
    where = row.machine.name if row.machine else ""
    return Found(where, row.title, row.severity, row.opened_at, row.closed_at)
