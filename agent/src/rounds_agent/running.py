"""Watches this machine until it is stopped: a check-in at once and then every minute, sent, or kept until it can be."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time

from rounds_agent.children import IS_WINDOWS, Children, flags
from rounds_agent.clock import Clock
from rounds_agent.home import keep_json, make_home, read_json, under
from rounds_agent.jobs import Jobs
from rounds_agent.others import Others
from rounds_agent.proxies import proxy_for
from rounds_agent.sending import Sender
from rounds_agent.spool import Spool, unpack
from rounds_agent.transport import Address, Line
from rounds_agent.trusting import authority
from rounds_agent.update_told import update_told
from rounds_agent.watching import Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

JITTER = 0.1  # of the interval: so that machines that were started together do not stay together
SETTLE = 2.0  # seconds between a child's end and the check-in that tells of it
SLOW_SECONDS, JOB_SECONDS, TRUST_SECONDS, WATCH_SECONDS = (
    1200.0,
    90_000.0,
    120.0,
    300.0,
)  # after these a child is ended by force
TRUST_EVERY = 900.0
UPDATE_SECONDS, UPDATE_EVERY = 300.0, 3 * 3600.0
ENROL_ANEW, REPLACED = 3, 79  # how the loop ends: this machine has to enrol anew; a new version is to be tried
NOT_LET_IN = 78  # how the process ends when asking again changes nothing (EX_CONFIG of sysexits.h)
ASK_EVERY = 60.0  # seconds between two questions whether the shop has let this machine in


def say(text: str) -> None:
    """A line for whoever looks after this machine."""
    print(f"rounds-agent: {text}", file=sys.stderr, flush=True)


class Agent:
    """The agent's one loop: measure, keep, send, start what is to be done, wait."""

    def __init__(self, home: str, config: dict[str, Any], every: float) -> None:
        self.home, self.every, self.config = home, every, config
        self.clock = Clock()
        self.spool, self.jobs, self.others = Spool(under(home, "spool")), Jobs(home), Others(home)
        self.watcher = Watcher(home, self.clock)
        self.watcher.update = update_told(home)
        self._adopt_newest()
        address = Address(config["server"])
        proxy = proxy_for(address, config.get("proxy", ""), os.environ)
        self.line = Line(address, ca=authority(home, config.get("ca", "")), proxy=proxy)
        self.sender = Sender(self.line, config["secret"], self.spool, self.clock, (self.jobs, self.others))
        self.children = Children(home)
        self.is_tidy = False  # has nothing been left by a job?
        self.trusted_at = -TRUST_EVERY
        # What the launcher says: where it is, and the version's name if this one is on trial.
        self.launcher, self.trial = (
            os.environ.get("ROUNDS_AGENT_LAUNCHER", ""),
            os.environ.get("ROUNDS_AGENT_TRIAL", ""),
        )
        self.is_on_trial = bool(self.trial)  # until the launcher ends this process: it alone decides what comes after
        self.update_every = float(os.environ.get("ROUNDS_AGENT_UPDATE_SECONDS", UPDATE_EVERY))
        self.update_at = time.monotonic() + min(60.0, self.update_every) * (1 + _lot() / 2)
        self.is_stopping = False

    def run(self) -> int:
        """Until a signal says stop; what is being done then is ended by its own time limit, and reported next time."""
        wake = self._listen_for_signals()
        gc.freeze()  # what was loaded stays: looking through it for rings of objects each minute finds none
        gc.set_threshold(10_000, 10, 10)
        trouble = ""
        while not self.is_stopping:
            began = time.monotonic()
            self._check_in(until=began + self.every)
            if self.sender.copied:
                return ENROL_ANEW
            if self.sender.trouble != trouble:
                trouble = self.sender.trouble
                say(f"cannot send, {len(self.spool)} waiting: {trouble}" if trouble else "sending again")
            if self.trial and self.sender.is_reached and keep_json(self._confirmed(), self.trial):
                self.trial = ""
            if self._is_replaced():
                return REPLACED
            self._start_children()
            self._wait(wake, began + self.every * (1 + JITTER * _lot()))
        return 0

    def _adopt_newest(self) -> None:
        names = self.spool.newest_first()
        body = self.spool.body(names[0]) if names else None
        if body is not None:
            newest = unpack(body)
            self.watcher.adopt(newest)
            self.others.adopt(newest.get("watches"))

    def _check_in(self, until: float) -> None:
        check_in = self.watcher.take()
        check_in["results"] = self.jobs.results()
        if watched := self.others.results():
            check_in["watches"] = watched
        if self.spool.dropped:
            check_in["samples"]["agent.dropped"] = self.spool.dropped
        if len(self.spool):
            check_in["samples"]["agent.waiting"] = len(self.spool)
        self.spool.put(check_in)
        self.watcher.kept()
        self.others.kept()
        self.sender.send(until)

    def _listen_for_signals(self) -> socket.socket:
        heard, wake = socket.socketpair()
        for end in (heard, wake):
            end.settimeout(0)
        self._wake = wake  # open as long as the agent is
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        if sys.platform != "win32":
            signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        return heard

    def stop(self, *_: object) -> None:
        """End the loop; a service that is told to stop calls this from a thread of its own."""
        self.is_stopping = True
        self._wake.send(b"\\0")

    def _start_children(self) -> None:
        if self.watcher.wants_slow_probes():
            self._measure_slowly()
        if self.sender.is_distrusted and not self.config.get("ca") and self._may_look_for_trust():
            self.children.start("trust", ["trust"], TRUST_SECONDS)
        if self._wants_update():
            self.children.start("update", ["update"], UPDATE_SECONDS)
        if self.others.are_due():
            self.children.start("watches", ["watches"], WATCH_SECONDS)
        if "duty" not in self.children:
            self._start_duty()

    def _start_duty(self) -> None:
        """The next job; when there is none, what one that was ended by force has left is removed, once."""
        job = self.jobs.next()
        if job is not None:
            self.is_tidy = False
            self.children.start("duty", ["duty", "--job", str(job)], JOB_SECONDS)
        elif not self.is_tidy:
            self.is_tidy = True
            if os.path.exists(under(self.home, "restored")):
                self.children.start("duty", ["tidy"], JOB_SECONDS)

    def _measure_slowly(self) -> None:
        if IS_WINDOWS:
            self.children.start("slow", ["slow"], SLOW_SECONDS)
        else:
            self.children.fork("slow", lambda: _slow_work(self.home), SLOW_SECONDS)

    def _confirmed(self) -> str:
        return under(self.home, "versions", "confirmed")

    def _is_replaced(self) -> bool:
        """Is there a new version to be tried? Only while the shop is reached, as that one has to reach it, too."""
        is_named = self.launcher and not self.is_on_trial and os.path.exists(under(self.home, "versions", "next.json"))
        return bool(is_named) and not self.sender.trouble and "duty" not in self.children

    def _wants_update(self) -> bool:
        now = time.monotonic()
        if not self.launcher or self.is_on_trial or now < self.update_at:
            return False
        self.update_at = now + self.update_every * (1 + JITTER * _lot())
        return os.path.exists(under(self.home, "trust.json"))

    def _may_look_for_trust(self) -> bool:
        now = time.monotonic()
        if now - self.trusted_at < TRUST_EVERY:
            return False
        self.trusted_at = now
        return True

    def _wait(self, heard: socket.socket, until: float) -> None:
        """Wait for the next check-in's time; a child that ends brings it forward, and the next job is started."""
        while not self.is_stopping:
            left = until - time.monotonic()
            if left <= 0:
                return
            if select.select([heard], [], [], min(left, 2.0) if IS_WINDOWS else left)[0]:
                heard.recv(4096)
            ended = self.children.reap()
            if set(ended) - {"watches"}:  # what watches gave goes with the next check-in, in its own time
                until = min(until, time.monotonic() + SETTLE)
            if "update" in ended:
                self.watcher.update = update_told(self.home)
            if "trust" in ended:
                self.line.trust(authority(self.home, ""))


