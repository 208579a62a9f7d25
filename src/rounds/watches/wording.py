"""Says what a watch looks at, and what it last gave, in words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from rounds.watches.models import Kind, Sighting, Watch

UNITS = {
    "milliseconds": ("Answers in", "ms"),
    "lost.percent": ("Lost", "%"),
    "status": ("Status", ""),
    "certificate.days": ("Certificate ends in", "days"),
    "supply.percent": ("", "%"),
    "volume.used_percent": ("", "% used"),
    "battery.percent": ("Battery", "%"),
    "battery.minutes": ("Battery lasts", "min"),
    "load.percent": ("Load", "%"),
    "pages": ("Pages printed", ""),
    "temperature": ("Temperature", "°C"),
    "load": ("Load", ""),
}
PLAIN = {
    "part.failed": ("works", "failed"),
    "interface.down": ("up", "down"),
    "battery.on": ("on mains", "on battery"),
}
RATES = {"interface.in_bits": "in", "interface.out_bits": "out"}
FACTS = {
    "name": "Calls itself",
    "model": "Model",
    "where": "Stands",
    "serial": "Serial number",
    "up": "Up for",
    "banner": "Greets with",
    "answers": "Answers",
    "leads_to": "Leads to",
    "status": "State",
    "version": "Version",
}


class Line(NamedTuple):
    """One line of what a watch gave."""

    label: str
    words: str
    is_bad: bool = False


def state_of(sighting: Sighting | None, now: datetime) -> tuple[str, str]:
    """How it is: a state and its words. What was not measured is never well."""
    if sighting is None:
        return "unmeasured", "nothing yet"
    if sighting.is_ok is None:
        return "unmeasured", "not measured"
    if sighting.is_old(now):
        return "unmeasured", "not measured of late"
    return ("well", "answers") if sighting.is_ok else ("trouble", "does not answer as it should")


def lines(sighting: Sighting) -> list[Line]:
    """What it last gave, line by line."""
    return [*_figures(sighting.figures), *_facts(sighting.facts)]


def _figures(figures: Mapping[str, float]) -> Iterator[Line]:
    for name, figure in sorted(figures.items()):
        kind, _, part = name.partition("@")
        if kind in UNITS:
            label, unit = UNITS[kind]
            label = label if part or label else kind.partition(".")[0].capitalize()
            yield Line(" ".join(filter(None, (label, part))), f"{_number(figure)} {unit}".strip())
        elif kind in PLAIN:
            yield Line(part or "Power", PLAIN[kind][figure >= 0.5], is_bad=figure >= 0.5)
        elif kind == "interface.in_bits":
            out = figures.get(f"interface.out_bits@{part}")
            yield Line(f"Port {part}", f"{rate(figure)} in" + (f", {rate(out)} out" if out is not None else ""))
        elif kind == "interface.errors" and figure > 0:
            yield Line(f"Port {part}", f"{_number(figure)} errors a minute")


def _facts(facts: Mapping[str, Any]) -> Iterator[Line]:
    alerts = facts.get("alerts")
    if isinstance(alerts, list) and alerts:
        yield Line("Warns", ", ".join(str(one) for one in alerts[:20]), is_bad=True)
    for name, label in FACTS.items():
        told = facts.get(name)
        if isinstance(told, list):
            told = ", ".join(str(one) for one in told[:10])
        if told not in (None, "", [], {}):
            yield Line(label, str(told)[:300])
    if isinstance(facts.get("starttls"), bool):
        yield Line("Encryption", "offered" if facts["starttls"] else "not offered")
    certificate = facts.get("certificate")
    if isinstance(certificate, dict):
        yield Line(
            "Certificate",
            f"of {certificate.get('name') or 'nobody named'}, until {str(certificate.get('ends_at', ''))[:10]}",
        )
        if certificate.get("distrust"):
            yield Line("Trust", str(certificate["distrust"])[:200], is_bad=True)


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 or figure == int(figure) else f"{figure:.1f}"


def rate(bits: float) -> str:
    """Bits a second for people: 12.3 Mbit/s."""
    value, units = float(bits), ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} {units[0]}" if value >= 100 or units[0] == "bit/s" else f"{value:.1f} {units[0]}"


def what(watch: Watch) -> str:
    """What is looked at, in a line."""
    if watch.kind == Kind.DNS:
        return f"{watch.settings.get('record', 'A')} of {watch.settings.get('name', '')} at {watch.target}"
    if watch.kind == Kind.SNMP:
        return f"{watch.target}, version {watch.settings.get('version', '2c')}"
    return watch.target


def short(sighting: Sighting | None, *, with_time: bool = True) -> str:
    """The figure that says the most of it, for lists; without its time where that has a column."""
    if sighting is None or (not sighting.is_ok and sighting.why):
        return sighting.why if sighting else ""
    telling = (*MOST_TELLING, _TIME) if with_time else MOST_TELLING
    return next(filter(None, (tell(sighting.figures) for tell in telling)), "")


def _lowest_supply(figures: Mapping[str, float]) -> str:
    told = [(value, name.partition("@")[2]) for name, value in figures.items() if name.startswith("supply.percent@")]
    return f"{min(told)[1]} {min(told)[0]:.0f} %" if told else ""


def _fullest_volume(figures: Mapping[str, float]) -> str:
    begins = "volume.used_percent@"
    told = [(value, name.partition("@")[2]) for name, value in figures.items() if name.startswith(begins)]
    return f"{max(told)[1]} {max(told)[0]:.0f} % used" if told else ""


def _ports(figures: Mapping[str, float]) -> str:
    count = sum(1 for name in figures if name.startswith("interface.in_bits@"))
    return f"{count} port{'s' * (count != 1)} up" if count else ""


def _figure(name: str, words: str) -> Callable[[Mapping[str, float]], str]:
    return lambda figures: words.format(figures[name]) if name in figures else ""


MOST_TELLING: tuple[Callable[[Mapping[str, float]], str], ...] = (
    _lowest_supply,
    _figure("battery.percent", "battery {:.0f} %"),
    _fullest_volume,
    _figure("certificate.days", "certificate {:.0f} days"),
    _ports,
)
_TIME = _figure("milliseconds", "{:.1f} ms")
