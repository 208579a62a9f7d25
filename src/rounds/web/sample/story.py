"""The sample shop's year as a list of acts in the order of time: what somebody did, on which client, when."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal

from rounds.core.days import add_months
from rounds.web.sample.cast import CAST, ELM, HARBOR, MILLERS, NORTHSIDE, OAK, Character

type Verb = Literal["agree", "deposit", "buy", "stint", "part", "propose", "answer", "link", "alert"]

PLANNED = (
    ("Monthly updates and restart", "maintenance"),
    ("Backup logs and test restore", "maintenance"),
    ("Server and workstation check", "maintenance"),
)
UNPLANNED = (
    ("Mail stuck in the outbox", "support"),
    ("New user account and mailbox", "support"),
    ("Printer does not answer", "support"),
    ("Slow start of the practice program", "support"),
    ("Shared folder permissions", "support"),
    ("Screen flickers", "support"),
    ("Move a workstation to another desk", "support"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did: `local` is the shop's clock; `details` are the verb's own."""

    local: datetime
    client: str
    verb: Verb
    details: dict[str, object] = field(default_factory=dict)


def story(today: date, seed: int = 2005) -> list[Act]:
    """A year up to the day before `today`, the same for the same day, in the order of time."""
    first = add_months(today.replace(day=1), -12)
    acts = [act for character in CAST for act in _usual(character, first, today, Random(f"{seed} {character.name}"))]  # noqa: S311 - a story, no secret
    acts += [*_money(first), *_call_list(first, today), *_mishaps(first, today)]
    return sorted((act for act in acts if act.local.date() < today), key=lambda act: act.local)


def _workday(day: date) -> date:
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def _usual(character: Character, first: date, today: date, chance: Random) -> Iterator[Act]:
    """A client's usual months: planned work early, unplanned work when it comes, a part now and then."""
    month = first
    if character is not MILLERS:
        yield Act(datetime.combine(first, time(8)), character.name, "agree")
    while month <= today:
        for number in range(character.habits.planned):
            title, category = PLANNED[number % len(PLANNED)]
            day = _workday(month + timedelta(days=3 + 9 * number))
            yield _stint(character, datetime.combine(day, time(9)), title, category, chance)
        for _ in range(chance.randint(0, character.habits.unplanned)):
            title, category = chance.choice(UNPLANNED)
            day = _workday(month + timedelta(days=chance.randint(0, 26)))
            yield _stint(character, datetime.combine(day, time(chance.randint(10, 16), 15)), title, category, chance)
        if character.habits.parts and chance.random() < 0.4:
            name, cost = chance.choice(character.habits.parts)
            day = _workday(month + timedelta(days=chance.randint(4, 24)))
            details: dict[str, object] = {"name": name, "cost": cost, "quantity": 1}
            yield Act(datetime.combine(day, time(16, 30)), character.name, "part", details)
        month = add_months(month, 1)


def _stint(character: Character, local: datetime, title: str, category: str, chance: Random) -> Act:
    low, high = character.habits.minutes
    details: dict[str, object] = {
        "title": title,
        "category": category,
        "minutes": chance.randint(low, high),
        "place": "onsite" if category == "maintenance" or chance.random() < 0.3 else "remote",
        "machine": chance.choice(character.machines)[0],
        "is_approved": True,
    }
    return Act(local, character.name, "stint", details)


def _money(first: date) -> Iterator[Act]:
    """What clients pay in advance, beside their invoices."""
    yield Act(datetime.combine(first, time(8, 30)), HARBOR.name, "deposit", {"amount": 1_500_00})
    yield Act(datetime.combine(first, time(8, 30)), OAK.name, "buy", {"hours": 20})
    for months, hours in ((3, 20), (8, 10), (10, 5)):
        day = _workday(add_months(first, months) + timedelta(days=9))
        yield Act(datetime.combine(day, time(11)), OAK.name, "buy", {"hours": hours})


def _call_list(first: date, today: date) -> Iterator[Act]:
    """Elm St Law is called every month: mostly agrees, defers the firewall's firmware twice, and pays for it."""
    usual = (
        ("Updates on server and workstations", 90),
        ("Clean the server", 45),
        ("Check the backup by restoring files", 30),
    )
    for number in range(13):
        month = add_months(first, number)
        title, minutes = usual[number % len(usual)]
        made = datetime.combine(_workday(month + timedelta(days=1)), time(9))
        answered = datetime.combine(_workday(month + timedelta(days=4)), time(10, 30))
        key = f"usual {number}"
        yield Act(made, ELM.name, "propose", {"key": key, "title": title, "minutes": minutes, "machine": "ELM-SRV"})
        if answered.date() >= today - timedelta(days=6):
            continue
        verdict = "decline" if number == 7 else "agree"
        yield Act(answered, ELM.name, "answer", {"key": key, "verdict": verdict})
        if verdict == "agree":
            done = datetime.combine(_workday(answered.date() + timedelta(days=5)), time(14))
            details: dict[str, object] = {"key": key, "minutes": minutes + 7 * (number % 3), "place": "onsite"}
            yield Act(done, ELM.name, "stint", details)
    yield from _firewall(first)