def _slow_work(home: str) -> int:
    """What the copy of this process does; what it loads for that goes with it."""
    from rounds_agent.probes.slow import measure_slowly  # noqa: PLC0415 - see above

    return measure_slowly(home)


def _lot() -> float:
    """A number from -1 to 1."""
    return int.from_bytes(os.urandom(2), "big") / 32767.5 - 1


def hold(home: str) -> int | None:
    """Hold the folder for one agent, for as long as this process lives; None if another one has it."""
    descriptor = os.open(under(home, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there alone

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not there

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def run(home: str | os.PathLike[str], every: float) -> int:
    """Run the agent of a folder, one at a time, until a signal says stop; goes on with an enrolment that was begun."""
    home = os.fspath(home)
    if not (os.path.exists(under(home, "config.json")) or os.path.exists(under(home, "identity.json"))):
        say(f"this machine is not enrolled: there is no {under(home, 'config.json')}; see rounds-agent enrol")
        return 1
    make_home(home)
    if hold(home) is None:
        say(f"an agent is running already in {home}")
        return 1
    while True:
        config = _enrolled(home, every)
        if config is None:
            return NOT_LET_IN
        agent = Agent(home, config, every)
        ended = agent.run()
        if ended == REPLACED:
            return _give_way(agent.launcher)
        if ended != ENROL_ANEW:
            return 0
        from rounds_agent.enrolling import begin_anew  # noqa: PLC0415 - rare, and it would stay in memory

        say("another machine has the same identity, copied with the disk: enrolling anew")
        begin_anew(home, agent.sender.copied)


def _give_way(launcher: str) -> int:
    """Become the launcher again, which tries the new version; on Windows it runs already, and is told by the status."""
    if not IS_WINDOWS:
        command = [sys.executable, *flags(), launcher, *sys.argv[1:]]
        os.execv(command[0], command)  # noqa: S606 - a fixed list
    return REPLACED


def _enrolled(home: str, every: float) -> dict[str, Any] | None:
    """The configuration, once an enrolment that was begun is finished; None if the shop refuses it.

    While the shop has not approved this machine, nothing is measured, kept or sent: it is asked, and that is all.
    """
    trouble = ""
    while os.path.exists(under(home, "identity.json")) or os.path.exists(under(home, "anew.json")):
        from rounds_agent.enrolling import NotEnrolled, Waiting, finish_anew, go_on  # noqa: PLC0415 - see run

        try:
            has_begun_anew = os.path.exists(under(home, "anew.json"))
            say(f"this machine is enrolled as {finish_anew(home) if has_begun_anew else go_on(home)}")
        except NotEnrolled as why:
            say(f"not enrolled: {why}")
            if not os.path.exists(under(home, "config.json")):
                return None
        except Waiting as why:
            if str(why) != trouble:
                trouble = str(why)
                say(f"not enrolled yet: {why}")
            time.sleep(min(every, ASK_EVERY) * (1 + JITTER * _lot()))
    config = read_json(under(home, "config.json"))
    return config if isinstance(config, dict) else None
