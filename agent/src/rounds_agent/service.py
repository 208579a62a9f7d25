"""The Windows service: tells the service manager how it is, runs the launcher, and ends it when it is told to stop.

This file stands by itself beside the launcher; `python.exe -I service.py run --home DIR` is what the service manager
starts. It calls advapi32 by ctypes, so that nothing but Python's embeddable package is needed. It was never run on
Windows: its tests give it a stand-in for the service manager.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Running(Protocol):
        """What is run: it ends by itself or when it is told to stop."""

        def run(self) -> int:
            """Run; how it ended."""

        def stop(self, *_: object) -> None:
            """End it, from another thread."""


NAME = "RoundsAgent"
OWN_PROCESS = 0x10
STOPPED, START_PENDING, STOP_PENDING, RUNNING = 1, 2, 3, 4
ACCEPT_STOP, ACCEPT_SHUTDOWN = 1, 4
CONTROL_STOP, CONTROL_SHUTDOWN = 1, 5
SERVICE_SPECIFIC = 1066  # ERROR_SERVICE_SPECIFIC_ERROR
STOP_TAKES = 20_000  # milliseconds


class Status(ctypes.Structure):
    """SERVICE_STATUS, as winsvc.h has it."""

    _fields_ = [
        (name, ctypes.c_uint32)
        for name in ("kind", "state", "accepts", "exit_code", "specific_exit_code", "check_point", "wait_hint")
    ]


class Service:
    """One service in this process; `manager` is advapi32, or what stands in for it."""

    def __init__(self, manager: Any, running: Running) -> None:
        self.manager, self.running = manager, running
        self.handle: Any = None
        self.lock = threading.Lock()
        self.is_over = False

    def tell(self, state: int, *, ended: int = 0) -> None:
        """Tell the service manager how this service is; after its end nothing more is told."""
        with self.lock:
            if self.is_over:
                return
            self.is_over = state == STOPPED
            accepts = ACCEPT_STOP | ACCEPT_SHUTDOWN if state == RUNNING else 0
            code = SERVICE_SPECIFIC if ended else 0
            hint = STOP_TAKES if state in {START_PENDING, STOP_PENDING} else 0
            status = Status(OWN_PROCESS, state, accepts, code, ended, 1 if hint else 0, hint)
            self.manager.SetServiceStatus(self.handle, ctypes.byref(status))

    def control(self, code: int, *_: object) -> int:
        """Do what the service manager asks; 0 is “done”."""
        if code in {CONTROL_STOP, CONTROL_SHUTDOWN}:
            self.tell(STOP_PENDING)
            self.running.stop()
        return 0

    def main(self, register: Callable[[Service], Any]) -> None:
        """What the service manager calls, in a thread of its own: from the beginning of the service to its end."""
        self.handle = register(self)
        self.tell(START_PENDING)
        self.tell(RUNNING)
        try:
            ended = self.running.run()
        except Exception:  # whatever it is: the service manager must hear of the end
            self.tell(STOPPED, ended=1)
            raise
        self.tell(STOPPED, ended=ended)


def serve(running: Running) -> int:
    """Be the service; 0 when it has ended, 1 if the service manager did not start this process."""
    library = getattr(ctypes, "WinDLL")("advapi32", use_last_error=True)  # noqa: B009 - not there elsewhere
    function_type = getattr(ctypes, "WINFUNCTYPE")  # noqa: B009 - see above
    handler_type = function_type(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p)
    main_type = function_type(None, ctypes.c_uint32, ctypes.POINTER(ctypes.c_wchar_p))
    library.RegisterServiceCtrlHandlerExW.restype = ctypes.c_void_p
    library.RegisterServiceCtrlHandlerExW.argtypes = [ctypes.c_wchar_p, handler_type, ctypes.c_void_p]
    library.SetServiceStatus.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    service = Service(library, running)
    handler = handler_type(service.control)
    main = main_type(
        lambda *_: service.main(lambda _service: library.RegisterServiceCtrlHandlerExW(NAME, handler, None))
    )

    class Entry(ctypes.Structure):
        """SERVICE_TABLE_ENTRYW."""

        _fields_ = [("name", ctypes.c_wchar_p), ("main", main_type)]

    table = (Entry * 2)(Entry(NAME, main), Entry(None, main_type()))
    return 0 if library.StartServiceCtrlDispatcherW(ctypes.byref(table)) else 1


def run(arguments: list[str]) -> int:
    """`service.py run --home DIR`: the launcher beside this file is what runs."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import launcher  # type: ignore[import-not-found]  # noqa: PLC0415 - beside this file

    return serve(launcher.launcher_of(launcher.option(arguments, "--home", ""), arguments))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
