"""Adds, changes and ends watches, each by one verb; what makes no sense is refused with the reason."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from rounds.clients.models import Machine, MachineKind, Site
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.watches.models import Kind, Watch

MOST_AT_A_SITE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How something is to be watched. `device` is the name of a device that is not known yet, and is added."""

    name: str
    target: str
    every_minutes: int = 1
    machine: Machine | None = None
    device: str = ""
    runner: Machine | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def add_watch(site: Site, kind: str, wanted: Wanted, *, by: User | None, at: datetime) -> Watch:
    """Watch something at a site from now on. Refused: a name that is taken, a machine of another site."""
    if kind not in Kind.values:
        raise Refused(f"there is no kind of watch “{kind}”")
    if Watch.objects.current().filter(site=site).count() >= MOST_AT_A_SITE:
        raise Refused(f"a site has {MOST_AT_A_SITE} watches at the most")
    made = Watch(site=site, kind=kind, made_at=at, made_by=by)
    return _keep(made, wanted, at)


@transaction.atomic
def change_watch(watch: Watch, wanted: Wanted, *, at: datetime) -> Watch:
    """Watch it otherwise from now on; secrets that are not given stay as they are."""
    if watch.ended_at is not None:
        raise Refused("this is no longer watched")
    return _keep(watch, wanted, at)


def _keep(watch: Watch, wanted: Wanted, at: datetime) -> Watch:
    machine = _device(watch.site, wanted.device) if wanted.device else wanted.machine
    for one in (machine, wanted.runner):
        if one is not None and one.site_id != watch.site_id:
            raise Refused(f"{one} is at another site")
    if watch.kind == Kind.SNMP and machine is None:
        raise Refused("say which device it is, or name a new one")
    watch.name, watch.target, watch.machine, watch.runner = wanted.name, wanted.target, machine, wanted.runner
    watch.every_minutes, watch.settings, watch.changed_at = wanted.every_minutes, wanted.settings, at
    watch.secrets = {**watch.secrets, **{name: text for name, text in wanted.secrets.items() if text}}
    try:
        with transaction.atomic():
            watch.save()
    except IntegrityError:
        raise Refused(f"another watch of this site is called “{watch.name}”") from None
    return watch


def _device(site: Site, name: str) -> Machine:
    kept, _ = Machine.objects.get_or_create(
        site=site, name=name, retired_at=None, defaults={"kind": MachineKind.DEVICE}
    )
    return kept


def end_watch(watch: Watch, *, at: datetime) -> bool:
    """Watch it no longer; what it gave stays. False: it was ended already."""
    return bool(Watch.objects.filter(pk=watch.pk, ended_at=None).update(ended_at=at, changed_at=at, secrets={}))
