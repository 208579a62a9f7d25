"""Sends samples on to another store by Prometheus' remote-write protocol, for those who keep Grafana beside Rounds.

A reader of check-ins as others are (`reading`): its cursor moves when a batch was taken, so each batch is sent at least
once, and after a kill perhaps twice, which such stores make nothing of. What the store refuses for good (400) is said
in the log and left out, as the protocol wants it; while it is away, or says that it is busy, the batch waits.
"""

import base64
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import cramjam
from django.conf import settings

from rounds.agents import reading
from rounds.agents.figures import figures_of
from rounds.agents.models import CheckIn, Cursor
from rounds.agents.reading import ReadCheckIn
from rounds.clients.models import Machine
from rounds.core.remote_write import Sample, message

log = logging.getLogger(__name__)

READER = "remote write"
AT_ONCE = 250  # check-ins in one request: some ten thousand samples
PATIENCE = timedelta(days=2)  # that check-ins wait for the store before they are sealed without it
SECONDS = 20
NOT_NOW = {408, 429}


class Away(Exception):
    """The store cannot take samples now; they wait, and it is tried again."""


def feed(_at: datetime) -> int:
    """Send what is new, if a store is named; say how many check-ins."""
    if not settings.REMOTE_WRITE:
        return 0
    total = 0
    try:
        while count := _feed_some():
            total += count
    except Away as why:
        log.warning("samples wait for %s: %s", _host(), why)
    return total


def _feed_some() -> int:
    check_ins = reading.look(READER, AT_ONCE)
    if check_ins:
        send(series_of(check_ins))
        reading.note(READER, check_ins)
    return len(check_ins)


def is_waited_for(at: datetime) -> bool:
    """Do check-ins wait for the store before they are sealed? Not for one that has been away for days."""
    cursor = Cursor.objects.filter(reader=READER).first()
    if not settings.REMOTE_WRITE or cursor is None:
        return False
    oldest = CheckIn.objects.filter(pk__gt=cursor.last_id).order_by("pk").values_list("received_at", flat=True).first()
    return oldest is None or at - oldest <= PATIENCE


def series_of(check_ins: Iterable[ReadCheckIn]) -> list[tuple[dict[str, str], list[Sample]]]:
    """The figures of check-ins as series: one for each machine and figure, with the names that people know."""
    check_ins = list(check_ins)
    machines = Machine.objects.select_related("site__client").in_bulk({one.machine_id for one in check_ins})
    found: dict[tuple[int, str], list[Sample]] = {}
    for one in check_ins:
        at = reading.milliseconds(one.taken_at)
        for name, figure in figures_of(one.samples, one.disks, one.watches).items():
            found.setdefault((one.machine_id, name), []).append((at, figure))
    return [(labels_of(machines[machine_id], name), samples) for (machine_id, name), samples in found.items()]


def labels_of(machine: Machine, figure: str) -> dict[str, str]:
    """The labels of a machine's figure: `disk.used_percent@/srv` is `rounds_disk_used_percent` with its place."""
    plain, _, place = figure.partition("@")
    labels = {"__name__": f"rounds_{re.sub(r'[^a-zA-Z0-9_]', '_', plain)}", "machine": machine.name}
    labels |= {"machine_id": str(machine.pk), "client": machine.site.client.name, "site": machine.site.name}
    return labels | ({"place": place} if place else {})


def send(series: Iterable[tuple[Mapping[str, str], list[Sample]]]) -> None:
    """Send series in one request; Away if it is to be tried again."""
    body = bytes(cramjam.snappy.compress_raw(message(series)))
    try:
        with urlopen(_request(body), timeout=SECONDS) as reply:  # noqa: S310 - the shop's own address
            reply.read()
    except HTTPError as error:
        why = f"{error.code}: {error.read(300).decode(errors='replace').strip()}"
        if error.code >= 500 or error.code in NOT_NOW:
            raise Away(why) from None
        log.error("%s does not take samples, they are left out there: %s", _host(), why)
    except (URLError, HTTPException, OSError) as error:
        raise Away(str(error)) from None


def _request(body: bytes) -> Request:
    """A request to the store, with the name and password of its address or the token, if there is one."""
    address = urlsplit(settings.REMOTE_WRITE)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
        "User-Agent": "rounds",
    }
    if address.username:
        both = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    elif settings.REMOTE_WRITE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.REMOTE_WRITE_TOKEN}"
    plain = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    return Request(plain, data=body, headers=headers)  # noqa: S310 - the shop's own address


def _host() -> str:
    """The store as the log names it, without its password."""
    return urlsplit(settings.REMOTE_WRITE).hostname or "the store"
