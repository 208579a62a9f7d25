"""Enrols this machine with its shop: makes its identity here, and shows the shop only the hash of its secret."""

import hashlib
import json
import os
import secrets
import sys
from pathlib import Path

from rounds_agent.home import make_home, read_json, write_json
from rounds_agent.probes import system
from rounds_agent.probes.outcome import outcome
from rounds_agent.probes.reading import text_or_nothing
from rounds_agent.transport import Address, Line, NoAnswer


class NotEnrolled(Exception):
    """Why this machine was not enrolled."""


def hints() -> dict[str, str]:
    """What helps a technician to recognise the machine; nothing is keyed on it."""
    told = outcome(system.measure).get("value", {}).get("facts", {}).get("os", {})
    machine_id = text_or_nothing("/etc/machine-id")
    return {
        "hostname": os.uname().nodename.partition(".")[0] if hasattr(os, "uname") else "",
        "os": str(told.get("name", "")),
        "machine_id_sha256": hashlib.sha256(machine_id.encode()).hexdigest() if machine_id else "",
    }


def _identity(home: Path) -> dict[str, str]:
    """The instance and secret of an enrolment begun before, or new ones, kept before anybody is told of them."""
    begun = read_json(home / "identity.json")
    if isinstance(begun, dict):
        return begun
    identity = {"instance": secrets.token_hex(16), "secret": secrets.token_urlsafe(32)}
    write_json(home / "identity.json", identity)
    return identity


def _policy(options: dict[str, str]) -> dict[str, object]:
    pair = {"repository": options["repository"], "password_file": options["password-file"]}
    return {"restore-files": {"repositories": [pair]}} if options["repository"] else {}


def _check(options: dict[str, str]) -> Address:
    """The server's address, if the options make sense."""
    try:
        address = Address(options["server"])
    except ValueError as wrong:
        raise NotEnrolled(f"--server: {wrong}") from None
    if not options["token"]:
        raise NotEnrolled("--token is missing: the shop makes one for each site")
    if bool(options["repository"]) != bool(options["password-file"]):
        raise NotEnrolled("--repository and --password-file go together")
    if not (address.is_tls or address.is_loopback or options["plain-http"]):
        raise NotEnrolled("without https all on the way could read this machine's secret; --plain-http allows it")
    return address


def enrol(options: dict[str, str]) -> int:
    """Enrol; 0 when this machine is known to its shop afterwards."""
    home = Path(options["home"])
    try:
        address = _check(options)
        make_home(home)
        if (home / "config.json").exists():
            raise NotEnrolled(f"this machine is enrolled already: {home / 'config.json'}")
        identity = _identity(home)
        told = _ask(Line(address, ca=options["ca"]), options["token"], identity)
    except (NotEnrolled, OSError) as why:
        print(f"rounds-agent: not enrolled: {why}", file=sys.stderr)
        return 1
    if not (home / "policy.json").exists():
        write_json(home / "policy.json", _policy(options))
    write_json(home / "config.json", {**identity, "server": options["server"], "ca": options["ca"], **told})
    (home / "identity.json").unlink(missing_ok=True)
    print(f"This machine is enrolled as {told.get('name')}.")
    return 0


def _ask(line: Line, token: str, identity: dict[str, str]) -> dict[str, object]:
    """Ask the shop; the machine's number and name there."""
    secret_sha256 = hashlib.sha256(identity["secret"].encode()).hexdigest()
    asked = {"token": token, "instance": identity["instance"], "secret_sha256": secret_sha256, "hints": hints()}
    try:
        status, text = line.post("/agents/enrolment", json.dumps(asked).encode(), {})
    except NoAnswer as why:
        raise NotEnrolled(f"no answer: {why}") from None
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise NotEnrolled(f"HTTP {status}, but not from Rounds; is the address right?")
    if status == 201:
        return {"machine": answer.get("machine"), "name": answer.get("name")}
    raise NotEnrolled(f"the shop says: {answer.get('reason', f'HTTP {status}')}")
