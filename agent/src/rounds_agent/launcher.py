"""Starts the installed agent: the version that was installed by hand, or a newer one that has proved itself.

This file stands by itself beside the agent, and is not changed by updates. `versions/` in the agent's home holds what
updates put there; `next.json` names one that is still to be tried. It is tried in a process of its own: when it has
told the shop something and the shop has answered (it writes `confirmed`), it is the current one from then on. When it
ends before, or does not come so far in time, the old one goes on, and `failed.json` says why. Every step is a file that
is whole or not there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

IS_WINDOWS = sys.platform == "win32"
TRIAL_SECONDS = 600.0
MOST_TRIES = 3  # starts of a trial that neither succeeded nor failed: the machine went down each time
POLL, AGAIN_AFTER = 0.2, 10.0
LAUNCHER, TRIAL = "ROUNDS_AGENT_LAUNCHER", "ROUNDS_AGENT_TRIAL"
PR_SET_PDEATHSIG = 1


def read(path: str) -> Any:
    """A file of JSON; None if there is none that can be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def write(path: str, value: object) -> None:
    """Keep a value, whole or not at all."""
    fresh = f"{path}.{os.getpid()}"
    with open(fresh, "w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def order_of(version: object) -> tuple[int, ...]:
    """A version like 1.10.2 as numbers that can be compared; nothing for what is none."""
    parts = str(version).split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


class Versions:
    """What is installed: `base`, by hand; in `folder`, by updates."""

    def __init__(self, base: str, home: str) -> None:
        self.base, self.folder = base, os.path.join(home, "versions")

    def at(self, name: str) -> str:
        """The path of something in the folder."""
        return os.path.join(self.folder, name)

    def program(self, told: object) -> str:
        """The folder of a version that is there and can be run, "" if it is not."""
        name = told.get("name") if isinstance(told, dict) else None
        if not isinstance(name, str) or os.path.basename(name) != name or name.startswith("."):
            return ""
        return self.at(name) if os.path.exists(os.path.join(self.at(name), "__main__.py")) else ""

    def current(self) -> str:
        """The folder of the agent to run: the current one, or the base where that is newer or the only one."""
        told = read(self.at("current.json"))
        program = self.program(told)
        base = read(os.path.join(self.base, "version.json"))
        newest_base = order_of(base.get("version")) if isinstance(base, dict) else ()
        return program if program and order_of(told.get("version")) >= newest_base else self.base

    def wanted(self) -> dict[str, Any] | None:
        """What `next.json` asks to try, and one more try counted; None if there is nothing, or no longer."""
        told: dict[str, Any] | None = read(self.at("next.json"))
        if told is None:
            return None
        if not self.program(told):
            remove(self.at("next.json"))
            return None
        if told.get("tries", 0) >= MOST_TRIES:
            self.fail(told, f"was begun {MOST_TRIES} times, and ended with the machine each time")
            return None
        told["tries"] = told.get("tries", 0) + 1
        write(self.at("next.json"), told)
        remove(self.at("confirmed"))
        return told

    def is_confirmed(self, told: dict[str, Any]) -> bool:
        """Has the version that is being tried told the shop something?"""
        return bool(read(self.at("confirmed")) == told["name"])

    def accept(self, told: dict[str, Any]) -> None:
        """From now on this version is the current one."""
        write(self.at("current.json"), {"name": told["name"], "version": told["version"]})
        remove(self.at("next.json"))

    def fail(self, told: dict[str, Any], why: str) -> None:
        """Note that a version was no good, and why."""
        failed = read(self.at("failed.json")) or {}
        times = failed.get(told["name"], {}).get("times", 0) + 1
        noted = {"version": told["version"], "why": why, "at": time.time(), "times": times}
        write(self.at("failed.json"), {**failed, told["name"]: noted})
        remove(self.at("next.json"))
        print(
            f"rounds-agent: version {told['version']} {why}; going on with the one before", file=sys.stderr, flush=True
        )


class Launcher:
    """Runs the agent, and tries what is new. `arguments` are the agent's own, from `run` on."""

    def __init__(self, versions: Versions, arguments: list[str], trial_seconds: float) -> None:
        self.versions, self.arguments, self.trial_seconds = versions, arguments, trial_seconds
        self.is_stopping = False
        self.environment = {**os.environ, LAUNCHER: os.path.abspath(__file__)}
        self.environment.pop(TRIAL, None)

    def command(self, program: str) -> list[str]:
        """How an agent is started: isolated from whatever else is installed."""
        return [sys.executable, "-I", "-S", program, *self.arguments]

    def stop(self, *_: object) -> None:
        """End: what runs is ended first."""
        self.is_stopping = True

    def run(self) -> int:
        """Try what is to be tried, then become the agent (on Windows: run it, again and again)."""
        while not self.is_stopping:
            if self.tries():
                continue
            command = self.command(self.versions.current())
            if not IS_WINDOWS:
                os.execve(command[0], command, self.environment)  # noqa: S606 - a fixed list
            ended = self.watch(subprocess.Popen(command, env=self.environment), until=None, is_over=lambda: False)
            if ended in NO_USE:
                return ended
            self.rest()
        return 0

    def tries(self) -> bool:
        """Try what is to be tried; False if there is nothing. A disk that takes nothing puts it off, and no more."""
        try:
            told = self.versions.wanted()
            if told is not None:
                self.try_out(told)
        except OSError as error:
            print(f"rounds-agent: the new version is put off: {error}", file=sys.stderr, flush=True)
            remove(self.versions.at("next.json"))
            return False
        return told is not None

    def rest(self) -> None:
        """Wait a little before an agent that has ended is started again."""
        until = time.monotonic() + AGAIN_AFTER
        while not self.is_stopping and time.monotonic() < until and not os.path.exists(self.versions.at("next.json")):
            time.sleep(POLL)

    def try_out(self, told: dict[str, Any]) -> None:
        """Start a version and see whether it comes so far as to be answered by the shop."""
        environment = {**self.environment, TRIAL: told["name"]}
        command = self.command(self.versions.program(told))
        try:
            process = subprocess.Popen(command, env=environment, preexec_fn=None if IS_WINDOWS else end_with_parent)  # noqa: PLW1509 - no threads here
        except OSError as error:
            self.versions.fail(told, f"could not be started: {error}")
            return
        until = time.monotonic() + self.trial_seconds
        ended = self.watch(process, until=until, is_over=lambda: self.versions.is_confirmed(told))
        if self.is_stopping:
            return
        if self.versions.is_confirmed(told):
            self.versions.accept(told)
        elif ended is None:
            self.versions.fail(told, f"did not reach the shop within {self.trial_seconds:.0f} seconds")
        else:
            self.versions.fail(told, f"ended with status {ended} before it had reached the shop")

    def watch(
        self, process: subprocess.Popen[bytes], *, until: float | None, is_over: Callable[[], bool]
    ) -> int | None:
        """Wait for a process's end, a moment, or that something is over; then end it. How it ended by itself."""
        while process.poll() is None:
            if self.is_stopping or is_over() or (until is not None and time.monotonic() > until):
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                return None
            time.sleep(POLL)
        return process.returncode


NO_USE = (2, 78)  # how an agent ends that is not to be started again: a wrong command line, not let in


def end_with_parent() -> None:
    """Have the kernel end this process when the launcher is killed, so that nothing is left of a trial.

    Where that cannot be had (older libffi wants memory that the unit forbids), the lock still keeps two from running.
    """
    try:
        import ctypes  # noqa: PLC0415 - in the child of a trial alone

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, AttributeError, MemoryError, OSError):
        return


def option(arguments: list[str], name: str, default: str) -> str:
    """The value behind an option."""
    return arguments[arguments.index(name) + 1] if name in arguments[:-1] else default


def main(arguments: list[str]) -> int:
    """`launcher.py run --home DIR …`: all of it goes to the agent."""
    home = option(arguments, "--home", "")
    if not home:
        print("rounds-agent: the launcher needs --home", file=sys.stderr)
        return 2
    launcher = launcher_of(home, arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, launcher.stop)
    return launcher.run()


def launcher_of(home: str, arguments: list[str]) -> Launcher:
    """The launcher of the agent that is installed beside this file."""
    base = os.path.join(os.path.dirname(os.path.abspath(__file__)), "base")
    seconds = float(os.environ.get("ROUNDS_AGENT_TRIAL_SECONDS", TRIAL_SECONDS))
    return Launcher(Versions(base, home), arguments, seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
