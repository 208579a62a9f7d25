"""What the sample shop sees from outside: backup mails that are expected, and devices that this machine looks at.

The mails came until this morning, but for one that did not; a console tells of many machines in one table, and of one
that nobody knows. The devices stand on this very machine, so that they are
looked at in truth: one answers (this program's own port), the other does not.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from email.message import EmailMessage

from rounds.clients.models import Site
from rounds.core.expecting import Expected
from rounds.mail.expecting import expect
from rounds.mail.models import Source
from rounds.mail.receiving import add_source, keep_mail
from rounds.people.models import User
from rounds.people.shop import local_day, local_moment
from rounds.watches.keeping import Wanted, add_watch, change_watch
from rounds.watches.models import Kind, Watch
from rounds.web.sample.cast import ELM, HARBOR, NORTHSIDE, OAK
from rounds.web.sample.setting import Scene

NIGHTS, MORNINGS = 21, 3
STRANGER = "LAPTOP-OF-A-GUEST"
BACKUPS = ((OAK, "OAK-NAS", time(1, 20), 0), (ELM, "ELM-SRV", time(2, 5), 1))  # client, machine, when, nights missing
BY_SEVEN = Expected(by_minute=7 * 60)


def expect_mails(scene: Scene, at: datetime) -> None:
    """Backups that report each night; of one, the last report has not come."""
    for character, name, clock, missing in BACKUPS:
        machine = scene.machines[character.name, name]
        client, begun = scene.clients[character.name], at - timedelta(days=NIGHTS + 1)
        source = add_source(f"Backup of {name}", client, machine, at=begun)
        expect(source, "", BY_SEVEN, by=scene.technician, at=begun)
        for night in _nights(clock, at, missing):
            keep_mail(source, _report(source, name, night), at=night)


def take_console(scene: Scene, at: datetime) -> None:
    """Reports of a console: a row for each of its machines, of several clients."""
    names = [name for character in (NORTHSIDE, HARBOR) for kept, name in scene.machines if kept == character.name]
    source = add_source("Backup console", None, at=at - timedelta(days=MORNINGS + 1))
    for morning in _nights(time(6, 15), at, 0)[-MORNINGS:]:
        keep_mail(source, _table(source, [*names, STRANGER], morning), at=morning)


def _table(source: Source, machines: Sequence[str], morning: datetime) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "backup@millstreet.example", "Backup Exec: Job summary of the last 24 hours"
    message["Date"], message["Message-ID"] = morning, f"<{source.pk}.{morning:%Y%m%d}@millstreet.example>"
    message.set_content("The summary is attached.")
    ended = morning - timedelta(hours=5)
    lines = ["Resource,Job Name,Job Status,End Time"]
    lines += [f"{machine},Full,Successful,{ended:%m/%d/%Y %H:%M:%S}" for machine in machines]
    message.add_attachment("\n".join(lines), subtype="csv", filename="summary.csv")
    return message.as_bytes()


def _nights(clock: time, at: datetime, missing: int) -> list[datetime]:
    """The nights' moments up to now, but for the last ones that are missing."""
    today = local_day(at)
    nights = [local_moment(today - timedelta(days=ago), clock) for ago in range(NIGHTS, -1, -1)]
    past = [night for night in nights if night <= at]
    return past[: len(past) - missing]


def _report(source: Source, name: str, night: datetime) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "backup@millstreet.example", f"Backup of {name}: success"
    message["Date"], message["Message-ID"] = night, f"<{source.pk}.{night:%Y%m%d}@millstreet.example>"
    message.set_content(f"Job Nightly of {name} ended successfully. No errors.")
    return message.as_bytes()


def watch_devices(site: Site, port: int, at: datetime) -> None:
    """Have this machine's agent look at two devices; again, on another port, it changes what it looks at."""
    by = User.objects.filter(is_active=True).earliest("pk")
    for name, device, target in (
        ("Archive of pictures", "XRAY-NAS", f"127.0.0.1:{port}"),
        ("Label printer", "LABELS", "127.0.0.1:9100"),
    ):
        kept = Watch.objects.current().filter(site=site, name=name).first()
        wanted = Wanted(name=name, target=target, device=device)
        if kept is None:
            add_watch(site, Kind.TCP, wanted, by=by, at=at)
        elif kept.target != target:
            change_watch(kept, wanted, at=at)
