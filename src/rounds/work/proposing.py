"""Proposing work: from a finding, from a duty or by hand; asked of the client first, or agreed by his agreement."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from rounds.clients.agreeing import plan_on
from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.core.terms import Plan
from rounds.findings.models import Finding
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.upkeep.models import Duty
from rounds.work.answering import Reply, answer
from rounds.work.estimating import estimate_for
from rounds.work.models import IDLE_HOUR_COST, Channel, Proposal, Verdict


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usually done about a finding: the work, its minutes, and the risk of leaving it in the client's words."""

    title: str
    minutes: int
    risk: str


DISK = "When a disk is full, programs stop, mail is not received and work cannot be saved."
USUAL: dict[str, Usual] = {
    "disk-full": Usual("Make room on {subject}", 60, DISK),
    "inodes-full": Usual("Clear out small files on {subject}", 60, DISK),
    "disk-filling": Usual("Make room on {subject} in time", 60, DISK),
    "memory-short": Usual("More memory", 90, "It gets slower, and programs close without saving."),
    "load-high": Usual("Find out what slows it down", 60, "Everybody who works with this machine waits for it."),
    "updates-late": Usual("Install the updates", 45, "Faults that the maker has mended long ago keep coming back."),
    "security-late": Usual("Install the security updates", 45, "Others know how to break in until it is done."),
    "reboot-needed": Usual("Restart after updates", 15, "Updates do not protect until the machine is restarted."),
    "silent": Usual("Find out why it is silent", 30, "We would learn of trouble there only when it stops."),
    "not-running": Usual("Start the {subject} and find out why it stopped", 30, "What it does is not done until then."),
    "service-failed": Usual("Find out why a service failed", 30, ""),
    "antivirus-off": Usual("Turn the anti-virus on", 30, "What comes by mail or from a web page is not looked at."),
    "signatures-old": Usual("Bring the anti-virus up to date", 30, "It does not know what has come up since."),
    "disk-failing": Usual("Replace the disk {subject}", 120, "When it fails, what was not backed up is lost."),
    "disk-errors": Usual("Look after the disk {subject}", 60, "Disks with errors fail more often than others."),
    "disk-worn": Usual("Replace the disk {subject} in time", 120, "When it is worn out, nothing can be saved on it."),
    "certificate-near": Usual("Renew the certificate", 30, "Once it has ended, programs refuse to connect."),
    "backup-error": Usual("Repair the backup", 60, "If the disk dies now, what was not backed up is lost."),
    "backup-old": Usual("Find out why the backup does not run", 60, "What was made since the last one would be lost."),
    "unusual": Usual("Find out what it does at unusual hours", 30, ""),
    "backup-failed": Usual("Repair the backup", 60, "If the disk dies now, what was not backed up is lost."),
    "duty-failed": Usual("Find out why a check failed", 30, ""),
    "alert-mail": Usual("Look into what was reported", 30, ""),
}
USUAL_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Draft:
    """Work to propose. `idle_hours` are low and high, `idle_hour_cost` cents an hour of one idle person."""

    client: Client
    title: str
    minutes: int
    machine: Machine | None = None
    category: str = "maintenance"
    why: str = ""
    risk: str = ""
    idle_hours: tuple[int | None, int | None] = (None, None)
    idle_people: int | None = None
    idle_hour_cost: int = IDLE_HOUR_COST
    finding: Finding | None = None
    duty: Duty | None = None


def draft_from_finding(finding: Finding) -> Draft:
    """What a finding suggests: the usual work for its rule, and the risk of leaving it."""
    usual = USUAL.get(finding.rule, Usual(finding.title, USUAL_MINUTES, ""))
    title = usual.title.format(subject=finding.subject or "the disk")[:160]
    draft = Draft(
        finding.client, title, usual.minutes, finding.machine, why=finding.title, risk=usual.risk, finding=finding
    )  # fmt: skip
    return _with_usual_downtime(draft)


def draft_from_duty(duty: Duty) -> Draft:
    """What a duty suggests: its routine's work and minutes."""
    routine = duty.routine
    draft = Draft(duty.client, routine.name, max(1, routine.minutes), duty.machine, routine.category, duty=duty)
    return _with_usual_downtime(draft)


def _with_usual_downtime(draft: Draft) -> Draft:
    """Carry over how many people work there and what their hour costs, from the client's last proposal that said so."""
    rows = Proposal.objects.filter(client=draft.client, idle_people__isnull=False).order_by("-made_at", "-pk")
    last = rows.values_list("idle_people", "idle_hour_cost").first()
    return replace(draft, idle_people=last[0], idle_hour_cost=last[1]) if last else draft


def proposal_about(draft: Draft) -> Proposal | None:
    """The proposal that was already made about the same finding or duty."""
    if draft.finding is not None:
        return Proposal.objects.filter(finding=draft.finding).first()
    return Proposal.objects.filter(duty=draft.duty).first() if draft.duty is not None else None


def is_asked_first(client: Client, at: datetime) -> bool:
    """Is the client always asked before work is done (call first)?"""
    return plan_on(client, local_day(at)) is Plan.CALL_FIRST


@transaction.atomic
def propose(draft: Draft, *, by: User | None, at: datetime, ask: bool = False) -> Proposal:
    """Propose work. A call-first client is asked on his call list; others only if `ask`, else it is an order at once.

    Proposing again for the same finding or duty gives the proposal that is there.
    Refused: no title, no time, a client who has left, a machine of somebody else, a range from high to low.
    """
    client = Client.objects.select_for_update().get(pk=draft.client.pk)
    kept = proposal_about(draft)
    if kept is not None:
        return kept
    _refuse_wrong(draft, client)

    told = estimate_for(client, draft.minutes, draft.category, local_day(at))

    low, high = draft.idle_hours
    proposal = Proposal.objects.create(
        client=client, machine=draft.machine, finding=draft.finding, duty=draft.duty, title=draft.title.strip(),
        why=draft.why, category=draft.category, minutes=draft.minutes, price=told.price, risk=draft.risk,
        idle_hours_low=low, idle_hours_high=high, idle_people=draft.idle_people, idle_hour_cost=draft.idle_hour_cost,
        made_at=at, made_by=by,
    )  # fmt: skip
    if not ask and not is_asked_first(client, at):
        agreed = Reply(Verdict.AGREE, who=str(client), channel=Channel.AGREEMENT)
        answer(proposal, agreed, by=by, at=at)
    return proposal


def _refuse_wrong(draft: Draft, client: Client) -> None:
    low, high = draft.idle_hours
    if not draft.title.strip():
        raise Refused("say what should be done")
    if draft.minutes < 1:
        raise Refused("work takes at least a minute")
    if client.left_at is not None:
        raise Refused(f"{client} is no longer a client: bring him back first")
    if draft.machine is not None and draft.machine.site.client_id != client.pk:
        raise Refused(f"{draft.machine} is not a machine of {client}")
    if low is not None and high is not None and high < low:
        raise Refused(f"downtime runs from the lower to the higher number: {high} is below {low}")


@transaction.atomic
def withdraw(proposal: Proposal, *, at: datetime) -> None:
    """Take a proposal back before the client has answered it. Twice changes nothing; refused once it is answered."""
    kept = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if kept.withdrawn_at is not None:
        return
    if kept.last_answer is not None:
        raise Refused("the client has answered it: it cannot be taken back")
    kept.withdrawn_at = at
    kept.save(update_fields=["withdrawn_at"])


@transaction.atomic
def restore(proposal: Proposal) -> None:
    """Undo the withdrawal."""
    Proposal.objects.filter(pk=proposal.pk).update(withdrawn_at=None)
