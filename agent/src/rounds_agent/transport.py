"""Posts to the server over one connection: HTTP/1.1 over TLS on a plain socket, which is lighter than http.client."""

from __future__ import annotations

import binascii
import contextlib
import socket
import ssl
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_ANSWER = 1024 * 1024
MAX_LINE = 65536


class NoAnswer(Exception):
    """The server could not be reached, or what came was no whole answer; `is_distrust`: its certificate was refused."""

    def __init__(self, why: str, *, is_distrust: bool = False) -> None:
        super().__init__(why)
        self.is_distrust = is_distrust


def in_ascii(name: str) -> str:
    """A host's name as it is asked for, and as certificates have it. ValueError: there can be none of this name.

    It goes to sockets as bytes: of a text, Python loads its table of all letters to see that it is ASCII.
    """
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise ValueError(f"“{name}” can be no host's name") from None


class Address:
    """Where the server is: `https://host[:port][/prefix]`, or `http://`."""

    def __init__(self, url: str) -> None:
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"https", "http"}:
            raise ValueError(f"“{url}” is no address like https://rounds.example.com")
        place, _, prefix = rest.partition("/")
        place = in_ascii(place)
        host, colon, port = place.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = place, "443" if scheme == "https" else "80"
        if not host or not port.isdecimal():
            raise ValueError(f"“{url}” is no address like https://rounds.example.com")
        self.is_tls = scheme == "https"
        self.place, self.host, self.port = place, host.strip("[]"), int(port)
        self.prefix = f"/{prefix}".rstrip("/")

    @property
    def is_loopback(self) -> bool:
        """Is it this very machine?"""
        return self.host in {"localhost", "127.0.0.1", "::1"}


class Proxy:
    """An HTTP proxy: where it is, and the `user:password` that it asks for."""

    def __init__(self, host: str, port: int, account: str = "") -> None:
        self.host, self.port = in_ascii(host), port
        token = binascii.b2a_base64(account.encode(), newline=False).decode()
        self.headers = [f"Proxy-Authorization: Basic {token}"] if account else []


