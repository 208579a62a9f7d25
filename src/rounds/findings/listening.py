"""Opens a finding for a machine that has gone silent, and none when it is our own ear that is deaf."""

from datetime import datetime

from django.db import transaction

from rounds.agents.models import State
from rounds.core.listening import OUR_GRACE, Heard, is_deaf, silent
from rounds.core.watching import Grace, title
from rounds.findings.limits import limits_of
from rounds.findings.models import Finding, Listening
from rounds.findings.opening import Cause, Seen, close, open_once

RULE = "silent"


@transaction.atomic
def watch_silence(at: datetime) -> int:
    """Look once who is silent by the server's clock; say how many findings opened or closed."""
    listening, _ = Listening.objects.get_or_create(pk=1, defaults={"looked_at": at, "since": at})
    listening = Listening.objects.select_for_update().get(pk=1)
    states = State.objects.filter(
        agent__revoked_at=None, machine__retired_at=None, machine__site__client__left_at=None
    ).select_related("machine__site")
    by_machine = {state.machine_id: state for state in states}
    limits = limits_of(by_machine)
    heard = {}
    for key, state in by_machine.items():
        grace = limits[key][RULE].limit
        if isinstance(grace, Grace):
            heard[key] = Heard(state.machine.site_id, state.seen_at, grace.of(state.machine.kind))

    is_deaf_now = is_deaf(heard, at)
    _note(listening, is_deaf_now=is_deaf_now, newest=max((one.last_at for one in heard.values()), default=at), at=at)
    found = set() if is_deaf_now else silent(heard, at, listening_since=listening.since)

    changed = sum(_open(by_machine[key], heard[key], at) for key in found)
    for finding in Finding.objects.still_open().filter(rule=RULE):
        changed += _close_if_heard(finding, by_machine.get(finding.machine_id or 0), heard, at)
    return changed


def _note(listening: Listening, *, is_deaf_now: bool, newest: datetime, at: datetime) -> None:
    """Remember since when we listen: a pause of our own, or deafness, starts every machine's grace anew."""
    if is_deaf_now:
        listening.deaf_since = listening.deaf_since or newest
    if listening.deaf_since is not None or at - listening.looked_at > OUR_GRACE:
        listening.since = at
    if not is_deaf_now:
        listening.deaf_since = None
    listening.looked_at = at
    listening.save(update_fields=["looked_at", "since", "deaf_since"])


def _open(state: State, heard: Heard, at: datetime) -> int:
    cause = Cause(state.machine.site.client_id, state.machine_id, RULE)
    evidence = {
        "last_heard_at": state.seen_at.isoformat(),
        "noticed_at": at.isoformat(),
        "grace_minutes": heard.grace.total_seconds() / 60,
    }
    severity = "trouble" if state.machine.kind != "workstation" else "soon"
    _, is_new = open_once(cause, Seen(title(RULE, "", evidence), severity, at, evidence))
    return int(is_new)


def _close_if_heard(finding: Finding, state: State | None, heard: dict[int, Heard], at: datetime) -> bool:
    if state is None or state.machine_id not in heard:
        return close(finding, {"why": "this is no longer watched"}, at=at)
    if state.seen_at > datetime.fromisoformat(finding.evidence["last_heard_at"]):
        return close(finding, {"heard_at": state.seen_at.isoformat()}, at=state.seen_at)
    return False
