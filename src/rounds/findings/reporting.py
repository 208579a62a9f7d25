"""Opens and closes findings by what others report: alert mail of other products, and evidence of duties."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from rounds.findings.models import Finding, Taken
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.mail.models import Reading, Result, Source
from rounds.upkeep.models import Evidence, Routine
from rounds.upkeep.routines import lineage

AT_ONCE = 200
# Rows are taken in the order of their keys: what has not been taken is newer than what was last, or was kept by a
# transaction that took longer than others. However many there are, no more of the older ones are looked at for that.
BEFORE_NEWEST = 10_000


def pull() -> int:
    """Bring findings up to date with mail and evidence; say how many were new."""
    total = 0
    while count := _pull_mails() + _pull_evidence():
        total += count
    return total


@transaction.atomic
def _pull_mails() -> int:
    newest = Taken.objects.exclude(reading=None).order_by("-pk").values_list("reading", flat=True).first()
    taken = Taken.objects.filter(reading=OuterRef("pk"))
    new = Reading.objects.filter(~Exists(taken), pk__gt=(newest or 0) - BEFORE_NEWEST).order_by("pk")
    readings = sorted(new.select_related("mail__source")[:AT_ONCE], key=_in_time)
    for reading in readings:
        if _is_first(Taken.objects.get_or_create(reading=reading)):
            _take_reading(reading)
    return len(readings)


def _in_time(reading: Reading) -> tuple[datetime, int, datetime, bool, int]:
    """As the mails came; of a table in the order of its times, and failures first, since they outweigh successes."""
    mail = reading.mail
    happened_at = reading.happened_at or mail.received_at
    return mail.received_at, mail.pk, happened_at, reading.result != Result.FAILURE, reading.row


def _is_first(made: tuple[Taken, bool]) -> bool:
    return made[1]


def subject_of(source_id: int, about: str) -> str:
    """The subject of a finding about what a source reports: of several jobs or machines each has its own."""
    return f"source {source_id}: {about}" if about else f"source {source_id}"


def source_in(subject: str) -> str:
    """The source's part of a finding's subject."""
    return subject.partition(":")[0]


def _take_reading(reading: Reading) -> None:
    mail, source = reading.mail, reading.mail.source
    cause = Cause(reading.client_id, reading.machine_id, "alert-mail", subject_of(source.pk, reading.about))
    happened_at = reading.happened_at.isoformat() if reading.happened_at else None
    told = {"mail": mail.pk, "subject": mail.subject, "why": reading.why, "source": source.name}
    told |= {"happened_at": happened_at, **({"row": reading.row} if reading.row else {})}
    # Not by its cause: the source may have been said to be of another machine since.
    same = Finding.objects.still_open().filter(rule=cause.rule, subject=cause.subject, client=cause.client_id)
    kept = same.first()
    if reading.result == Result.SUCCESS:
        if kept and _is_after(reading, kept):
            close(kept, told, at=mail.received_at)
    elif reading.result == Result.FAILURE and kept:
        latest = max(filter(None, (kept.evidence.get("happened_at"), happened_at)), default=None)
        new = {"mails": kept.evidence["mails"] + 1, "last_mail": mail.pk, "happened_at": latest}
        kept.evidence = {**kept.evidence, **new}
        kept.save(update_fields=["evidence"])
    elif reading.result == Result.FAILURE and not _is_over(reading, cause):
        open_once(cause, Seen(_title(reading), reading.severity or "trouble", mail.received_at, {**told, "mails": 1}))


def _title(reading: Reading) -> str:
    """What happened, as the mail's subject says it, or the row of its table."""
    source, mail = reading.mail.source, reading.mail
    if not reading.row:
        return f"{source.name}: {mail.subject or 'a failure'}"
    told = ", ".join(part for part in (reading.machine_name, reading.product, reading.job) if part)
    return f"{source.name}: failure of {told or f'row {reading.row}'}"[:200]


