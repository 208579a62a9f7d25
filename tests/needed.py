"""The programs that the tests run beside Rounds itself: installs what is missing, or says exactly what to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "chromium": "chromium",
    "curl": "curl",
    "dovecot": "dovecot-imapd",
    "openssl": "openssl",
    "pdftotext": "poppler-utils",
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


def main() -> None:
    """Install what is missing if that is possible without asking, else say exactly what to do."""
    packages = missing()
    if not packages:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"The tests need these of Debian's packages; as root:\n    apt-get update && {command}")
    print(f"installing for the tests: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in ("apt-get update -qq", f"{command} -qq"):
        subprocess.run(step.split(), env=environment, check=True, stdout=subprocess.DEVNULL)


def missing() -> list[str]:
    """Debian's packages that the tests need and this machine lacks."""
    lacking = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if shutil.which("postgres") is None and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        lacking.append("postgresql")
    return lacking


if __name__ == "__main__":
    main()
