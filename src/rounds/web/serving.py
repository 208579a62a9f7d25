"""Keeps the processes of an installation running: a parent without threads, which starts them again and ends them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_WAIT, LONGEST_WAIT, LONG_ENOUGH = 0.5, 30.0, 60.0  # seconds: back-off of restarts; who ran so long starts anew
GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name in messages, its command, what its environment has besides ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class _Kept:
    """One child: running, or waiting to be started again."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.start_at = 0.0
        self.started_at = 0.0
        self.wait = FIRST_WAIT

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(
            self.child.command,
            env={**os.environ, **self.child.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - this parent has no threads
        )
        self.started_at = now

    def look(self, now: float) -> None:
        """Start it if it is due; note that it has ended, and when it is due again."""
        if self.process is None:
            if now >= self.start_at:
                self.start(now)
        elif (code := self.process.poll()) is not None:
            ran = now - self.started_at
            self.wait = FIRST_WAIT if ran > LONG_ENOUGH else min(LONGEST_WAIT, self.wait * 2)
            self.process, self.start_at = None, now + self.wait
            say(f"{self.child.name} ended {_how(code)}; starting it again in {self.wait:.0f} s")

    def send(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with status {code}"


def say(text: str) -> None:
    """A line for whoever runs the server."""
    print(f"rounds: {text}", file=sys.stderr, flush=True)


def _end_with(parent: int) -> Callable[[], None]:
    """What a child does first: ask the kernel to end it when its parent ends, however that happens (Linux)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask


def serve(children: Sequence[Child], *, is_ready: Callable[[], None] = lambda: None) -> None:
    """Start the children and keep them running until a signal says stop; then end them, in the end by force.

    `is_ready` is called once, when all have been started.
    """
    kept = [_Kept(child) for child in children]
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda told, _frame: stopping.append(told))
    for one in kept:
        one.look(time.monotonic())
    is_ready()
    while not stopping:
        for one in kept:
            one.look(time.monotonic())
        time.sleep(0.1)
    _stop(kept)


def _stop(kept: Sequence[_Kept]) -> None:
    for one in kept:
        one.send(signal.SIGTERM)
    give_up_at = time.monotonic() + GRACE
    running = [one.process for one in kept if one.process is not None]
    while time.monotonic() < give_up_at and any(process.poll() is None for process in running):
        time.sleep(0.05)
    for one in kept:
        one.send(signal.SIGKILL)
    for process in running:
        process.wait()
