"""Tells what is known of a machine in words: each fact has a value, or is absent, not measured or failed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rounds.agents import guarding
from rounds.agents.models import State
from rounds.agents.outside import Outside
from rounds.core.latest import disks_without_value

SILENT_AFTER = timedelta(minutes=5)
UNREADABLE = "what the agent said of it cannot be read"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table: `how` is value, absent, unmeasured or error, `moment` is shown behind the words.

    An error is what could not be measured, and what was and is wrong: both want somebody to look.
    """

    label: str
    words: str
    how: str = "value"
    moment: datetime | None = None


def size(count: float) -> str:
    """Bytes for people: 25.3 GB, powers of a thousand as disks are sold."""
    value, units = float(count), ["kB", "MB", "GB", "TB"]
    if value < 1000:
        return f"{value:.0f} bytes"
    while value >= 1000 and units:
        value, unit = value / 1000, units.pop(0)
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def facts(state: State) -> list[Fact]:
    """The table of facts of a machine."""
    told = [
        _fact(state, "Operating system", "os", _system),
        _fact(state, "Started", "boot", lambda _fact: "", moment="booted_at"),
        _fact(state, "Updates", "updates", _updates),
        _fact(state, "Restart", "reboot", _reboot),
        _fact(state, "Processor", "hardware", _processor),
        _fact(state, "Memory", "hardware", _memory(state)),
        _swap(state),
        *_disks(state),
        *_guarding(state),
        _fact(state, "Made by", "hardware", _maker),
        _fact(state, "Agent", "agent", _agent),
    ]
    return [fact for fact in told if fact.words or fact.moment]


def _fact(state: State, label: str, name: str, words: Callable[[Mapping[str, Any]], str], *, moment: str = "") -> Fact:
    if name in state.probes:
        return _without_value(label, state.probes[name])
    fact = state.facts.get(name)
    if not isinstance(fact, dict):
        return Fact(label, "not measured yet", "unmeasured")
    try:
        return Fact(label, words(fact), moment=datetime.fromisoformat(fact[moment]) if moment else None)
    except (KeyError, TypeError, ValueError):
        return Fact(label, UNREADABLE, "error")


def _without_value(label: str, told: str) -> Fact:
    if told == "absent":
        return Fact(label, "none on this machine", "absent")
    return Fact(label, f"could not be measured: {told.removeprefix('error: ')}", "error")


def _system(fact: Mapping[str, Any]) -> str:
    kernel = fact.get("kernel")
    return f"{fact['name']}, kernel {kernel}" if kernel else str(fact["name"])


def _updates(fact: Mapping[str, Any]) -> str:
    pending, security = int(fact["pending"]), int(fact["security"])
    if not pending:
        return "none pending"
    names = ", ".join(str(name) for name in fact.get("names", [])[:5])
    return f"{pending} pending, {security} of them for security: {names}{' …' if pending > 5 else ''}"


def _reboot(fact: Mapping[str, Any]) -> str:
    return f"needed: {fact['why']}" if fact["needed"] else "not needed"


def _processor(fact: Mapping[str, Any]) -> str:
    return f"{fact['processor']}, {fact['cores']} cores" if fact["cores"] != 1 else f"{fact['processor']}, 1 core"


def _memory(state: State) -> Callable[[Mapping[str, Any]], str]:
    def words(fact: Mapping[str, Any]) -> str:
        available = state.samples.get("memory.available_bytes")
        free = f", {size(available)} of it available" if available is not None else ""
        return f"{size(fact['memory_bytes'])}{free}"

    return words


def _swap(state: State) -> Fact:
    if "swap" in state.probes:
        return _without_value("Swap", state.probes["swap"])
    share = state.samples.get("swap.used_percent")
    return Fact("Swap", "not measured yet", "unmeasured") if share is None else Fact("Swap", f"{share:.0f} % used")


def _disks(state: State) -> Iterator[Fact]:
    if "disks" in state.probes:
        yield _without_value("Disks", state.probes["disks"])
    elif not state.disks:
        yield Fact("Disks", "not measured yet", "unmeasured")
    else:
        for place, figures in sorted(state.disks.items()):
            inodes = figures.get("inodes_percent")
            many = f", {inodes:.0f} % of its inodes used" if inodes is not None and inodes >= 50 else ""
            share = f"{figures['used_percent']:.0f} % used, " if "used_percent" in figures else ""
            free, total = figures.get("free_bytes", 0), figures.get("total_bytes", 0)
            yield Fact(f"Disk {place}", f"{share}{size(free)} of {size(total)} free{many}")
    for place, why in disks_without_value(state.probes).items():
        yield _without_value(f"Disk {place}", why)


def _guarding(state: State) -> Iterator[Fact]:
    """What has been told of what guards it: these are asked for less often, and nothing is said before."""
    for name, line in guarding.LINES.items():
        if state.probes.get(name) == "absent":
            yield Fact(line.label, line.absent, "absent")
        elif name in state.probes:
            yield _without_value(line.label, state.probes[name])
        elif name in state.facts:
            try:
                words, is_wrong = line.told(state.facts[name])
            except (AttributeError, KeyError, TypeError, ValueError):
                yield Fact(line.label, UNREADABLE, "error")
            else:
                yield Fact(line.label, words, "error" if is_wrong else "value")


def _maker(fact: Mapping[str, Any]) -> str:
    told = " ".join(str(fact[name]) for name in ("maker", "model") if fact.get(name))
    serial = fact.get("serial")
    return f"{told}, serial number {serial}" if told and serial else told


def _agent(fact: Mapping[str, Any]) -> str:
    allowed = ", ".join(str(kind) for kind in fact.get("allows", []))
    update = f"; {fact['update']}" if fact.get("update") else ""
    return f"version {fact['version']}; may be asked for: {allowed or 'nothing'}{update}"


def headline(state: State | None, at: datetime) -> tuple[str, str]:
    """Whether the machine is heard of: a state (trouble, well, unmeasured) and its words."""
    if state is None:
        return "unmeasured", "never seen"
    return ("trouble", "silent") if at - state.seen_at > SILENT_AFTER else ("well", "checks in")


def seen(state: State | None, other: Outside | None, at: datetime) -> tuple[str, str, datetime | None]:
    """How a machine is heard of or, without an agent, seen from outside: a state, its words, and when it last was."""
    if state is None and other is not None:
        return other.state, other.words, other.answered_at
    return (*headline(state, at), state.seen_at if state else None)
