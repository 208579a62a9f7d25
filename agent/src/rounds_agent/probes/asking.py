"""Asks another program of this machine, within a time; used by the short-lived child alone."""

from __future__ import annotations

import os
import shutil
import subprocess

from rounds_agent.probes.reading import Absent

PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find(program: str) -> str:
    """Where a program is; Absent if this machine does not have it."""
    found = shutil.which(program) or shutil.which(program, path=PLACES)
    if found is None:
        raise Absent
    return found


def ask(command: list[str], *, seconds: float = 60, accept: tuple[int, ...] = (0,)) -> str:
    """What a program says. OSError with its last words if it ends in another way than accepted; Absent without it."""
    program = find(command[0])
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        told = subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, errors="replace", timeout=seconds, check=False,
            env=environment, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{command[0]} did not answer in {seconds:.0f} seconds") from None
    if told.returncode not in accept:
        last = (told.stderr.strip() or told.stdout.strip()).splitlines()[-1:] or [""]
        raise OSError(f"{command[0]}: exit status {told.returncode}: {last[0][:200]}")
    return told.stdout
