"""Keeps what was understood of the rows of a mail's table: each is read, or waits, by itself and once."""

from dataclasses import dataclass

from rounds.core.mail_rules import Understood, believed
from rounds.mail.belonging import Owners, Whose
from rounds.mail.models import AlertMail, Reading, ShopRule, Waiting
from rounds.people.models import User


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule understands of a mail's table: `rule` if it is one of the shop's own; `number` of the list."""

    understood: Understood
    rule: ShopRule | None
    number: int


def take_rows(mail: AlertMail, told: Told) -> bool:
    """Keep each row that nobody has read yet, or let it wait; say whether none waits. What was read stays read."""
    read = set(Reading.objects.filter(mail=mail).values_list("row", flat=True))
    if 0 in read:  # by somebody else, as a whole
        return False
    rows = [row for row in told.understood.rows if row.number not in read]
    owners = Owners.of(mail.source, told.rule, (row.understood for row in rows))

    readings, waits = [], []
    for row in rows:
        whose = owners.whose(row.understood) if row.understood.result else None
        if whose is not None:
            readings.append(reading_of(mail, row.understood, whose, row=row.number))
            continue
        named = row.understood.client or row.understood.machine
        why = row.why or f"“{named}” is no client or machine that is known"
        waits_for = "rule" if row.why else "client"
        waits.append(Waiting(mail=mail, row=row.number, waits_for=waits_for, why=why[:300], tried_with=told.number))

    Reading.objects.bulk_create(readings)
    Waiting.objects.filter(mail=mail).delete()
    Waiting.objects.bulk_create(waits)
    return not waits


def reading_of(
    mail: AlertMail, understood: Understood, whose: Whose, *, row: int = 0, by: User | None = None
) -> Reading:
    """The row that keeps what was understood of a mail, or of a row of its table."""
    return Reading(
        mail=mail, row=row, client=whose.client, machine=whose.machine, result=understood.result,
        severity=understood.severity, product=understood.product[:120], machine_name=understood.machine[:80],
        job=understood.job[:120], about=understood.about, rule=understood.origin, why=understood.why[:300],
        happened_at=believed(understood.at, arrived_at=mail.received_at), by=by,
    )  # fmt: skip
