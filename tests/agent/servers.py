"""Things that are watched, as they really are: small servers on loopback, and certificates made by openssl."""

import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink


def certificate(folder: Path, days: int = 90, name: str = "localhost") -> Path:
    """A file with a key and a certificate that nobody vouches for but itself."""
    made = folder / f"{name}-{days}.pem"
    who = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-days", str(days)]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(folder / "key")]
    subprocess.run(["openssl", "req", "-x509", *key, *who, "-out", str(made)], check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (folder / "key").read_bytes())
    return made


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Pages(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}

    def do_GET(self) -> None:
        status, headers, body = self.pages.get(self.path, (404, {}, b"nothing here"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_args: Any) -> None:
        """Clients hang up in these tests."""


@contextmanager
def web_server(pages: dict[str, tuple[int, dict[str, str], bytes]], pem: Path | None = None) -> Iterator[int]:
    """A web server with these pages; its port."""
    handler = type("Pages", (_Pages,), {"pages": pages})
    server = _Quiet(("127.0.0.1", 0), handler)
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def speaking(say: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that says what a test wants to whoever connects; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    way, _ = server.accept()
                    with way, suppress(OSError):
                        say(way)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@contextmanager
def answering(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A server of packets that gives an answer to each, or none; its port."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    packet, who = server.recvfrom(65535)
                    told = answer(packet)
                    if told is not None:
                        server.sendto(told, who)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def dns_answer(packet: bytes, kind: int, *values: bytes, code: int = 0) -> bytes:
    """What a name server answers to a question, with so many records of a kind."""
    head = packet[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(values), 0, 0)
    records = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(value)) + value for value in values]
    return head + packet[12:] + b"".join(records)


@contextmanager
def mail_server(pem: Path | None = None) -> Iterator[int]:
    """A real mail server; with a certificate it offers STARTTLS."""
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    port = closed_port()
    controller = Controller(Sink(), hostname="127.0.0.1", port=port, tls_context=context)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def nothing(_way: socket.socket) -> None:
    """Say nothing, and hang up."""


def saying(what: bytes) -> Callable[[socket.socket], None]:
    """Hear something, say this, and hang up."""

    def say(way: socket.socket) -> None:
        way.recv(999)
        way.sendall(what)

    return say
