"""Makes the report of one client of what was gathered: facts and a wish in, a row that is not kept yet out."""

from datetime import date, datetime

from rounds.charges.standing import Holdings
from rounds.core import daily, daily_doings, daily_machines, daily_watches
from rounds.core.daily import PLAIN, SOON, Row, Section
from rounds.core.daily_doings import Changed, about
from rounds.core.daily_machines import Look, Told
from rounds.core.money import show_hours
from rounds.core.terms import Plan
from rounds.pages.templatetags.rounds import money
from rounds.reports.choosing import Addresses, Wish
from rounds.reports.gathering import Facts, figures_day
from rounds.reports.models import Report, packed

VERSION = 1


def compose(facts: Facts, wish: Wish, day: date, to: Addresses, *, at: datetime) -> Report:
    """The report of a client's day."""
    sections = sections_of(facts, Look(facts.since, at, wish.zone, figures_day(at)))
    verdict = daily.verdict(sections)
    content = {
        "v": VERSION,
        "client": facts.client.name,
        "plan": facts.held.plan_name,
        "sections": [one.as_json() for one in sections],
        "days_without": [one.isoformat() for one in daily.days_between(facts.last_day, day)],
        "check_ins": {str(key): machine.check_ins for key, machine in facts.machines.items() if machine.check_ins},
        "is_deaf": facts.is_deaf,
    }
    return Report(
        client=facts.client, day=day, zone=wish.zone.key, since=facts.since,
        due_at=daily.due_at(day, wish.clock, wish.zone), made_at=at, state=verdict.state,
        rank=daily.WORST_FIRST.index(verdict.state), words=verdict.words, trouble=verdict.trouble,
        soon=verdict.soon, missing=verdict.missing, to=to.client, to_shop=to.shop, has_pdf=wish.has_pdf,
        body=packed(content),
    )  # fmt: skip


def sections_of(facts: Facts, look: Look) -> list[Section]:
    """What the report says, in its order; a section that cannot say anything of this client is left out."""
    machines = list(facts.machines.values())
    mails: dict[str, list[Told]] = {"backups": [], "antivirus": [], "mail": []}
    for one in facts.mails:
        mails[about(f"{one.name} {one.product}")].append(one)
    changed = [Changed(machine, one.at, one.noun, one.lines) for machine, told in facts.changes.items() for one in told]
    measured = [
        daily_machines.backups(machines, mails["backups"], look),
        daily_machines.antivirus(machines, mails["antivirus"], look),
        daily_machines.updates(machines, look),
        daily_machines.disks(machines, look),
        daily_machines.heard(machines, look),
        daily_machines.usage(machines, look),
        daily_watches.watched(facts.watched, look),
        daily_doings.mails(mails["mail"], look),
    ]
    told = [
        daily_doings.changes(changed, facts.events, look),
        daily_doings.findings(facts.still_open, facts.closed, look),
        daily_doings.done(facts.done),
        daily_doings.left(rows_left(facts.held), facts.held.plan_name),
    ]
    return [*(one for one in measured if one.rows), *told]


def rows_left(held: Holdings) -> list[Row]:
    """What a client has left, one row for each thing that he has paid for; low is to be looked at."""
    rows = []
    until = f", runs out about {held.runs_out_on.day} {held.runs_out_on:%B}" if held.runs_out_on else ""
    if held.plan is Plan.SERVICE_AGREEMENT and held.agreement is not None:
        # The month's hours are kept with its first work, or on its first: until then all of them are left.
        agreed = held.agreement.included_seconds or 0
        left, whole = (held.included_seconds, held.granted_seconds) if held.granted_seconds else (agreed, agreed)
        rows.append(Row(PLAIN, "Hours of this month", f"{show_hours(left)} of {show_hours(whole)} h left"))
    if held.plan is Plan.BLOCK and not held.has_blocks:
        rows.append(Row(SOON, "Hours bought", "none yet"))
    if held.has_blocks:
        low = SOON if held.are_hours_low else PLAIN
        runs = until if held.plan is Plan.BLOCK else ""
        rows.append(Row(low, "Hours bought", f"{show_hours(held.block_seconds)} h left{runs}"))
    if held.has_retainer or held.plan is Plan.RETAINER:
        low = SOON if held.is_retainer_low else PLAIN
        runs = until if held.plan is Plan.RETAINER else ""
        rows.append(Row(low, "Retainer", f"{money(held.retainer_available)} available{runs}"))
    return rows
