"""Opens and closes findings, each cause at most once at a time, with the evidence of both."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from rounds.clients.agreeing import terms_of
from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.core.watching import closes_by_itself
from rounds.findings.models import Finding, Severity
from rounds.people.models import User
from rounds.people.shop import local_day


@dataclass(frozen=True, slots=True)
class Cause:
    """What a finding is about: a rule and a subject, of a machine or, without one, of a client."""

    client_id: int
    machine_id: int | None
    rule: str
    subject: str = ""

    def open_finding(self) -> Finding | None:
        """The finding of this cause that is open, if there is one."""
        same = Finding.objects.still_open().filter(rule=self.rule, subject=self.subject)
        if self.machine_id is None:
            return same.filter(client=self.client_id, machine=None).first()
        return same.filter(machine=self.machine_id).first()


@dataclass(frozen=True, slots=True)
class Seen:
    """What shows that something is wrong: the finding's one line, how soon to look, since when, and the evidence."""

    title: str
    severity: str
    at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)


def open_once(cause: Cause, seen: Seen) -> tuple[Finding, bool]:
    """Open a finding, unless its cause has one open already; say whether it is new."""
    kept = cause.open_finding()
    if kept is not None:
        return kept, False
    plan, is_entitled = entitlement(cause.client_id, local_day(seen.at))
    made = Finding.objects.create(
        client_id=cause.client_id, machine_id=cause.machine_id, rule=cause.rule, subject=cause.subject,
        severity=seen.severity, title=seen.title[:200], evidence=seen.evidence, opened_at=seen.at,
        plan=plan, is_entitled=is_entitled,
    )  # fmt: skip
    return made, True


def entitlement(client_id: int, day: date) -> tuple[str, bool]:
    """A client's plan on a day, and whether it pays for watching: then the shop reacts unasked. Our own always do."""
    client = Client.objects.get(pk=client_id)
    agreement = terms_of(client).agreement_on(day)
    if agreement is None:
        return Plan.REACTIVE, client.is_own
    return agreement.plan, client.is_own or agreement.is_watched


def close(finding: Finding, evidence: dict[str, Any], *, at: datetime, by: User | None = None) -> bool:
    """Close a finding with what shows that it is over; False: it was closed already, and stays as it is."""
    finding.evidence = {**finding.evidence, "closed": evidence}
    finding.closed_at, finding.closed_by = max(at, finding.opened_at), by
    still_open = Finding.objects.still_open().filter(pk=finding.pk)
    return bool(still_open.update(evidence=finding.evidence, closed_at=finding.closed_at, closed_by=by))


def settle(finding: Finding, note: str, *, by: User, at: datetime) -> None:
    """Close by hand what nothing measures: a mail about a disk's end is followed by no mail that it was replaced.

    Refused: a finding that is measured, which closes by itself; no word of what was done; one that is closed.
    """
    if closes_by_itself(finding.rule):
        raise Refused("this is measured: it closes by itself when it is well again")
    if not note.strip():
        raise Refused("say what was done")
    if not close(finding, {"note": note.strip(), "by": str(by)}, at=at, by=by):
        raise Refused("this has been closed meanwhile")


def close_abandoned(at: datetime) -> int:
    """Close the findings of machines that were retired and of clients that left; say how many."""
    gone = Q(machine__retired_at__isnull=False) | Q(client__left_at__isnull=False)
    with transaction.atomic():
        findings = list(Finding.objects.still_open().filter(gone).select_for_update(of=("self",)))
        for finding in findings:
            close(finding, {"why": "it is no longer looked after"}, at=at)
    return len(findings)


def worst(findings: Iterable[Finding]) -> str:
    """The severity of the worst of some findings; "well" if there are none."""
    severities = {finding.severity for finding in findings}
    return next((one for one in (Severity.TROUBLE, Severity.SOON) if one in severities), "well")
