"""What a daily report says of machines: what is known of each in; backups, anti-virus, updates, disks and use out.

Findings are the one judge of what is measured and has a limit, as their page says by which one. Beside that it is told
what is missing, and what no limit watches: the age of a backup, and whether an anti-virus program runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from rounds.core.daily import MISSING, PLAIN, SOON, TROUBLE, WELL, Row, Section, section, worst
from rounds.core.forecasting import Span, forecast, in_words
from rounds.core.latest import disks_without_value, fullest, moment

BACKUP_SOON, BACKUP_TROUBLE = timedelta(hours=30), timedelta(hours=78)  # a night was missed; a weekend and a night
BACKUP_MAIL = timedelta(days=8)  # a backup that is done more seldom than weekly is none
SIGNATURES_SOON, SIGNATURES_TROUBLE = timedelta(days=3), timedelta(days=14)
LISTS_SOON = timedelta(days=4)  # what is pending is only as fresh as the lists of packages
NOT_NOW = timedelta(hours=1)  # older figures say of when they are
QUIET = {"workstation": timedelta(days=3)}  # it may be off for a night or a weekend
QUIET_OTHERS = timedelta(days=1)
BEST_FIRST = (WELL, SOON, TROUBLE, MISSING)
FULL_WITHIN = 365.0  # days; a disk that is full later than that is not worth a word


@dataclass(frozen=True, slots=True)
class Wrong:
    """An open finding of a machine: its rule, severity and one line."""

    rule: str
    severity: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A machine as it is known when the report is made; what its agent told of it may be anything.

    `day` is its last whole day's figures, such as `processor.percent|avg`; `before` how many check-ins it had sent at
    the last report.
    """

    name: str
    kind: str = "server"
    has_agent: bool = True
    is_silent: bool = False  # a finding says so, of it or of its site
    seen_at: datetime | None = None
    check_ins: int = 0
    before: int | None = None
    samples: Mapping[str, float] = field(default_factory=dict)
    disks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    probes: Mapping[str, str] = field(default_factory=dict)
    maxima: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    day: Mapping[str, float] = field(default_factory=dict)
    wrong: Sequence[Wrong] = ()

    def judged(self, *rules: str) -> str:
        """How findings of some rules say it is; without one it is well."""
        return worst(one.severity for one in self.wrong if one.rule in rules) or WELL

    def fact(self, name: str) -> Mapping[str, Any]:
        """A fact as a mapping; an empty one if it is not known."""
        told = self.facts.get(name)
        return told if isinstance(told, Mapping) else {}

    def listed(self, name: str, field_name: str) -> list[Mapping[str, Any]]:
        """The rows of a fact that is a list of them."""
        told = self.fact(name).get(field_name)
        return [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A program that mails, and what its last mail said: "failure", "success", "unknown", or "" without one.

    `is_daily`: it wrote on most days, while it wrote. `is_settled`: a person closed the finding of its failure.
    """

    name: str
    machine: str = ""
    product: str = ""
    result: str = ""
    severity: str = TROUBLE
    at: datetime | None = None
    subject: str = ""
    is_daily: bool = True
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """When a report looks, back to when, and on whose clock its moments are told; `day` is that of `Seen.day`."""

    since: datetime
    until: datetime
    zone: tzinfo
    day: date

    def moment(self, at: datetime) -> str:
        """A moment on the client's clock: 06:00 today, Thu 18:02, 3 Nov 18:02."""
        local, now = at.astimezone(self.zone), self.until.astimezone(self.zone)
        if local.date() == now.date():
            return f"{local:%H:%M}"
        form = "%a %H:%M" if timedelta(0) <= now - local < timedelta(days=6) else "%-d %b %H:%M"
        return local.strftime(form) if local.year == now.year else f"{local:%-d %b %Y}"

    def age(self, at: datetime) -> str:
        """How long ago, in hours or days."""
        hours = (self.until - at).total_seconds() / 3600
        if hours < 1.5:
            return "1 hour" if hours >= 0.5 else "less than an hour"
        return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def is_heard(machine: Seen, look: Look) -> bool:
    """Is it heard often enough that its figures tell how it is?"""
    if not machine.has_agent or machine.is_silent or machine.seen_at is None:
        return False
    return look.until - machine.seen_at <= QUIET.get(machine.kind, QUIET_OTHERS)


def why_missing(machine: Seen, look: Look) -> str:
    """Why nothing is known of a machine."""
    if not machine.has_agent:
        return "missing: it has no agent"
    if machine.seen_at is None:
        return "missing: its agent has sent nothing yet"
    return f"missing: last heard {look.moment(machine.seen_at)}, {look.age(machine.seen_at)} ago"


def _missing(_machine: Seen) -> str:
    return MISSING


def _each(
    machines: Sequence[Seen], look: Look, tell: Callable[[Seen], Row | None], how: Callable[[Seen], str] = _missing
) -> list[Row]:
    """A row a machine: what is not heard is missing, unless it is a device that nobody expects to report."""
    rows = []
    for machine in machines:
        if is_heard(machine, look):
            row = tell(machine)
        elif machine.kind == "device" and not machine.has_agent:
            row = None
        else:
            row = Row(how(machine), machine.name, why_missing(machine, look))
        if row is not None:
            rows.append(row)
    return rows


def _unmeasured(machine: Seen, probe: str) -> Row | None:
    """What stands where a probe could not measure; None if it gave no error."""
    told = machine.probes.get(probe, "")
    if not told.startswith("error"):
        return None
    return Row(MISSING, machine.name, f"could not be measured: {told.removeprefix('error: ')[:160]}")


def backups(machines: Sequence[Seen], mails: Sequence[Told], look: Look) -> Section:
    """When each backup ran last. A server of which no backup is known is missing."""
    mailed = {one.machine for one in mails}
    newest: list[datetime] = []

    def tell(machine: Seen) -> Row | None:
        runs = machine.listed("backups", "runs")
        told = [_run(run, look) for run in runs]
        newest.extend(at for run in runs if (at := moment(run.get("last_at"))))
        told += [(one.severity, one.title) for one in machine.wrong if one.rule == "backup-failed"]
        if told:
            return Row(worst(state for state, _ in told), machine.name, "; ".join(words for _, words in told))
        if (row := _unmeasured(machine, "backups")) is not None:
            return row
        if machine.kind != "server" or machine.name in mailed or "" in mailed:
            return None
        return Row(MISSING, machine.name, "missing: no backup of it is known")

    heard = [one for one in machines if one.kind == "server" or is_heard(one, look)]
    rows = [*_each(heard, look, tell), *(mail_row(one, look, BACKUP_MAIL) for one in mails)]
    words = f"the newest {look.moment(max(newest))}" if newest else ""
    return section("backups", "Backups", rows, words)


def _run(run: Mapping[str, Any], look: Look) -> tuple[str, str]:
    """One backup: how it is, and in words."""
    product = str(run.get("product") or "backup")
    if run.get("error"):
        return TROUBLE, f"{product}: {str(run['error'])[:160]}"
    last = moment(run.get("last_at"))
    if last is None:
        return MISSING, f"{product}: when it last ran is not known"
    size = run.get("bytes")
    much = f", {_size(size)}" if isinstance(size, int | float) and size > 0 else ""
    age = look.until - last
    state = TROUBLE if age > BACKUP_TROUBLE else SOON if age > BACKUP_SOON else WELL
    late = f", {look.age(last)} ago" if state != WELL else ""
    return state, f"{product} {look.moment(last)}{late}{much}"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def mail_row(one: Told, look: Look, longest: timedelta | None = None) -> Row:
    """What a program's mail said last. One that writes every day is missing when it does not, any after `longest`."""
    what = f"{one.machine}, {one.name}" if one.machine and one.machine not in one.name else one.name
    if one.at is None:
        return Row(MISSING, what, "missing: it has never written")
    said = {"failure": "reports a failure", "success": "reports success"}.get(one.result, "its mail is not understood")
    words = f"{said}, {look.moment(one.at)}" + (f": {one.subject}" if one.result != "success" and one.subject else "")
    if one.result == "failure":
        return Row(PLAIN, what, f"{words} (looked after)") if one.is_settled else Row(one.severity, what, words)
    # A nightly mail comes now earlier, now later.
    is_late = one.is_daily and one.at < look.since - timedelta(hours=6)
    if is_late or (longest is not None and look.until - one.at > longest):
        return Row(MISSING, what, f"missing: it last wrote {look.moment(one.at)}, {look.age(one.at)} ago ({said})")
    return Row(WELL if one.result == "success" else SOON, what, words)


def antivirus(machines: Sequence[Seen], mails: Sequence[Told], look: Look) -> Section:
    """Whether a program guards each machine, and how old its signatures are."""

    def tell(machine: Seen) -> Row | None:
        products = [_product(one, look) for one in machine.listed("antivirus", "products")]
        if products:
            # Of several programs the one that guards counts; an old one that sleeps beside it does not.
            best = min((state for state, _ in products), key=BEST_FIRST.index)
            return Row(best, machine.name, "; ".join(words for _, words in products))
        if (row := _unmeasured(machine, "antivirus")) is not None:
            return row
        if machine.probes.get("antivirus") == "absent" or "antivirus" in machine.facts:
            is_linux = machine.fact("os").get("family") == "linux"
            return Row(PLAIN if is_linux and machine.kind == "server" else SOON, machine.name, "none is installed")
        return Row(MISSING, machine.name, "missing: not measured")

    rows = _each([one for one in machines if one.kind != "device"], look, tell)
    return section("antivirus", "Anti-virus", [*rows, *(mail_row(one, look) for one in mails)])


def _product(one: Mapping[str, Any], look: Look) -> tuple[str, str]:
    """One anti-virus program: how it is, and in words."""
    name = str(one.get("product") or "a program")
    active = one.get("is_active")
    if active is False:
        return SOON, f"{name} does not watch all the time"
    at = moment(one.get("signatures_at"))
    if at is None:
        if one.get("is_current") is True and active is True:
            return WELL, f"{name} is on and current"
        if one.get("is_current") is False:
            return SOON, f"{name} is out of date"
        return MISSING, f"{name}: the age of its signatures is not known"
    age = look.until - at
    state = TROUBLE if age > SIGNATURES_TROUBLE else SOON if age > SIGNATURES_SOON else WELL
    if active is not True and state == WELL:
        return MISSING, f"{name}: whether it is on is not known"
    return state, f"{name} is on, signatures {look.age(at)} old"


def updates(machines: Sequence[Seen], look: Look) -> Section:
    """What waits to be installed, and where a restart is needed."""
    pending: list[int] = []

    def tell(machine: Seen) -> Row | None:
        fact, reboot = machine.fact("updates"), machine.fact("reboot")
        waiting, security = fact.get("pending"), fact.get("security")
        if (row := _unmeasured(machine, "updates")) is not None:
            return row
        if not isinstance(waiting, int) or not isinstance(security, int | None):
            return None if machine.kind == "device" else Row(MISSING, machine.name, "missing: not measured")
        pending.append(waiting)
        words = [f"{waiting} pending" + (f", {security} for security" if security else "") if waiting else "none"]
        words += ["needs a restart"] if reboot.get("needed") is True else []
        lists_at, state = moment(fact.get("lists_at")), machine.judged("updates-late", "security-late", "reboot-needed")
        if lists_at is not None and look.until - lists_at > LISTS_SOON:
            state = worst([state, SOON])
            words.append(f"the lists of packages are {look.age(lists_at)} old")
        words += [one.title for one in machine.wrong if one.rule in {"updates-late", "security-late"}]
        return Row(state, machine.name, "; ".join(words))

    rows = _each(machines, look, tell)
    return section("updates", "Updates", rows, f"{sum(pending)} pending in all" if pending else "")


def disks(machines: Sequence[Seen], look: Look) -> Section:
    """How full each machine's disks are, and when they will be full if they go on as in the last weeks."""
    highest: list[tuple[float, str]] = []

    def tell(machine: Seen) -> Row | None:
        if (row := _unmeasured(machine, "disks")) is not None:
            return row
        place, percent = fullest(machine.disks)
        if percent is None:
            return None if machine.kind == "device" else Row(MISSING, machine.name, "missing: not measured")
        highest.append((percent, f"{machine.name} {place}"))
        state = machine.judged("disk-full", "inodes-full", "disk-filling")
        told = [f"{place} {percent:.0f} % full", *_filling(machine)]
        told += [one.title for one in machine.wrong if one.rule == "inodes-full"]
        if closed := disks_without_value(machine.probes):
            state = worst((state, MISSING))
            told.append(f"{', '.join(closed)} could not be measured")
        return Row(state, machine.name, "; ".join(told) + _of_when(machine, look))

    rows = _each(machines, look, tell)
    words = f"the fullest {max(highest)[1]}, {max(highest)[0]:.0f} %" if highest else ""
    return section("disks", "Disks", rows, words)


def _filling(machine: Seen) -> Iterator[str]:
    for place, span in forecasts(machine):
        yield f"{place} is full {in_words(span)}"


def forecasts(machine: Seen) -> list[tuple[str, Span]]:
    """The disks that will be full within a year, the soonest first."""
    spans = ((place, forecast(days)) for place, days in machine.maxima.items() if place in machine.disks)
    found = [(place, span) for place, span in spans if span is not None and span.earliest <= FULL_WITHIN]
    return sorted(found, key=lambda one: one[1].earliest)


def _of_when(machine: Seen, look: Look) -> str:
    """Of when the figures are, where that is not now."""
    is_old = machine.seen_at is not None and look.until - machine.seen_at > NOT_NOW
    return f" (as of {look.moment(machine.seen_at)})" if is_old and machine.seen_at else ""


def heard(machines: Sequence[Seen], look: Look) -> Section:
    """Since when each machine runs, and how much of the time since the last report it was heard."""

    def tell(machine: Seen) -> Row:
        booted = moment(machine.fact("boot").get("booted_at"))
        told = []
        if booted is not None:
            told = [f"restarted {look.moment(booted)}" if booted > look.since else f"up {look.age(booted)}"]
        minutes = round((look.until - look.since).total_seconds() / 60)
        if machine.before is not None and machine.kind != "workstation" and machine.check_ins >= machine.before:
            share = min(1.0, (machine.check_ins - machine.before) / max(1, minutes))
            told.append(f"heard {share * 100:.0f} % of the time")
        told = told or ["heard"]
        return Row(machine.judged("silent"), machine.name, ", ".join(told) + _of_when(machine, look))

    def silent(machine: Seen) -> str:
        return worst([machine.judged("silent"), MISSING])  # here stands whether a finding calls it trouble

    rows = _each(machines, look, tell, silent)
    devices = sum(one.kind == "device" and not one.has_agent for one in machines)
    words = f"{devices} {'device' if devices == 1 else 'devices'} without an agent" if devices else ""
    return section("uptime", "Uptime", rows, words)


def usage(machines: Sequence[Seen], look: Look) -> Section:
    """How busy each machine was on its last whole day: processor and memory, on average and at most."""
    busiest: list[tuple[float, str]] = []

    def tell(machine: Seen) -> Row | None:
        told = []
        for name, label in (("processor.percent", "processor"), ("memory.used_percent", "memory")):
            mean, top = machine.day.get(f"{name}|avg"), machine.day.get(f"{name}|max")
            now = machine.samples.get(name)
            if mean is not None and top is not None:
                told.append(f"{label} {mean:.0f} % on average, {top:.0f} % at most")
                busiest.extend([(mean, machine.name)] if label == "processor" else [])
            elif isinstance(now, int | float):
                told.append(f"{label} {now:.0f} % now")
        if not told:
            return None if machine.kind == "device" else Row(MISSING, machine.name, "missing: not measured")
        told += [one.title for one in machine.wrong if one.rule in {"memory-short", "load-high", "unusual"}]
        return Row(machine.judged("memory-short", "load-high", "unusual"), machine.name, "; ".join(told))

    rows = _each(machines, look, tell)
    words = ""
    if busiest:
        mean, name = max(busiest)
        words = f"on {look.day:%-d %B} (UTC) the busiest was {name}, {mean:.0f} % on average"
    return section("usage", "Use", rows, words)
