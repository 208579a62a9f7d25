"""The web server: granian in this process, with the front before Django, until a signal says stop."""

import asyncio
import signal

from django.core.wsgi import get_wsgi_application
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from rounds.web.front import Front

MOST_CONNECTIONS = 4096


def serve_web(address: str, port: int) -> None:
    """Serve pages and check-ins until a signal says stop; requests that run then are finished."""
    asyncio.run(_serve_web(Front(get_wsgi_application()), address, port))


async def _serve_web(front: Front, address: str, port: int) -> None:
    server = Server(
        front,
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        backlog=1024,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    front.open()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    try:
        await server.serve()
    finally:
        await loop.run_in_executor(None, front.close)
