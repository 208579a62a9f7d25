"""Enrols this machine with its shop: makes its identity here, and shows the shop only the hash of its secret.

What was begun is kept in `identity.json` before anybody is told of it, so that a lost answer, a kill, or a shop that
first wants to approve the machine only mean that the same is asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys

from rounds_agent.home import files_of, make_home, read_json, remove, under, write_json
from rounds_agent.probes import system
from rounds_agent.probes.outcome import outcome
from rounds_agent.probes.reading import names_in, text_or_nothing
from rounds_agent.proxies import proxy_for, proxy_text
from rounds_agent.transport import Address, Line, NoAnswer
from rounds_agent.trusting import keep_authority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

IDENTITY, CONFIG, ANEW = "identity.json", "config.json", "anew.json"
CARDS = "/sys/class/net"
OF_ONE_IDENTITY = (
    "counter",
    "reported.json",
    "slow.json",
    "events.json",
    "bookmark.json",
    "watches.json",
    "watched.json",
)


class NotEnrolled(Exception):
    """Why this machine was not enrolled; asking again would change nothing."""


class Waiting(Exception):
    """Why this machine is not enrolled yet; asking again later may help."""


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hints() -> dict[str, object]:
    """What helps a technician to recognise the machine after a reinstallation; nothing is keyed on it."""
    told = outcome(system.measure).get("value", {}).get("facts", {}).get("os", {})
    machine_id = text_or_nothing("/etc/machine-id")
    serial = text_or_nothing("/sys/class/dmi/id/product_uuid") or text_or_nothing("/sys/class/dmi/id/product_serial")
    real = [name for name in names_in(CARDS) if os.path.exists(os.path.join(CARDS, name, "device"))]
    cards = sorted(text_or_nothing(os.path.join(CARDS, name, "address")) for name in real)
    return {
        "hostname": os.uname().nodename.partition(".")[0]
        if hasattr(os, "uname")
        else os.environ.get("COMPUTERNAME", ""),
        "os": str(told.get("name", "")),
        "machine_id_sha256": _sha256(machine_id) if machine_id else "",
        "serial_sha256": _sha256(serial) if serial else "",
        "cards_sha256": [_sha256(card) for card in cards if card][:8],
    }


def new_identity() -> dict[str, str]:
    """An instance of 128 bits, a secret of 256."""
    return {"instance": secrets.token_hex(16), "secret": secrets.token_urlsafe(32)}


def enrol(options: dict[str, str]) -> int:
    """Enrol; 0 when this machine is known to its shop afterwards, or waits only for the shop's approval."""
    home = options["home"]
    try:
        address = _check(options)
        make_home(home)
        if os.path.exists(under(home, CONFIG)):
            raise NotEnrolled(f"this machine is enrolled already: {under(home, CONFIG)}")
        proxy = options["proxy"] or proxy_text(address, os.environ)
        name = _begin(home, {**options, "proxy": proxy})
    except Waiting as why:
        print(f"This machine is not enrolled yet: {why}. “rounds-agent run” goes on asking.")
        return 0 if why.__cause__ is None else 1
    except (NotEnrolled, OSError) as why:
        print(f"rounds-agent: not enrolled: {why}", file=sys.stderr)
        return 1
    print(f"This machine is enrolled as {name}.")
    return 0


def _begin(home: str, options: dict[str, str]) -> str:
    """Ask with an identity that is kept before, the same for the same token: the name of the machine there.

    If the shop refuses it for good, all is as it was: another token asks with another identity.
    """
    begun = read_json(under(home, IDENTITY))
    before = begun if isinstance(begun, dict) else {}
    is_same = before.get("token") == options["token"]
    identity = {name: before[name] for name in ("instance", "secret")} if is_same else new_identity()
    kept = {name: options[name] for name in ("server", "token", "ca", "proxy")}
    write_json(under(home, IDENTITY), {**identity, **kept})
    made = _keep_policy(home, options)
    try:
        return go_on(home)
    except NotEnrolled:
        if before and not is_same:
            write_json(under(home, IDENTITY), before)
        else:
            made.append(IDENTITY)
        for name in made:
            remove(under(home, name))
        raise


def _check(options: dict[str, str]) -> Address:
    """The server's address, if the options make sense."""
    try:
        address = Address(options["server"])
        proxy_for(address, options["proxy"], os.environ)
    except ValueError as wrong:
        raise NotEnrolled(str(wrong)) from None
    if not options["token"]:
        raise NotEnrolled("--token is missing: the shop makes one for each site")
    if bool(options["repository"]) != bool(options["password-file"]):
        raise NotEnrolled("--repository and --password-file go together")
    networks_in(options.get("watch-networks", ""))
    if not (address.is_tls or address.is_loopback or options["plain-http"]):
        raise NotEnrolled("without https all on the way could read this machine's secret; --plain-http allows it")
    return address


