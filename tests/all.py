"""Run every test: first on SQLite, then on PostgreSQL; ends with the number of the first that failed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "chromium": "chromium",
    "dovecot": "dovecot-imapd",
    "openssl": "openssl",
    "restic": "restic",
    "smartctl": "smartmontools",
    "hledger": "hledger",
    "ledger": "ledger",
    "victoria-metrics": "victoria-metrics",
}


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
    """Both databases, one after the other."""
    lacking = missing()
    if lacking:
        install(lacking)
    for engine in ("sqlite", "postgresql"):
        print(f"\n== on {engine}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "--durations=5", *sys.argv[1:]]
        ended = subprocess.run(command, env={**os.environ, "ROUNDS_DATABASE": engine}, check=False)
        if ended.returncode:
            sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
