"""The short-lived processes that the agent starts: for a job, for slow measurements, to look for an authority.

Each has a time after which it is ended by force. On Windows, where a signal does not tell of an end, they are asked.
"""

from __future__ import annotations

import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

IS_WINDOWS = sys.platform == "win32"


class Children:
    """What runs, by what it is for."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._running: dict[str, tuple[int, float]] = {}  # what for: process, when it is ended

    def __contains__(self, what: str) -> bool:
        return what in self._running

    def start(self, what: str, arguments: list[str], seconds: float) -> None:
        """Start one, unless there is one for the same; the agent's own program does it."""
        if what not in self._running:
            command = [sys.executable, *flags(), *program(), *arguments, "--home", self.home]
            self._running[what] = (_spawn(command), time.monotonic() + seconds)

    def fork(self, what: str, work: Callable[[], int], seconds: float) -> None:
        """Start one as a copy of this process, unless there is one for the same: it need not load Python anew."""
        if what not in self._running:
            self._running[what] = (_fork(work), time.monotonic() + seconds)

    def reap(self) -> list[str]:
        """What those were for that have ended since; who is over his time is ended."""
        ended = []
        for what, (process, until) in list(self._running.items()):
            if _has_ended(process):
                del self._running[what]
                ended.append(what)
            elif time.monotonic() > until:
                _end(process)
        return ended


def flags() -> list[str]:
    """How this interpreter was started, for its children: isolated, without site."""
    isolated = ["-I"] if sys.flags.isolated else []
    return [*isolated, *(["-S"] if sys.flags.no_site else [])]


def program() -> list[str]:
    """What the interpreter is to run: the folder that this agent is installed in, or its module."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return [folder] if os.path.exists(os.path.join(folder, "__main__.py")) else ["-m", "rounds_agent"]


def _spawn(command: list[str]) -> int:
    if sys.platform == "win32":
        return os.spawnv(os.P_NOWAIT, command[0], [f'"{part}"' if " " in part else part for part in command])  # noqa: S606 - a fixed list
    return os.posix_spawn(command[0], command, os.environ, setpgroup=0)


def _fork(work: Callable[[], int]) -> int:
    """A copy of this process that works and ends. It has none of what is open here: neither lock nor connection."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, 4096)
        status = work()
    except BaseException:  # noqa: BLE001 - it is said, and nothing of this copy may go on as the agent
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _has_ended(process: int) -> bool:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - a megabyte, wanted on Windows alone

        return ctypes.windll.kernel32.WaitForSingleObject(process, 0) == 0
    try:
        return os.waitpid(process, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _end(process: int) -> None:
    """By force, with whatever it has started."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - see above

        ctypes.windll.kernel32.TerminateProcess(process, 1)
    else:
        try:
            os.killpg(process, signal.SIGKILL)
        except ProcessLookupError:
            return
