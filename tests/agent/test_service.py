"""The Windows service, with a stand-in for the service manager: what it is told, and that a stop is a stop."""

import ctypes
import threading
from typing import Any

import pytest

from rounds_agent import service
from rounds_agent.service import Service


class Manager:
    """Keeps what a service tells of itself."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []

    def SetServiceStatus(self, _handle: Any, reference: Any) -> int:  # noqa: N802 - Windows' name
        status = reference._obj
        self.told.append((status.state, status.accepts, status.specific_exit_code))
        return 1


class Running:
    """Runs until it is told to stop, or ends by itself with a status."""

    def __init__(self, ends_with: int | None = None) -> None:
        self.ends_with, self.stopping, self.started = ends_with, threading.Event(), threading.Event()

    def run(self) -> int:
        self.started.set()
        if self.ends_with is None:
            assert self.stopping.wait(10)
        return self.ends_with or 0

    def stop(self, *_: object) -> None:
        self.stopping.set()


@pytest.mark.parametrize("control", [service.CONTROL_STOP, service.CONTROL_SHUTDOWN])
def test_it_says_that_it_runs_stops_when_told_and_says_so(control: int) -> None:
    manager, running = Manager(), Running()
    one = Service(manager, running)
    thread = threading.Thread(target=one.main, args=(lambda _one: 7,))
    thread.start()
    assert running.started.wait(10)

    assert one.control(control) == 0
    thread.join(10)

    assert not thread.is_alive()
    assert one.handle == 7
    states = [state for state, _, _ in manager.told]
    assert states == [service.START_PENDING, service.RUNNING, service.STOP_PENDING, service.STOPPED]
    accepts = {state: accepted for state, accepted, _ in manager.told}
    assert accepts[service.RUNNING] == service.ACCEPT_STOP | service.ACCEPT_SHUTDOWN
    assert accepts[service.START_PENDING] == accepts[service.STOPPED] == 0


def test_an_end_by_itself_is_told_as_a_failure_so_that_it_is_started_again() -> None:
    manager = Manager()

    Service(manager, Running(ends_with=78)).main(lambda _one: 7)

    assert manager.told[-1] == (service.STOPPED, 0, 78)


def test_what_it_is_not_asked_changes_nothing() -> None:
    manager, running = Manager(), Running()

    assert Service(manager, running).control(4) == 0

    assert manager.told == []
    assert not running.stopping.is_set()


def test_a_launcher_that_breaks_is_told_as_stopped() -> None:
    class Broken(Running):
        def run(self) -> int:
            raise RuntimeError

    manager = Manager()
    with pytest.raises(RuntimeError):
        Service(manager, Broken()).main(lambda _one: 7)

    assert manager.told[-1] == (service.STOPPED, 0, 1)


def test_the_status_is_laid_out_as_windows_has_it() -> None:
    assert ctypes.sizeof(service.Status) == 28
