"""Hands a request of the front to Django's WSGI in a pool of threads, and its reply back, in pieces if it is long."""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rounds.web.passing import Ends

THREADS = 8
AT_ONCE = 8 * 1024 * 1024  # a reply up to this size is made whole, so that a slow reader holds no thread

type Headers = list[tuple[str, str]]
type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ_of(scope: Any, body: bytes, whose: Ends | None = None) -> dict[str, Any]:
    """A request as WSGI has it (PEP 3333); nothing of the process's environment is in it.

    `whose` says who called and where, if the connection came through the gate.
    """
    client, _, _ = scope.client.rpartition(":")
    host, _, port = scope.server.rpartition(":")
    if whose is not None:
        (client, _), (host, port) = whose
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ.update(_header_variables(scope.headers.items()))
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    environ["CONTENT_LENGTH"] = str(len(body)) if body else environ.get("CONTENT_LENGTH", "")
    return environ


def _header_variables(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as variables; repeated ones are joined. One with an underscore could pose as another: it is dropped."""
    joined: dict[str, str] = {}
    for name, value in headers:
        if "_" in name or name in {"transfer-encoding", "connection"}:
            continue
        separator = "; " if name == "cookie" else ","
        joined[name] = f"{joined[name]}{separator}{value}" if name in joined else value
    plain = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    return {plain.get(name) or f"HTTP_{name.upper().replace('-', '_')}": value for name, value in joined.items()}


@dataclass(slots=True)
class Reply:
    """What Django answered: the first pieces, and the rest if there is more."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None

    def start(self, status: str, headers: Headers, _error: object = None) -> None:
        """WSGI's start_response."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower(), value) for name, value in headers]


def ask(application: Wsgi, environ: dict[str, Any]) -> Reply:
    """Have the application answer, and take its reply up to the size that is sent at once."""
    reply = Reply()
    pieces = application(environ, reply.start)
    reply.close = getattr(pieces, "close", reply.close)
    gathered, size, rest = [], 0, iter(pieces)
    for piece in rest:
        gathered.append(piece)
        size += len(piece)
        if size > AT_ONCE:
            reply.rest = rest
            break
    reply.body = b"".join(gathered)
    if reply.rest is None:
        reply.close()
    return reply


class Bridge:
    """The pool of threads in which Django answers."""

    def __init__(self, application: Wsgi, threads: int = THREADS) -> None:
        self.application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def answer(self, scope: Any, proto: Any, environ: dict[str, Any]) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(self._pool, ask, self.application, environ)
        if reply.rest is not None:
            with closing(reply):
                await self._stream(proto, reply, reply.rest)
        elif scope.method == "HEAD" or reply.status in {204, 304} or not reply.body:
            proto.response_empty(reply.status, reply.headers)
        else:
            proto.response_bytes(reply.status, reply.headers, reply.body)

    async def _stream(self, proto: Any, reply: Reply, rest: Iterator[bytes]) -> None:
        transport = proto.response_stream(reply.status, reply.headers)
        piece: bytes | None = reply.body
        while piece is not None:
            await transport.send_bytes(piece)
            piece = await asyncio.get_running_loop().run_in_executor(self._pool, partial(next, rest, None))

    def close(self) -> None:
        """Let running requests end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
