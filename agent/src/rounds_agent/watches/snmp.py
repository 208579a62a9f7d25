"""A device by SNMP: what it is, and what devices of its kind tell: supplies, ports, volumes, batteries."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rounds_agent.watches import snmp_devices
from rounds_agent.watches.asking import Asked, place_of
from rounds_agent.watches.ber import dotted
from rounds_agent.watches.manager import Manager
from rounds_agent.watches.outcomes import CannotAsk, Fails, Outcome
from rounds_agent.watches.usm import CIPHERS, Community, User

if TYPE_CHECKING:
    from collections.abc import Callable

SYSTEM = {
    "description": "1.3.6.1.2.1.1.1.0",
    "up": "1.3.6.1.2.1.1.3.0",
    "name": "1.3.6.1.2.1.1.5.0",
    "where": "1.3.6.1.2.1.1.6.0",
}
KINDS: dict[str, tuple[Callable[[snmp_devices.Talk], None], ...]] = {
    "printer": (snmp_devices.printer,),
    "switch": (snmp_devices.ports,),
    "nas": (snmp_devices.synology, snmp_devices.qnap, snmp_devices.storage),
    "ups": (snmp_devices.ups,),
    "host": (snmp_devices.storage, snmp_devices.load, snmp_devices.ports),
}


def watch(asked: Asked) -> Outcome:
    """Ask who it is, then what its kind tells."""
    kind = asked.text("device_kind", "host")
    if kind not in KINDS:
        raise CannotAsk(f"this agent knows no device “{kind}”; it knows {', '.join(KINDS)}")
    host, port = place_of(asked.target, 161)
    manager = Manager((asked.address(host), port), who_asks(asked), asked.until)
    try:
        began = time.perf_counter()
        said = manager.get([dotted(name) for name in SYSTEM.values()])
        outcome = Outcome({"milliseconds": round((time.perf_counter() - began) * 1000, 2)})
        if not said:
            raise Fails("it answers, but tells nothing of itself: the community or user may not read")
        talk = snmp_devices.Talk(manager, outcome, asked)
        _system(talk, {name: said.get(dotted(oid)) for name, oid in SYSTEM.items()})
        for read in KINDS[kind]:
            read(talk)
    finally:
        manager.close()
    return outcome


def who_asks(asked: Asked) -> Community | User:
    """The community or the user of a watch."""
    if asked.text("version", "2c") == "2c":
        return Community(asked.text("community"))
    cipher = asked.text("cipher")
    if cipher not in CIPHERS:
        raise CannotAsk(f"“{cipher}” encrypts nothing here; aes does")
    privacy = asked.text("privacy_password") if cipher else ""
    if cipher and not privacy:
        raise CannotAsk("the password for encrypting is missing")
    return User(asked.text("user"), asked.text("hash", "sha"), asked.text("auth_password"), privacy)


def _system(talk: snmp_devices.Talk, said: dict[str, object]) -> None:
    facts = talk.outcome.facts
    for name in ("name", "where"):
        if text := snmp_devices.text_of(said[name]):
            facts[name] = text
    if model := snmp_devices.text_of(said["description"]):
        facts["model"] = model
    if isinstance(up := said["up"], int):
        facts["up_hours"] = round(up / 360_000, 1)
        talk.up = up
