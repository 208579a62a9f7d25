"""What the sample shop sees from outside: backup mails that are expected, and devices that this machine looks at.

The mails came until this morning, but for one that did not. The devices stand on this very machine, so that they are
looked at in truth: one answers (this program's own port), the other does not.
"""

from collections.abc import Iterator
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
from rounds.web.sample.cast import ELM, OAK
from rounds.web.sample.setting import Scene

NIGHTS = 21
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


def _nights(clock: time, at: datetime, missing: int) -> Iterator[datetime]:
    """The nights' moments up to now, but for the last ones that are missing."""
    today = local_day(at)
    nights = [local_moment(today - timedelta(days=ago), clock) for ago in range(NIGHTS, -1, -1)]
    past = [night for night in nights if night <= at]
    yield from past[: len(past) - missing]


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
