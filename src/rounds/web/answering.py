"""The web server: the gate, and granian behind it, in this process, until a signal says stop."""

import asyncio
import resource
import signal
import socket

import uvloop
from django.core.wsgi import get_wsgi_application
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from rounds.web.front import Front
from rounds.web.gate import MOST_CONNECTIONS, Gate

BEHIND = "127.0.0.1"


def serve_web(address: str, port: int) -> None:
    """Serve pages and check-ins until a signal says stop; requests that run then are finished."""
    _open_many_files()
    uvloop.run(_serve_web(Front(get_wsgi_application()), address, port))


async def _serve_web(front: Front, address: str, port: int) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await answer(front, address, port, stopped)


async def answer(front: Front, address: str, port: int, stopped: asyncio.Event) -> None:
    """Answer at an address until it is told to stop."""
    behind = _free_port()
    server = Server(
        front,
        address=BEHIND,
        port=behind,
        interface=Interfaces.RSGI,
        websockets=False,
        backlog=1024,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_enabled=False,
    )
    front.open()
    gate = Gate(front.take_plain, (BEHIND, behind))
    front.passed = gate.passed
    serving = asyncio.create_task(server.serve())
    saying_stop = asyncio.create_task(stopped.wait())
    try:
        await gate.open(address, port)
        await asyncio.wait((serving, saying_stop), return_when=asyncio.FIRST_COMPLETED)
        gate.stop_listening()
        server.stop()  # type: ignore[no-untyped-call]
        await serving
    finally:
        saying_stop.cancel()
        await asyncio.get_running_loop().run_in_executor(None, front.close)
        await asyncio.sleep(0)  # those whose check-ins were kept last are answered
        await gate.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((BEHIND, 0))
        return int(probe.getsockname()[1])


def _open_many_files() -> None:
    """A connection that is passed on takes three."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * MOST_CONNECTIONS + 1024
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
