"""What a person does about a finding: takes it on, puts it off, gives it back, or mutes its cause; each a row."""

from datetime import datetime, timedelta

from rounds.core.money import Refused
from rounds.findings.models import Finding
from rounds.findings.quiet_models import Handled, Handling, Mute, MuteLifting
from rounds.people.models import User

LONGEST_SNOOZE = timedelta(days=31)


def acknowledge(finding: Finding, *, by: User, at: datetime, note: str = "") -> Handling:
    """Take a finding on: somebody looks after it, so nobody else is told again."""
    return _handle(finding, Handled.ACKNOWLEDGED, by=by, at=at, note=note)


def snooze(finding: Finding, until: datetime, *, by: User, at: datetime, note: str = "") -> Handling:
    """Put a finding off until a moment, at which it is told anew if it is still open."""
    if not at < until <= at + LONGEST_SNOOZE:
        raise Refused("put it off until a moment in the next 31 days; for longer, mute it with a reason")
    return _handle(finding, Handled.SNOOZED, by=by, at=at, note=note, until=until)


def resume(finding: Finding, *, by: User, at: datetime) -> Handling:
    """Give a finding back: it is told as if it had not been taken on or put off."""
    last = finding.handlings.last()
    if last is None or last.what == Handled.RESUMED:
        raise Refused("nobody has taken this on or put it off")
    return _handle(finding, Handled.RESUMED, by=by, at=at)


def _handle(
    finding: Finding, what: Handled, *, by: User, at: datetime, note: str = "", until: datetime | None = None
) -> Handling:
    if finding.closed_at is not None:
        raise Refused("this has been closed meanwhile")
    return Handling.objects.create(finding=finding, what=what, until=until, note=note.strip()[:300], by=by, at=at)


def mute(finding: Finding, why: str, *, until: datetime | None, by: User, at: datetime) -> Mute:
    """Tell nobody of what a finding is about any more, until a moment or (None) until the mute is lifted.

    The finding stays open on every page. Refused: no reason, a moment that has passed, what is muted already.
    """
    if not why.strip():
        raise Refused("say why nobody needs to be told")
    if until is not None and until <= at:
        raise Refused("that moment has passed")
    if mute_of(finding, at) is not None:
        raise Refused("this is muted already")
    return Mute.objects.create(
        client_id=finding.client_id, machine_id=finding.machine_id, rule=finding.rule, subject=finding.subject,
        why=why.strip()[:300], until=until, by=by, at=at,
    )  # fmt: skip


def mute_of(finding: Finding, at: datetime) -> Mute | None:
    """The mute that holds for what a finding is about, if there is one."""
    same = Mute.objects.holding().filter(
        client=finding.client_id, machine=finding.machine_id, rule=finding.rule, subject=finding.subject
    )
    return next((row for row in same if row.until is None or row.until > at), None)


def lift(mute: Mute, *, by: User, at: datetime) -> None:
    """Lift a mute. Lifted twice, it is lifted once."""
    MuteLifting.objects.get_or_create(mute=mute, defaults={"by": by, "at": at})