def _firewall(first: date) -> Iterator[Act]:
    """The deferral that is paid for: the only client whose firewall was not updated is the one that is hit."""
    risk = "The firewall's maker has told of a flaw that is being used. If it is broken into, the office stands still."
    proposal: dict[str, object] = {
        "key": "firewall", "title": "Firmware of the firewall", "minutes": 30, "machine": "ELM-FW", "risk": risk,
        "idle_hours": (4, 10), "idle_people": 9,
    }  # fmt: skip
    asked, hit = add_months(first, 4), _workday(add_months(first, 6) + timedelta(days=16))
    yield Act(datetime.combine(_workday(asked + timedelta(days=1)), time(9, 5)), ELM.name, "propose", proposal)
    for months in (0, 1):
        day = _workday(add_months(asked, months) + timedelta(days=4))
        until = add_months(asked, months + 1)
        details: dict[str, object] = {"key": "firewall", "verdict": "defer", "until": until}
        yield Act(datetime.combine(day, time(10, 35)), ELM.name, "answer", details)
    for hour, minutes, late in ((11, 330, False), (18, 150, True)):
        work: dict[str, object] = {
            "title": "Firewall broken into: rebuilt, passwords changed, machines checked", "category": "support",
            "minutes": minutes, "place": "onsite", "machine": "ELM-FW", "is_after_hours": late, "is_approved": True,
            "is_more": late,
        }  # fmt: skip
        yield Act(datetime.combine(hit, time(hour)), ELM.name, "stint", work)
    part: dict[str, object] = {"name": "Firewall, replacement", "cost": 410_00, "quantity": 1}
    yield Act(datetime.combine(hit, time(21)), ELM.name, "part", part)
    link: dict[str, object] = {"key": "firewall", "idle_minutes": 360, "idle_people": 9}
    yield Act(datetime.combine(hit + timedelta(days=1), time(9)), ELM.name, "link", link)
    over: dict[str, object] = {"key": "firewall", "verdict": "decline", "note": "It has been replaced."}
    yield Act(datetime.combine(hit + timedelta(days=1), time(9, 30)), ELM.name, "answer", over)


def _mishaps(first: date, today: date) -> Iterator[Act]:
    """What does not fit the months: a spyware clean-up, goodwill, a failed backup, work nobody agreed to yet."""
    spyware: dict[str, object] = {
        "title": "Spyware removed", "category": "spyware", "minutes": 140, "place": "onsite", "machine": "Family PC",
        "cause": "user", "is_approved": True,
    }  # fmt: skip
    yield Act(datetime.combine(_workday(add_months(first, 2)), time(17)), MILLERS.name, "stint", spyware)
    goodwill: dict[str, object] = {
        "title": "Explained the new mail program", "category": "support", "minutes": 25, "machine": "RECEPTION",
        "is_no_charge": True, "is_approved": True,
    }  # fmt: skip
    yield Act(datetime.combine(_workday(add_months(first, 10)), time(15)), NORTHSIDE.name, "stint", goodwill)
    unasked: dict[str, object] = {
        "title": "Restarted the server after a power cut", "category": "support", "minutes": 40, "machine": "ELM-SRV",
        "is_approved": False,
    }  # fmt: skip
    yield Act(datetime.combine(_workday(today - timedelta(days=5)), time(13)), ELM.name, "stint", unasked)
    memory: dict[str, object] = {
        "key": "memory", "title": "Memory of the server is short: add 16 GB", "minutes": 90, "machine": "ELM-SRV",
        "risk": "The server slows down every afternoon, and stops when it runs out.",
        "idle_hours": (4, 10), "idle_people": 9,
    }  # fmt: skip
    yield Act(datetime.combine(_workday(today - timedelta(days=4)), time(9)), ELM.name, "propose", memory)
    failed = {
        "machine": "HL-SRV",
        "subject": "Backup of HL-SRV: FAILED",
        "text": "Job Nightly ended with an error: target disk full.",
    }
    good = {
        "machine": "HL-SRV",
        "subject": "Backup of HL-SRV: success",
        "text": "Job Nightly ended. 41.2 GB in 38 minutes.",
    }
    for days_ago, mail in ((9, failed), (8, good), (1, failed)):
        yield Act(datetime.combine(today - timedelta(days=days_ago), time(2, 40)), HARBOR.name, "alert", dict(mail))