class Line:
    """A connection that is opened when first needed and reopened once when the server has closed it."""

    def __init__(self, address: Address, ca: str = "", timeout: float = 20.0, proxy: Proxy | None = None) -> None:
        self.address, self.ca, self.timeout, self.proxy = address, ca, timeout, proxy
        self._context: ssl.SSLContext | None = None
        self._session: ssl.SSLSession | None = None
        self._socket: socket.socket | None = None
        self._buffer = b""

    def close(self) -> None:
        """Hang up; the next connection resumes the TLS session, which halves its price.

        One that was resumed is kept as it is: taking it out of the connection costs half of what it saves.
        """
        if isinstance(self._socket, ssl.SSLSocket) and not self._socket.session_reused:
            self._session = self._socket.session or self._session
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def trust(self, ca: str) -> None:
        """From now on believe those authorities ("": the system's)."""
        self.close()
        self.ca, self._context, self._session = ca, None, None

    def open(self) -> None:
        """Connect, if it is not; NoAnswer says why not."""
        try:
            self._connected(time.monotonic() + self.timeout)
        except (OSError, ValueError) as error:
            raise self._failed(error) from None

    def chain(self) -> list[bytes]:
        """The certificates of an open line, as they were checked, the server's first; none if it cannot be told."""
        told = getattr(self._socket, "get_verified_chain", None)  # Python 3.13
        if told is not None:
            return list(told())
        inner = getattr(getattr(self._socket, "_sslobj", None), "get_verified_chain", None)  # 3.10 to 3.12
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner() or ()] if inner else []

    def _failed(self, error: Exception) -> NoAnswer:
        self.close()
        why = str(error) or type(error).__name__
        return NoAnswer(f"{self.address.place}: {why}", is_distrust=isinstance(error, ssl.SSLCertVerificationError))

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Post a body; the answer's status and body. NoAnswer says why there is none."""
        return self._ask("POST", path, body, {"Content-Type": "application/json", **headers})

    def get(self, path: str) -> tuple[int, bytes]:
        """Get something; the answer's status and body. NoAnswer says why there is none."""
        return self._ask("GET", path, b"", {})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        lines = [f"{method} {self._target(path)} HTTP/1.1", f"Host: {self.address.place}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.proxy is not None and not self.address.is_tls:
            lines += self.proxy.headers
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        was_open = self._socket is not None
        try:
            return self._exchange(head.encode("latin-1") + body)
        except (OSError, ValueError) as error:
            failed = self._failed(error)
            if not was_open:
                raise failed from None
        return self._ask(method, path, body, headers)

    def _target(self, path: str) -> str:
        """What the request line names: a proxy wants the whole address, unless it passes TLS on."""
        plain = f"{self.address.prefix}{path}"
        return f"http://{self.address.place}{plain}" if self.proxy and not self.address.is_tls else plain

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.timeout
        connected = self._connected(deadline)
        # Refused before all of it was sent: the answer, which says why, may be here already.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connected.sendall(request)
        version, status, headers = self._head(deadline)
        body = self._body(headers, status, deadline)
        if headers.get("connection", "").lower() == "close" or not version.endswith("1.1"):
            self.close()
        return status, body

    def _head(self, deadline: float) -> tuple[str, int, dict[str, str]]:
        version, status, *_ = self._line(deadline).split(None, 2)
        headers: dict[str, str] = {}
        while line := self._line(deadline):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return version, int(status), headers

    def _connected(self, deadline: float) -> socket.socket:
        """The open connection; the way through a proxy is asked for first."""
        if self._socket is None:
            way = self.proxy or self.address
            place: Any = way.host.encode(), way.port  # bytes are taken as well
            self._socket = socket.create_connection(place, timeout=self.timeout)
            if self.address.is_tls:
                if self.proxy is not None:
                    self._ask_through(self.proxy, self._socket, deadline)
                self._socket = self._wrapped(self._socket)
        return self._socket

    def _ask_through(self, proxy: Proxy, raw: socket.socket, deadline: float) -> None:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        place = f"{host}:{self.address.port}"
        asked = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", *proxy.headers, "", ""]
        raw.sendall("\r\n".join(asked).encode("latin-1"))
        _, status, _ = self._head(deadline)
        if status != 200:
            raise ValueError(f"the proxy {proxy.host}:{proxy.port} answers {status}")

    def _wrapped(self, raw: socket.socket) -> ssl.SSLSocket:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self.ca or None)
        return self._context.wrap_socket(raw, server_hostname=self.address.host.encode(), session=self._session)

    def _more(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if self._socket is None or left <= 0:
            raise TimeoutError("no whole answer in time")
        self._socket.settimeout(left)
        got = self._socket.recv(65536)
        self._socket.settimeout(self.timeout)
        return got

    def _line(self, deadline: float) -> str:
        while b"\n" not in self._buffer:
            got = self._more(deadline)
            if not got or len(self._buffer) > MAX_LINE:
                raise ValueError("the connection was closed before the answer")
            self._buffer += got
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def _exactly(self, count: int, deadline: float) -> bytes:
        if not 0 <= count <= MAX_ANSWER:
            raise ValueError(f"an answer of {count} bytes is not taken")
        while len(self._buffer) < count:
            got = self._more(deadline)
            if not got:
                raise ValueError("the answer is cut off")
            self._buffer += got
        body, self._buffer = self._buffer[:count], self._buffer[count:]
        return body

    def _body(self, headers: dict[str, str], status: int, deadline: float) -> bytes:
        if status in {204, 304}:
            return b""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks(deadline)
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]), deadline)
        while got := self._more(deadline):  # ends with the connection
            self._buffer += got
            if len(self._buffer) > MAX_ANSWER:
                raise ValueError("the answer is too large")
        body = self._buffer
        self.close()
        return body

    def _chunks(self, deadline: float) -> bytes:
        body = b""
        while size := int(self._line(deadline).partition(";")[0], 16):
            body += self._exactly(size, deadline)
            self._line(deadline)
            if len(body) > MAX_ANSWER:
                raise ValueError("the answer is too large")
        while self._line(deadline):
            pass
        return body
