"""Opens and closes findings by what others report: alert mail of other products, and evidence of duties."""

from datetime import datetime

from django.db import transaction

from rounds.findings.models import Finding, Taken
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.mail.models import AlertMail, Result, Source
from rounds.upkeep.models import Evidence, Routine
from rounds.upkeep.routines import lineage

AT_ONCE = 200


def pull() -> int:
    """Bring findings up to date with mail and evidence; say how many were new."""
    total = 0
    while count := _pull_mails() + _pull_evidence():
        total += count
    return total


@transaction.atomic
def _pull_mails() -> int:
    new = AlertMail.objects.exclude(result=Result.UNKNOWN).exclude(
        pk__in=Taken.objects.exclude(mail=None).values("mail")
    )
    mails = list(new.select_related("source").order_by("received_at", "pk")[:AT_ONCE])
    for mail in mails:
        if _is_first(Taken.objects.get_or_create(mail=mail)):
            _take_mail(mail)
    return len(mails)


def _is_first(made: tuple[Taken, bool]) -> bool:
    return made[1]


def _take_mail(mail: AlertMail) -> None:
    source = mail.source
    cause = Cause(source.client_id, source.machine_id, "alert-mail", f"source {source.pk}")
    told = {"mail": mail.pk, "subject": mail.subject, "why": mail.why, "source": source.name}
    # Not by its cause: the source may have been said to be of another machine since.
    kept = Finding.objects.still_open().filter(rule=cause.rule, subject=cause.subject).first()
    if mail.result == Result.SUCCESS:
        if kept and kept.opened_at <= mail.received_at:
            close(kept, told, at=mail.received_at)
    elif kept:
        kept.evidence = {**kept.evidence, "mails": kept.evidence["mails"] + 1, "last_mail": mail.pk}
        kept.save(update_fields=["evidence"])
    else:
        shown = f"{source.name}: {mail.subject or 'a failure'}"
        open_once(cause, Seen(shown, "trouble", mail.received_at, {**told, "mails": 1}))


@transaction.atomic
def _pull_evidence() -> int:
    new = Evidence.objects.filter(is_skip=False).exclude(pk__in=Taken.objects.exclude(evidence=None).values("evidence"))
    rows = list(new.select_related("duty__routine").order_by("at", "pk")[:AT_ONCE])
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
    sources = {f"source {key}" for key in Source.objects.exclude(ended_at=None).values_list("pk", flat=True)}
    back = lineage()
    stopped = Routine.objects.filter(is_stopped=True, ended_at__isnull=False).values_list("pk", flat=True)
    routines = {f"routine {back[key][-1]}" for key in stopped}
    with transaction.atomic():
        findings = list(
            Finding.objects.still_open()
            .filter(
                rule__in=("alert-mail", "mail-surge", "backup-failed", "duty-failed"), subject__in=sources | routines
            )
            .select_for_update(of=("self",))
        )
        for finding in findings:
            close(finding, {"why": "nothing reports on this any more"}, at=at)
    return len(findings)
