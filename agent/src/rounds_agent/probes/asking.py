"""Asks another program of this machine, within a time; used by short-lived children alone.

On Linux it is started and read by hand: subprocess, with what it imports, takes as long to load as journalctl to
answer, and that every quarter of an hour on every machine.
"""

from __future__ import annotations

import os
import select
import signal
import time

from rounds_agent.probes.reading import IS_WINDOWS, Absent

PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Answer:
    """What a program said, and how it ended: below 0 by a signal."""

    def __init__(self, status: int, said: bytes, complained: bytes) -> None:
        self.status, self.said, self.complained = status, said, complained


def find(program: str) -> str:
    """Where a program is; Absent if this machine does not have it."""
    if IS_WINDOWS:
        import shutil  # noqa: PLC0415 - there alone

        found = shutil.which(program)
    else:
        folders = f"{os.environ.get('PATH', '')}:{PLACES}".split(":")
        named = [program] if "/" in program else [os.path.join(one, program) for one in folders if one]
        found = next((one for one in named if os.path.isfile(one) and os.access(one, os.X_OK)), None)
    if found is None:
        raise Absent
    return found


def run(command: list[str], *, seconds: float, lines: int = 0) -> Answer:
    """Run a program to its end, or until it has said so many lines (0: all). TimeoutError if it takes longer."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if IS_WINDOWS:
        return _run_there(command, seconds, environment)
    ends = [os.pipe(), os.pipe()]
    actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_DUP2, write, number) for number, (_, write) in enumerate(ends, start=1)]
    try:
        # A group of its own, as it may start others: its end is theirs.
        process = os.posix_spawn(command[0], command, environment, file_actions=actions, setpgroup=0)
    except OSError:
        for pair in ends:
            os.close(pair[0])
        raise
    finally:
        for pair in ends:
            os.close(pair[1])
    heard: list[bytearray] = [bytearray(), bytearray()]
    try:
        is_cut = _listen([read for read, _ in ends], heard, time.monotonic() + seconds, lines)
    except BaseException:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        raise
    finally:
        for read, _ in ends:
            os.close(read)
    if is_cut:
        os.killpg(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return Answer(os.waitstatus_to_exitcode(status), bytes(heard[0]), bytes(heard[1]))


def _listen(pipes: list[int], heard: list[bytearray], until: float, lines: int) -> bool:
    """Read both pipes to their ends; whether it was cut off because enough lines were said."""
    waiting = dict(zip(pipes, heard, strict=True))
    while waiting:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        for pipe in select.select(list(waiting), [], [], left)[0]:
            got = os.read(pipe, 65536)
            waiting[pipe].extend(got)
            if not got:
                del waiting[pipe]
        if lines and heard[0].count(b"\n") >= lines:
            return True
    return False


def _run_there(command: list[str], seconds: float, environment: dict[str, str]) -> Answer:
    import subprocess  # noqa: PLC0415 - there alone

    try:
        told = subprocess.run(
            command, capture_output=True, timeout=seconds, check=False, env=environment, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return Answer(told.returncode, told.stdout, told.stderr)


def ask(command: list[str], *, seconds: float = 60, accept: tuple[int, ...] = (0,)) -> str:
    """What a program says. OSError with its last words if it ends in another way than accepted; Absent without it."""
    program = find(command[0])
    try:
        told = run([program, *command[1:]], seconds=seconds)
    except TimeoutError:
        raise TimeoutError(f"{command[0]} did not answer in {seconds:.0f} seconds") from None
    said, complained = (text.decode("utf-8", "replace") for text in (told.said, told.complained))
    if told.status not in accept:
        last = (complained.strip() or said.strip()).splitlines()[-1:] or [""]
        raise OSError(f"{command[0]}: exit status {told.status}: {last[0][:200]}")
    return said.replace("\r\n", "\n")
