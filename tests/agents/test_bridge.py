"""What an application behind the front sees of a request, and what a client sees of its reply."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from rounds.web.bridge import AT_ONCE
from tests.agents.front import Running, running_front

LONG = AT_ONCE + 3_000_000


class Closing:
    """Pieces of a reply that notes when it was closed."""

    def __init__(self, size: int, closed: list[int]) -> None:
        self.size, self.closed = size, closed

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self.size, 65536):
            yield b"x" * min(65536, self.size - start)

    def close(self) -> None:
        self.closed.append(self.size)


closed: list[int] = []


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Tell what the request looked like; under /long a long reply, under /short a short one in pieces."""
    if environ["PATH_INFO"] in {"/long", "/short"}:
        start("200 OK", [("Content-Type", "text/plain")])
        return Closing(LONG if environ["PATH_INFO"] == "/long" else 100_000, closed)
    start("418 I'm a teapot", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told["body"] = environ["wsgi.input"].read().decode()
    return [json.dumps(told).encode()]


@pytest.fixture
def front(transactional_db: None) -> Iterator[Running]:
    closed.clear()
    with running_front(echo) as front:
        yield front


def test_a_request_is_told_as_wsgi_has_it(front: Running) -> None:
    headers = {"Content-Type": "text/x", "Accept": "a/b", "Cookie": "c=1"}
    status, replied, body = front.ask("PUT", "/a%20b/p%C3%A4th?q=%C3%A4&x", "gr\u00fc\u00df".encode(), headers)

    told = json.loads(body)
    assert status == 418
    assert replied["content-type"] == "application/json"
    assert told["REQUEST_METHOD"] == "PUT"
    assert told["PATH_INFO"].encode("latin-1").decode() == "/a b/p\u00e4th"
    assert told["QUERY_STRING"] == "q=%C3%A4&x"
    assert (told["CONTENT_TYPE"], told["CONTENT_LENGTH"]) == ("text/x", "6")
    assert (told["HTTP_ACCEPT"], told["HTTP_COOKIE"]) == ("a/b", "c=1")
    assert (told["REMOTE_ADDR"], told["SERVER_PORT"]) == ("127.0.0.1", str(front.port))
    assert told["body"] == "gr\u00fc\u00df"
    assert "PATH" not in told  # nothing of the server's own environment


def _raw(front: Running, request: bytes) -> bytes:
    line = socket.create_connection(("127.0.0.1", front.port), 10)
    line.sendall(request)
    reply = b""
    while piece := line.recv(65536):
        reply += piece
    line.close()
    return reply


def test_a_header_with_an_underscore_cannot_pose_as_another_and_repeated_ones_are_joined(front: Running) -> None:
    reply = _raw(
        front,
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX_Real: evil\r\nX-Forwarded: a\r\nX-Forwarded: b\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\n\r\n",
    )

    told = json.loads(reply.partition(b"\r\n\r\n")[2])
    assert "HTTP_X_REAL" not in told
    assert told["HTTP_X_FORWARDED"] == "a,b"
    assert told["HTTP_COOKIE"] == "a=1; b=2"
    assert reply.lower().count(b"set-cookie") == 2


def test_a_body_in_chunks_arrives_whole(front: Running) -> None:
    reply = _raw(
        front,
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
    )

    told = json.loads(reply.partition(b"\r\n\r\n")[2])
    assert (told["body"], told["CONTENT_LENGTH"]) == ("abcdefg", "7")
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_replies_of_every_length_come_whole_and_are_closed(front: Running) -> None:
    assert len(front.ask("GET", "/short")[2]) == 100_000
    assert len(front.ask("GET", "/long")[2]) == LONG

    assert closed == [100_000, LONG]


def test_a_reader_that_hangs_up_in_the_middle_leaves_nothing_open(front: Running) -> None:
    line = socket.create_connection(("127.0.0.1", front.port), 10)
    line.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    line.recv(1000)
    line.close()

    assert front.ask("GET", "/x")[0] == 418
    for _ in range(100):
        if closed:
            break
        front.ask("GET", "/x")
    assert closed == [LONG]
