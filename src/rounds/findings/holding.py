"""Says of open findings whether somebody is told of them now, and why not: gathers what `core.quiet` needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from rounds.core.flapping import WITHIN, is_flapping
from rounds.core.quiet import Held, Hold, Situation, hold
from rounds.findings.maintaining import Windows, windows_at
from rounds.findings.models import Finding, Listening
from rounds.findings.quiet_models import Handled, Handling, Mute

SITE_RULE, SILENT_RULE = "site-offline", "silent"
MANY = 200  # causes; above it all changes of the last hours are read

type CauseKey = tuple[int, int | None, str, str]


@dataclass(frozen=True, slots=True)
class Quiet:
    """What bears on telling findings at one moment, read once for all of them."""

    at: datetime
    windows: Windows
    mutes: dict[CauseKey, Mute]
    handled: dict[int, Handling]
    flapping: frozenset[CauseKey]
    offline_sites: frozenset[int]
    is_deaf: bool

    def held(self, finding: Finding) -> Held | None:
        """Why nobody is told of an open finding now; None: somebody should be. `machine` is read with it."""
        return hold(self._situation(finding), self.at)

    def _situation(self, finding: Finding) -> Situation:
        key, handled = cause_key(finding), self.handled.get(finding.pk)
        window, mute = self.windows.of(finding.client_id, finding.machine), self.mutes.get(key)
        is_silence = finding.rule in {SILENT_RULE, SITE_RULE}
        site = finding.machine.site_id if finding.machine else 0
        return Situation(
            finding.opened_at,
            has_common_cause=is_silence and (self.is_deaf or site in self.offline_sites),
            may_have_common_cause=finding.rule == SILENT_RULE,
            is_in_window=window is not None,
            window_until=window.until if window else None,
            is_muted=mute is not None,
            muted_until=mute.until if mute else None,
            snoozed_until=handled.until if handled else None,
            is_acknowledged=handled is not None and handled.what == Handled.ACKNOWLEDGED,
            is_flapping=key in self.flapping,
        )


def cause_key(finding: Finding) -> CauseKey:
    """What a finding is about, as the mutes and the changes of its cause name it."""
    return finding.client_id, finding.machine_id, finding.rule, finding.subject


def quiet_at(findings: Sequence[Finding], at: datetime) -> Quiet:
    """Read what bears on telling some open findings at a moment, in a fixed number of questions."""
    mutes = {
        (row.client_id, row.machine_id, row.rule, row.subject): row
        for row in Mute.objects.holding().filter(Q(until=None) | Q(until__gt=at))
    }
    handled = {}
    for row in Handling.objects.filter(finding__in=findings).order_by("pk"):
        handled[row.finding_id] = row
    listening = Listening.objects.first()
    offline = Finding.objects.still_open().filter(rule=SITE_RULE).values_list("subject", flat=True)
    return Quiet(
        at,
        windows_at(at),
        mutes,
        handled,
        _flapping(findings, at),
        frozenset(int(subject.removeprefix("site ")) for subject in offline),
        is_deaf=listening is not None and listening.deaf_since is not None,
    )


def _flapping(findings: Sequence[Finding], at: datetime) -> frozenset[CauseKey]:
    """Which causes flap: by the changes they had, as far back as bears on it."""
    keys = {cause_key(finding) for finding in findings}
    if not keys:
        return frozenset()
    changes: dict[CauseKey, list[datetime]] = {key: [] for key in keys}
    for row in _recent(keys, at):
        if (key := cause_key(row)) in changes:
            changes[key] += [row.opened_at] if row.closed_at is None else [row.opened_at, row.closed_at]
    return frozenset(key for key, moments in changes.items() if is_flapping(moments, at))


def _recent(keys: Iterable[CauseKey], at: datetime) -> Iterable[Finding]:
    recent = Finding.objects.filter(Q(closed_at=None) | Q(closed_at__gt=at - 8 * WITHIN))
    wanted = list(keys)
    if len(wanted) > MANY:
        return recent
    same = (Q(client=client, machine=machine, rule=rule, subject=subject) for client, machine, rule, subject in wanted)
    return recent.filter(reduce(or_, same))


def words(held: Held, quiet: Quiet, finding: Finding) -> str:
    """Say why nobody is told of a finding."""
    match held.why:
        case Hold.WINDOW:
            window = quiet.windows.of(finding.client_id, finding.machine)
            return f"maintenance: {window.why}" if window else "maintenance"
        case Hold.MUTED:
            return f"muted: {quiet.mutes[cause_key(finding)].why}"
        case Hold.ACKNOWLEDGED | Hold.SNOOZED:
            handled = quiet.handled[finding.pk]
            return f"{'taken on' if held.why == Hold.ACKNOWLEDGED else 'put off'} by {handled.by}"
        case Hold.FLAPPING:
            return "it opens and closes again and again"
        case Hold.COMMON_CAUSE:
            return "we hear no machine at all" if quiet.is_deaf else "its whole site is offline"
    return "just found"
