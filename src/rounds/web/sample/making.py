"""Makes the sample shop, once: the scene, then the year, then what stands on its front page today."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from rounds.core.days import add_months
from rounds.people.models import Shop
from rounds.people.shop import local_day, local_moment
from rounds.upkeep.routines import add_default_routines
from rounds.web.sample import outside
from rounds.web.sample.cast import HARBOR, NORTHSIDE
from rounds.web.sample.playing import play_year
from rounds.web.sample.setting import Scene, set_scene
from rounds.web.sample.story import story
from rounds.web.starting import machine_time_zone
from rounds.work.ordering import Call, take_order
from rounds.work.timing import start

type Say = Callable[[str], None]


def forget_half_made() -> None:
    """Remove the database of a sample shop that was interrupted while it was made; it is made anew."""
    database = settings.HOME / "rounds.sqlite3"
    if not _is_whole().exists() and database.exists():
        connection.close()
        for name in ("", "-wal", "-shm"):
            database.with_name(database.name + name).unlink(missing_ok=True)


def make_sample(at: datetime, *, say: Say) -> None:
    """Make the sample shop's year up to now, if it is not there yet."""
    if _is_whole().exists():
        return
    Shop.objects.create(pk=1, is_sample=True, time_zone=machine_time_zone())
    today = local_day(at)
    first = add_months(today.replace(day=1), -12)
    scene = set_scene(first, local_moment(first, time(7)))
    add_default_routines(first)
    say("Making a year of the sample shop (about a minute, once): ")
    for day in play_year(scene, story(today), today):
        if day.day == 1:
            say(f"{day:%b} ")
    outside.expect_mails(scene, at)
    outside.take_console(scene, at)
    _leave_something_running(scene, at)
    _is_whole().touch()
    say("\n")


def _leave_something_running(scene: Scene, at: datetime) -> None:
    """Two technicians are at work when the sample shop is first looked at."""
    calls = (
        (HARBOR, "HL-GATE", "Scanner at the gate loses its connection", "Theo Brandt", 42),
        (NORTHSIDE, "XRAY", "X-ray pictures open slowly", "Ines Okafor", 130),
    )
    for character, machine, title, who, minutes in calls:
        began = at - timedelta(minutes=minutes)
        call = Call(scene.clients[character.name], title, scene.machines[character.name, machine])
        start(take_order(call, by=scene.staff[who], at=began), who=scene.staff[who], at=began)


def _is_whole() -> Path:
    """A file that says that the sample shop was made to its end."""
    return settings.HOME / "sample-is-whole"
