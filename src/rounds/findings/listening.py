"""Opens findings for machines that went silent, one for a site where they did so together, none when we are deaf."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from rounds.agents.models import State
from rounds.clients.models import Machine, Site
from rounds.core.listening import OUR_GRACE, Heard, is_deaf, offline, silent
from rounds.core.watching import Grace, title
from rounds.findings.limits import limits_of
from rounds.findings.models import Finding, Listening
from rounds.findings.opening import Cause, Seen, close, open_once

RULE, SITE_RULE = "silent", "site-offline"


@transaction.atomic
def watch_silence(at: datetime) -> int:
    """Look once who is silent by the server's clock; say how many findings opened or closed."""
    listening, _ = Listening.objects.get_or_create(pk=1, defaults={"looked_at": at, "since": at})
    listening = Listening.objects.select_for_update().get(pk=1)
    heard = _heard()

    is_deaf_now = is_deaf(heard, at)
    _note(listening, is_deaf_now=is_deaf_now, newest=max((one.last_at for one in heard.values()), default=at), at=at)
    since = listening.since
    found = set() if is_deaf_now else silent(heard, at, listening_since=since)
    sites = {} if is_deaf_now else offline(heard, at, listening_since=since)

    still_open = list(Finding.objects.still_open().filter(rule=RULE))
    found -= {finding.machine_id for finding in still_open if finding.machine_id}
    machines = Machine.objects.filter(pk__in=found).select_related("site")
    changed = _watch_sites(sites, heard, at)
    changed += sum(_open(machine, heard[machine.pk], at) for machine in machines)
    return changed + sum(_close_if_heard(finding, heard.get(finding.machine_id or 0), at) for finding in still_open)


def _heard() -> dict[int, Heard]:
    """Every machine whose silence matters; a look at 20,000 of them every few seconds reads only what it needs."""
    rows = State.objects.filter(
        agent__revoked_at=None, machine__retired_at=None, machine__site__client__left_at=None
    ).values_list("machine_id", "machine__site_id", "machine__kind", "seen_at")
    seen = {machine_id: (site_id, kind, seen_at) for machine_id, site_id, kind, seen_at in rows}
    graces = {key: in_force[RULE].limit for key, in_force in limits_of(seen).items()}
    return {
        key: Heard(site_id, seen_at, grace.of(kind), is_always_on=kind != "workstation")
        for key, (site_id, kind, seen_at) in seen.items()
        if isinstance(grace := graces[key], Grace)
    }


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


def _open(machine: Machine, heard: Heard, at: datetime) -> bool:
    cause = Cause(machine.site.client_id, machine.pk, RULE)
    evidence = {
        "last_heard_at": heard.last_at.isoformat(),
        "noticed_at": at.isoformat(),
        "grace_minutes": heard.grace.total_seconds() / 60,
    }
    severity = "soon" if machine.kind == "workstation" else "trouble"
    return open_once(cause, Seen(title(RULE, "", evidence), severity, at, evidence))[1]


def _watch_sites(sites: Mapping[int, list[int]], heard: Mapping[int, Heard], at: datetime) -> int:
    """Open a finding for each site that is offline, and close those of which a machine was heard again."""
    still_open = {finding.subject: finding for finding in Finding.objects.still_open().filter(rule=SITE_RULE)}
    new = [key for key in sites if f"site {key}" not in still_open]
    changed = 0
    for site in Site.objects.filter(pk__in=new):
        machines = sites[site.pk]
        last = max(heard[key].last_at for key in machines)
        evidence = {"last_heard_at": last.isoformat(), "noticed_at": at.isoformat(), "machines": len(machines)}
        told = f"{site.name} is offline: {len(machines)} machines fell silent together"
        cause = Cause(site.client_id, None, SITE_RULE, f"site {site.pk}")
        changed += open_once(cause, Seen(told, "trouble", at, evidence))[1]
    newest: dict[str, datetime] = {}
    for one in heard.values():
        name = f"site {one.site}"
        newest[name] = max(one.last_at, newest.get(name, one.last_at))
    for subject, finding in still_open.items():
        last_at = newest.get(subject)
        if last_at is None:
            changed += close(finding, {"why": "this is no longer watched"}, at=at)
        elif last_at > datetime.fromisoformat(finding.evidence["last_heard_at"]):
            changed += close(finding, {"heard_at": last_at.isoformat()}, at=last_at)
    return changed


def _close_if_heard(finding: Finding, heard: Heard | None, at: datetime) -> bool:
    if heard is None:
        return close(finding, {"why": "this is no longer watched"}, at=at)
    if heard.last_at > datetime.fromisoformat(finding.evidence["last_heard_at"]):
        return close(finding, {"heard_at": heard.last_at.isoformat()}, at=heard.last_at)
    return False
