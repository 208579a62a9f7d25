"""Debian's snmpd on loopback, with users of version 3, and with what other devices tell in place of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WALKS = Path(__file__).parent / "walks"
COMMUNITY = "northside reads"
PASSWORDS = ("a password for signing", "a password for encrypting")
ENTERPRISE = {"synology": ".1.3.6.1.4.1.6574"}
USERS = f"""
createUser encrypted SHA "{PASSWORDS[0]}" AES "{PASSWORDS[1]}"
createUser encrypted256 SHA-256 "{PASSWORDS[0]}" AES "{PASSWORDS[1]}"
createUser signed SHA-256 "{PASSWORDS[0]}"
createUser oldsigned SHA "{PASSWORDS[0]}"
rouser encrypted authPriv
rouser encrypted256 authPriv
rouser signed authNoPriv
rouser oldsigned authNoPriv
"""


def overrides(walk: str) -> str:
    """The lines of a walk, as snmpd is told to say them."""
    path = WALKS / f"{walk}.txt"
    if "counter64" in path.read_text():  # which snmpd only takes from a program
        return f"pass_persist {ENTERPRISE[walk]} {sys.executable} {WALKS.parent / 'passing.py'} {path}"
    told = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, kind, value = line.split(" ", 2)
            quoted = f'"{value}"' if kind == "octet_str" and not value.startswith("0x") else value
            told.append(f"override .{name} {kind} {quoted}")
    return "\n".join(told)


def free_port() -> int:
    """A port of packets that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_snmpd(folder: Path, walk: str = "") -> Iterator[int]:
    """Run one; its port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    community = f'rocommunity "{COMMUNITY}" 127.0.0.1'
    place = "sysLocation Rack 2\nsysName sw-northside\n"
    lines = [f"agentaddress udp:127.0.0.1:{port}", community, place, USERS, overrides(walk) if walk else ""]
    (folder / "snmpd.conf").write_text("\n".join(lines))
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    command = ["snmpd", "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf")]
    running = subprocess.Popen(command, env=environment)
    try:
        _wait_for(port, running)
        yield port
    finally:
        running.kill()
        running.wait()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    """Ask by Debian's own snmpget until it answers."""
    command = ["snmpget", "-v2c", "-c", COMMUNITY, "-t", "0.3", "-r", "0", f"127.0.0.1:{port}", "1.3.6.1.2.1.1.5.0"]
    for _ in range(60):
        assert running.poll() is None, "snmpd has ended"
        if subprocess.run(command, capture_output=True, env={**os.environ, "MIBS": ""}, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("snmpd does not answer")