def networks_in(text: str) -> list[str]:
    """The networks of an option; NotEnrolled if one cannot be read."""
    networks = [one.strip() for one in text.split(",") if one.strip()]
    if networks:
        from rounds_agent.watches.policy import Wrong, read_networks  # noqa: PLC0415 - ipaddress, wanted here alone

        try:
            read_networks(networks)
        except Wrong as wrong:
            raise NotEnrolled(f"--watch-networks: {wrong}") from None
    return networks


def _keep_policy(home: str, options: dict[str, str]) -> list[str]:
    """What this machine may ever be asked to do, and what is expected of it: said now, changed later on it alone.

    A file that is there stays; the names of those that were made.
    """
    made = []
    pair = {"repository": options["repository"], "password_file": options["password-file"]}
    policy: dict[str, object] = {"restore-files": {"repositories": [pair]}} if options["repository"] else {}
    if networks := networks_in(options.get("watch-networks", "")):
        policy["watches"] = {"networks": networks}
    if not os.path.exists(under(home, "policy.json")):
        write_json(under(home, "policy.json"), policy)
        made.append("policy.json")
    told = {"processes": options["expect-processes"], "services": options["expect-services"]}
    expected = {name: [one.strip() for one in text.split(",") if one.strip()] for name, text in told.items()}
    if any(expected.values()) and not os.path.exists(under(home, "expected.json")):
        write_json(under(home, "expected.json"), expected)
        made.append("expected.json")
    return made


def go_on(home: str) -> str:
    """Ask the shop to take in what was begun; the name of the machine there. Waiting or NotEnrolled say why not."""
    begun = read_json(under(home, IDENTITY))
    if not isinstance(begun, dict) or "server" not in begun:
        raise NotEnrolled(f"nothing was begun in {home}; see rounds-agent enrol")
    told = _ask(home, begun, begun["token"])
    kept = {name: begun.get(name, "") for name in ("instance", "secret", "server", "ca", "proxy")}
    write_json(under(home, CONFIG), {**kept, **told})
    remove(under(home, IDENTITY))
    return str(told.get("name"))


def _ask(home: str, identity: dict[str, str], token: str) -> dict[str, object]:
    """Ask the shop; the machine's number and name there."""
    address = Address(identity["server"])
    proxy = proxy_for(address, identity.get("proxy", ""), os.environ)
    line = Line(address, ca=identity.get("ca", ""), proxy=proxy)
    asked = {
        "token": token,
        "instance": identity["instance"],
        "secret_sha256": _sha256(identity["secret"]),
        "hints": hints(),
    }
    try:
        line.open()
        if address.is_tls and not line.ca:
            keep_authority(home, line)
        status, text = line.post("/agents/enrolment", json.dumps(asked).encode(), {})
    except NoAnswer as why:
        raise Waiting(f"no answer: {why}") from why
    finally:
        line.close()
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    return _understood(status, answer)


def _understood(status: int, answer: Any) -> dict[str, object]:
    if not isinstance(answer, dict):
        raise Waiting(f"HTTP {status}, but not from Rounds; is the address right?") from ValueError(status)
    if status == 201:
        return {"machine": answer.get("machine"), "name": answer.get("name")}
    if status == 202:
        raise Waiting(f"the shop says: {answer.get('reason', 'it has to approve this machine')}")
    if status in {408, 429} or status >= 500:
        raise Waiting(f"the shop says: {answer.get('reason', f'HTTP {status}')}") from ValueError(status)
    raise NotEnrolled(f"the shop says: {answer.get('reason', f'HTTP {status}')}")


def begin_anew(home: str, token: str) -> None:
    """This machine's identity was copied with its disk: note the token for another one, which is made now."""
    write_json(under(home, ANEW), {**new_identity(), "token": token})


def finish_anew(home: str) -> str:
    """Finish what `begin_anew` began, wherever it was interrupted: the new name, "" if nothing was begun.

    Nothing of the old identity goes over: what waits in the spool was measured by the other machine, or by either.
    """
    begun, config = read_json(under(home, ANEW)), read_json(under(home, CONFIG))
    if not isinstance(begun, dict) or not isinstance(config, dict):
        return ""
    if config["instance"] != begun["instance"]:
        identity = {"instance": begun["instance"], "secret": begun["secret"]}
        try:
            told = _ask(home, {**config, **identity}, begun["token"])
        except NotEnrolled:
            remove(under(home, ANEW))  # the old identity will be told again that it is a copy
            raise
        config = {**config, **identity, **told}
        write_json(under(home, CONFIG), config)
    for folder in ("spool", "jobs", "results", "facts", "watched"):
        for name in files_of(under(home, folder), ""):
            remove(under(home, folder, name))
    for name in OF_ONE_IDENTITY:
        remove(under(home, name))
    remove(under(home, ANEW))
    return str(config.get("name"))
