"""Says in figures and words what opened a finding, what closed it, and by which limit."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from rounds.core.detecting import Level, Wait
from rounds.core.forecasting import Span, in_words
from rounds.core.usual import CALM_HOURS, Unusual, figure_and_unit, hour_in_words, range_in_words
from rounds.core.watching import FACT_RULES, RULES, AnyLimit, closes_by_itself
from rounds.findings.limits import InForce
from rounds.findings.models import Finding

type Line = tuple[str, str]

SCOPES = {
    "usual": "the usual limit",
    "shop": "the shop's own limit",
    "client": "this client's own limit",
    "site": "this site's own limit",
    "kind": "the limit of this kind of machine",
    "machine": "this machine's own limit",
}


def what_opened(finding: Finding) -> list[Line]:
    """What showed that something is wrong."""
    return list(_told(finding, finding.evidence))


def what_closed(finding: Finding) -> list[Line]:
    """What showed that it is over."""
    return list(_told(finding, finding.evidence.get("closed", {})))


def _told(finding: Finding, shown: Mapping[str, Any]) -> Iterator[Line]:
    is_of_hours = finding.rule == "unusual" and "low" in shown
    return _of_hours(finding.subject, shown) if is_of_hours else _lines(finding.rule, shown)


def _of_hours(figure: str, shown: Mapping[str, Any]) -> Iterator[Line]:
    """What an hour of the week was like, and is like usually."""
    yield "Measured", f"{figure_and_unit(figure, shown['value'])}, the mean of an hour"
    yield (
        "Usual",
        f"{range_in_words(figure, shown['low'], shown['high'])} on {hour_in_words(shown['when'], shown['hour'])}",
    )
    yield "Median", figure_and_unit(figure, shown["middle"])
    yield "Learned from", f"{shown['known_days']} such days of the last eight weeks"
    if shown["hours"] > 1:
        yield "How long", f"{shown['hours']} hours running"


def _lines(rule: str, shown: Mapping[str, Any]) -> Iterator[Line]:
    if "why" in shown and closes_by_itself(rule):
        yield "Why", str(shown["why"])
    if shown.get("value") is not None and not RULES[rule].is_plain:
        yield "Measured", _figure(rule, shown)
    if shown.get("of", 1) > 1:
        yield "How often", f"{shown['times']} of the last {shown['of']} samples"
    for name, label in (("pending", "Updates pending"), ("security", "Of these for security"), ("late", "Too long")):
        if name in shown and rule not in FACT_RULES:
            yield label, f"{shown[name]:.0f}"
    if shown.get("names"):
        yield "Which" if rule in FACT_RULES else "Waiting longest", ", ".join(shown["names"])
    for name, label in (("since", "Waiting since"), ("last_heard_at", "Last heard"), ("heard_at", "Heard again")):
        if name in shown:
            yield label, _moment(shown[name])
    if "machines" in shown:
        yield "Silent together", f"{shown['machines']} machines"
    if "free_bytes" in shown:
        yield "Free", filesizeformat(shown["free_bytes"]).replace("\xa0", " ")
    if "processors" in shown:
        yield "Load", f"{shown['load']:.1f} on {shown['processors']} processors"
    if "days" in shown:
        yield "Reckoned from", f"the highest use of each of {shown['days']} days"
    yield from _reported(rule, shown)


def _reported(rule: str, shown: Mapping[str, Any]) -> Iterator[Line]:
    if rule == "alert-mail" and "mail" in shown:
        yield "Mail", str(shown.get("subject") or "without a subject")
        yield "Read by", str(shown.get("why", ""))
        if shown.get("mails", 1) > 1:
            yield "Mails since", f"{shown['mails']}"
    elif rule in {"alert-mail", "mail-surge"} and "why" in shown:
        yield "Why", str(shown["why"])
    if "summary" in shown:
        yield str(shown.get("routine", "Duty")), str(shown["summary"])
    if "note" in shown:
        yield "What was done", str(shown["note"])


def _figure(rule: str, shown: Mapping[str, Any]) -> str:
    value, unit = shown["value"], RULES[rule].unit
    if rule == "disk-filling":
        return (
            in_words(Span(value, shown["latest"])).replace("in", "full in", 1) if "latest" in shown else "not growing"
        )
    if unit == "errors":
        return f"{value:.0f} {_of(value, unit)}"
    return f"{value:.1f} {unit}" if unit != "%" else f"{value:.1f} %".replace(".0 %", " %")


def _of(value: float, unit: str) -> str:
    """A unit as it goes with a figure: 1 day, 2 days."""
    return unit.removesuffix("s") if value == 1 and unit in {"days", "errors"} else unit


def _moment(iso: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(iso)):%Y-%m-%d %H:%M}"


def whose_limit(in_force: InForce) -> str:
    """Say who set the limit that holds, and which others it wins over."""
    over = " and ".join(SCOPES[scope] for scope in in_force.over)
    return SCOPES[in_force.scope] + (f", which wins over {over}" if over else "")


def limit_in_words(rule: str, in_force: InForce) -> str:
    """Say a limit: "opens at 90 %, in 3 of 5 samples; closes below 85 %"."""
    return f"not watched ({SCOPES[in_force.scope]})" if in_force.limit is None else _limit(rule, in_force.limit)


def _limit(rule: str, limit: AnyLimit) -> str:
    if isinstance(limit, Wait):
        return f"opens when something has waited for {_span(limit.longest)}; closes when nothing has"
    if isinstance(limit, Level) and RULES[rule].is_plain:
        if limit.of == 1:
            return "opens when a look finds it so; closes when one does not"
        return f"opens when {limit.times} of {limit.of} looks find it so; closes when as many do not"
    if isinstance(limit, Level):
        unit = RULES[rule].unit
        low = limit.clear_at > limit.open_at
        often = f", in {limit.times} of {limit.of} samples" if limit.of > 1 else ""
        beyond = ("or less", "above") if low else ("or more", "below")
        opens, closes = (f"{level:g} {_of(level, unit)}" for level in (limit.open_at, limit.clear_at))
        return f"opens at {opens} {beyond[0]}{often}; closes {beyond[1]} {closes}"
    if isinstance(limit, Unusual):
        often = f"{limit.hours} hours running are" if limit.hours > 1 else "an hour is"
        usual = f"what is usual for that hour of the week, give or take {limit.width:g} times its spread"
        return f"opens when {often} outside of {usual}; closes after {CALM_HOURS} usual hours"
    kinds = (("servers", limit.server), ("workstations", limit.workstation), ("devices", limit.device))
    return "opens after " + ", ".join(f"{_span(span)} ({kind})" for kind, span in kinds) + " without a check-in"


def _span(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes / size
            return f"{count:g} {word}" + ("" if count == 1 else "s")
    return "no time"