def _is_after(reading: Reading, kept: Finding) -> bool:
    """Does a success tell of something later than the failure? By the sender's clock, if both have its time.

    Of two rows of one table about the same, without times of their own, the failure counts.
    """
    failed_at, happened_at, mail = kept.evidence.get("happened_at"), reading.happened_at, reading.mail
    if mail.pk in {kept.evidence.get("mail"), kept.evidence.get("last_mail")}:
        return bool(failed_at and happened_at and happened_at > datetime.fromisoformat(failed_at))
    if failed_at and happened_at:
        return happened_at >= datetime.fromisoformat(failed_at)
    return kept.opened_at <= mail.received_at


def _is_over(reading: Reading, cause: Cause) -> bool:
    """Has a success come already that tells of something later, since this mail was long on its way?

    Or is it a row with a time of its own that was in an earlier table, too, and what it opened has been closed?
    """
    if reading.happened_at is None:
        return False
    if reading.row and reading.happened_at != reading.mail.sent_at:
        same = Finding.objects.filter(client=cause.client_id, rule=cause.rule, subject=cause.subject)
        last = same.exclude(closed_at=None).order_by("-closed_at").values_list("evidence", flat=True).first()
        known_at = last and last.get("happened_at")
        if known_at and reading.happened_at <= datetime.fromisoformat(known_at):
            return True
    later = Reading.objects.filter(client=reading.client_id, result=Result.SUCCESS, about=reading.about)
    return later.filter(mail__source=reading.mail.source_id, happened_at__gt=reading.happened_at).exists()


@transaction.atomic
def _pull_evidence() -> int:
    newest = Taken.objects.exclude(evidence=None).order_by("-pk").values_list("evidence", flat=True).first()
    taken = Taken.objects.filter(evidence=OuterRef("pk"))
    new = Evidence.objects.standing().filter(~Exists(taken), is_skip=False, pk__gt=(newest or 0) - BEFORE_NEWEST)
    first = list(new.select_related("duty__routine").order_by("pk")[:AT_ONCE])
    rows = sorted(first, key=lambda one: (one.at, one.pk))
    roots = {key: versions[-1] for key, versions in lineage().items()} if rows else {}
    for evidence in rows:
        if _is_first(Taken.objects.get_or_create(evidence=evidence)):
            _take_evidence(evidence, roots[evidence.duty.routine_id])
    return len(rows)


def _take_evidence(evidence: Evidence, root: int) -> None:
    duty = evidence.duty
    rule = "backup-failed" if duty.routine.job == "restore-files" else "duty-failed"
    cause = Cause(duty.client_id, duty.machine_id, rule, f"routine {root}")
    told = {"evidence": evidence.pk, "duty": duty.pk, "summary": evidence.summary, "routine": duty.routine.name}
    if evidence.is_good:
        if (kept := cause.open_finding()) and kept.opened_at <= evidence.at:
            close(kept, told, at=evidence.at)
        return
    severity = "trouble" if rule == "backup-failed" else "soon"
    open_once(cause, Seen(f"{duty.routine.name}: {evidence.summary}", severity, evidence.at, told))


def close_unheard(at: datetime) -> int:
    """Close the findings of mail sources and routines that were ended, since no success will come; say how many."""
    by_mail = Finding.objects.still_open().filter(rule__in=("alert-mail", "mail-missing", "mail-surge"))
    heard = {f"source {key}" for key in Source.objects.current().values_list("pk", flat=True)}
    ended = [one.pk for one in by_mail if one.subject.startswith("source ") and source_in(one.subject) not in heard]
    back = lineage()
    stopped = Routine.objects.filter(is_stopped=True, ended_at__isnull=False).values_list("pk", flat=True)
    routines = {f"routine {back[key][-1]}" for key in stopped}
    unheard = Q(pk__in=ended) | Q(rule__in=("backup-failed", "duty-failed"), subject__in=routines)
    with transaction.atomic():
        findings = list(Finding.objects.still_open().filter(unheard).select_for_update(of=("self",)))
        for finding in findings:
            close(finding, {"why": "nothing reports on this any more"}, at=at)
    return len(findings)
