"""Watches this machine until it is stopped: a check-in at once and then every minute, sent, or kept until it can be."""

import fcntl
import os
import random
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from rounds_agent.clock import Clock
from rounds_agent.home import make_home, read_json
from rounds_agent.jobs import Jobs
from rounds_agent.sending import Sender
from rounds_agent.spool import Spool
from rounds_agent.transport import Address, Line
from rounds_agent.watching import Watcher

JITTER = 0.1  # of the interval: so that machines that were started together do not stay together
SETTLE = 2.0  # seconds between a child's end and the check-in that tells of it


def say(text: str) -> None:
    """A line for whoever looks after this machine."""
    print(f"rounds-agent: {text}", file=sys.stderr, flush=True)


class Agent:
    """The agent's one loop: measure, keep, send, start what is to be done, wait."""

    def __init__(self, home: Path, config: dict[str, Any], every: float) -> None:
        self.home, self.every = home, every
        self.clock = Clock()
        self.spool, self.jobs = Spool(home / "spool"), Jobs(home)
        self.watcher = Watcher(home, self.clock)
        line = Line(Address(config["server"]), ca=config.get("ca", ""))
        self.sender = Sender(line, config["secret"], self.spool, self.clock, self.jobs)
        self.children: dict[int, str] = {}  # process to "slow" or the job's id
        self.is_stopping = False

    def run(self) -> None:
        """Until a signal says stop; what is being done then is ended by its own time limit, and reported next time."""
        wake = self._listen_for_signals()
        trouble = ""
        while not self.is_stopping:
            began = time.monotonic()
            self._check_in(until=began + self.every)
            if self.sender.trouble != trouble:
                trouble = self.sender.trouble
                say(f"cannot send, {len(self.spool)} waiting: {trouble}" if trouble else "sending again")
            self._start_children()
            self._wait(wake, began + self.every * (1 + random.uniform(-JITTER, JITTER)))  # noqa: S311

    def _check_in(self, until: float) -> None:
        check_in = self.watcher.take()
        check_in["results"] = self.jobs.results()
        if self.spool.dropped:
            check_in["samples"]["agent.dropped"] = self.spool.dropped
        if len(self.spool):
            check_in["samples"]["agent.waiting"] = len(self.spool)
        self.spool.put(check_in)
        self.sender.send(until)

    def _listen_for_signals(self) -> int:
        heard, wake = os.pipe()
        for end in (heard, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        return heard

    def _stop(self, *_: object) -> None:
        self.is_stopping = True

    def _start_children(self) -> None:
        if self.watcher.wants_slow_probes():
            self._start("slow", [])
        if not any(what != "slow" for what in self.children.values()):
            job = self.jobs.next()
            if job is not None:
                self._start(str(job), ["--job", str(job)])

    def _start(self, what: str, options: list[str]) -> None:
        command = "slow" if what == "slow" else "duty"
        arguments = [sys.executable, "-m", "rounds_agent", command, "--home", str(self.home), *options]
        self.children[os.posix_spawn(sys.executable, arguments, os.environ)] = what

    def _wait(self, heard: int, until: float) -> None:
        """Wait for the next check-in's time; a child that ends brings it forward, and the next job is started."""
        while not self.is_stopping:
            left = until - time.monotonic()
            if left <= 0:
                return
            if select.select([heard], [], [], left)[0]:
                os.read(heard, 4096)
                if self._reap():
                    until = min(until, time.monotonic() + SETTLE)

    def _reap(self) -> bool:
        ended = False
        for process in list(self.children):
            if os.waitpid(process, os.WNOHANG)[0]:
                del self.children[process]
                ended = True
        return ended


def run(home: Path, every: float) -> int:
    """Run the agent of a folder, one at a time."""
    config = read_json(home / "config.json")
    if not isinstance(config, dict):
        say(f"this machine is not enrolled: there is no {home / 'config.json'}; see rounds-agent enrol")
        return 1
    make_home(home)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"an agent is running already in {home}")
            return 1
        Agent(home, config, every).run()
    return 0
