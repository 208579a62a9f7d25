"""Run every test, on SQLite and on PostgreSQL at the same time; ends with the number of the first that failed."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

NEEDED = {
    "chromium": "chromium",
    "dovecot": "dovecot-imapd",
    "openssl": "openssl",
    "restic": "restic",
    "shellcheck": "shellcheck",
    "smartctl": "smartmontools",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "systemd-analyze": "systemd",
    "hledger": "hledger",
    "ledger": "ledger",
    "victoria-metrics": "victoria-metrics",
}
WITHOUT_DATABASE = ("tests/core", "tests/agent")  # run once, with SQLite; `conftest.py` sees that they touch none


def missing() -> list[str]:
    """Debian's packages that the tests need and this machine lacks."""
    lacking = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if shutil.which("postgres") is None and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        lacking.append("postgresql")
    return lacking


def install(packages: list[str]) -> None:
    """Install what is missing if that is possible without asking, else say exactly what to do."""
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"The tests need these of Debian's packages; as root:\n    apt-get update && {command}")
    print(f"installing for the tests: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in ("apt-get update -qq", f"{command} -qq"):
        subprocess.run(step.split(), env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Both databases side by side, as each leaves a processor free now and then; told one after the other."""
    lacking = missing()
    if lacking:
        install(lacking)
    with tempfile.TemporaryFile("w+") as told:
        on_postgresql = start("postgresql", told)
        try:
            print("\n== on sqlite (on postgresql at the same time, told below)", flush=True)
            first = start("sqlite", None).wait()
            second = on_postgresql.wait()
        finally:
            on_postgresql.kill()
        told.seek(0)
        print("\n== on postgresql", flush=True)
        shutil.copyfileobj(told, sys.stdout)
    sys.exit(first or second)


def start(engine: str, told: IO[str] | None) -> subprocess.Popen[bytes]:
    """Start the tests on an engine; what they print goes where we print, or is kept."""
    once = () if engine == "sqlite" or sys.argv[1:] else (f"--ignore={folder}" for folder in WITHOUT_DATABASE)
    command = [sys.executable, "-m", "pytest", "-q", "--durations=25", *sys.argv[1:], *once]
    environment = {**os.environ, "ROUNDS_DATABASE": engine}
    return subprocess.Popen(command, env=environment, stdout=told, stderr=told and subprocess.STDOUT)


if __name__ == "__main__":
    main()
