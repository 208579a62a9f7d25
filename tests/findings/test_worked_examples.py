"""Worked examples of what is told and what is not, written for a technician: what machines say, and what comes of it.

Each file in `examples` is a short story: what the machines said, minute by minute, and under `happens` what opened,
what closed and what the one on call was told. It is played through the stages themselves, look by look.
"""

import json
import re
import tomllib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn
from rounds.clients.models import Client, Machine, Site
from rounds.core.windows import Window
from rounds.findings import finding, telling
from rounds.findings.maintaining import Of, plan
from rounds.findings.models import Finding
from rounds.findings.telling_models import Channel, Message, Way
from rounds.people.models import Shop, User
from tests.findings.conftest import enrol

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.toml"))
MIDNIGHT = datetime(2026, 4, 14, tzinfo=UTC)
WHEN = r"(?:day (?P<day>\d+) )?(?P<from>\d\d:\d\d)(?:-(?P<to>\d\d:\d\d))?"
LINE = re.compile(WHEN + r"\s+(?P<machine>\S+)\s+(?P<disk>\S+)\s+(?P<used>[\d.]+) %")


def minute_of(clock: str, day: int = 1) -> int:
    """Minutes since the first midnight."""
    hours, minutes = clock.split(":")
    return (day - 1) * 1440 + int(hours) * 60 + int(minutes)


def said(text: str) -> Iterator[tuple[int, str, str, float]]:
    """What was said: the minute, the machine, its disk, how full it is."""
    for line in filter(None, map(str.strip, text.splitlines())):
        found = LINE.fullmatch(line)
        assert found, f"cannot read “{line}”"
        first = minute_of(found["from"], int(found["day"] or 1))
        last = minute_of(found["to"], int(found["day"] or 1)) if found["to"] else first
        for minute in range(first, last + 1):
            yield minute, found["machine"], found["disk"], float(found["used"])


class Stage:
    """The machines of an example, and what they have said so far."""

    def __init__(self, told: dict[str, Any], northside: Client, elm: Client) -> None:
        Client.objects.update(is_own=True)  # whose plan pays for watching: they are told of at once
        self.agents: dict[str, Agent] = {}
        places = {"northside": Site.objects.get(client=northside), "elm": Site.objects.get(client=elm)}
        for name, (place, kind) in told["machines"].items():
            machine, _ = Machine.objects.update_or_create(site=places[place], name=name, defaults={"kind": kind})
            self.agents[name] = enrol(machine, MIDNIGHT - timedelta(days=30))
        Channel.objects.create(
            name="On call", way=Way.MAIL, address="oncall@shop.example", at_once="trouble", made_at=MIDNIGHT
        )
        self.number = 0

    def say(self, at: datetime, machine: str, disk: str, used: float) -> None:
        """A check-in."""
        self.number += 1
        body = {
            "v": 1, "epoch": 1, "number": self.number, "taken_at": at.isoformat(),
            "disks": {disk: {"used_percent": used}},
        }  # fmt: skip
        CheckIn.objects.create(
            agent=self.agents[machine], epoch=1, number=self.number, taken_at=at, received_at=at,
            body=zlib.compress(json.dumps(body).encode()),
        )  # fmt: skip


def plan_windows(told: dict[str, Any], olga: User) -> None:
    """The windows of an example."""
    for one in told.get("window", ()):
        first, last = minute_of(one["from"]), minute_of(one["to"])
        starts = (MIDNIGHT + timedelta(minutes=first)).time()
        window = Window(MIDNIGHT.date(), starts, last - first)
        machine = Machine.objects.get(name=one["machine"])
        plan(Of(machine=machine), window, one["why"], by=olga, at=MIDNIGHT)


def what_happened(*, daily: bool) -> list[str]:
    """Openings, closings and messages, in the order of time."""
    lines: list[tuple[datetime, int, str]] = []
    for row in Finding.objects.select_related("machine", "client"):
        whose = row.machine.name if row.machine else row.client.name
        lines.append((row.opened_at, 0, f"opens   {whose}: {row.title}"))
        if row.closed_at:
            lines.append((row.closed_at, 1, f"closes  {whose}: {row.title}"))
    lines += [(row.written_at, 2, f"told    {row.title}") for row in Message.objects.all()]
    return [f"{_moment(at, daily=daily)} {text}" for at, _, text in sorted(lines)]


def _moment(at: datetime, *, daily: bool) -> str:
    return f"day {(at - MIDNIGHT).days + 1} {at:%H:%M}" if daily else f"{at:%H:%M}"


def test_there_are_worked_examples_of_each() -> None:
    assert {path.stem for path in EXAMPLES} >= {"flap", "silence", "site-outage", "window", "forecast"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_machines_say_comes_to_what_is_written_down(
    path: Path, shop: Shop, northside: Client, elm: Client, olga: User
) -> None:
    told = tomllib.loads(path.read_text())
    Shop.objects.filter(pk=shop.pk).update(time_zone="UTC")
    stage, step = Stage(told, northside, elm), told.get("every_minutes", 1)
    plan_windows(told, olga)
    lines: dict[int, list[tuple[str, str, float]]] = {}
    for minute, machine, disk, used in said(told["said"]):
        lines.setdefault(minute, []).append((machine, disk, used))

    for minute in range(min(lines), minute_of(told["until"], told.get("days", 1)) + 1, step):
        at = MIDNIGHT + timedelta(minutes=minute)
        for line in lines.get(minute, ()):
            stage.say(at, *line)
        with transaction.atomic():
            reading.pull()
            finding.pull(at)
            telling.pull(at)

    expected = [line.strip() for line in told["happens"].splitlines() if line.strip()]
    assert what_happened(daily=step == 1440) == expected
