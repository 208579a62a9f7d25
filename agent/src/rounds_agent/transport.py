"""Posts to the server over one connection: HTTP/1.1 over TLS on a plain socket, which is lighter than http.client."""

import socket
import ssl
import time
from contextlib import suppress

MAX_ANSWER = 1024 * 1024


class NoAnswer(Exception):
    """The server could not be reached, or what came was no whole answer."""


class Address:
    """Where the server is: `https://host[:port][/prefix]`, or `http://`."""

    def __init__(self, url: str) -> None:
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"https", "http"}:
            raise ValueError(f"“{url}” is no address like https://rounds.example.com")
        place, _, prefix = rest.partition("/")
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


class Line:
    """A connection that is opened when first needed and reopened once when the server has closed it."""

    def __init__(self, address: Address, ca: str = "", timeout: float = 20.0) -> None:
        self.address, self.ca, self.timeout = address, ca, timeout
        self._context: ssl.SSLContext | None = None
        self._socket: socket.socket | None = None
        self._buffer = b""

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Post a body; the answer's status and body. NoAnswer says why there is none."""
        lines = [f"POST {self.address.prefix}{path} HTTP/1.1", f"Host: {self.address.place}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "Content-Type: application/json", "", ""])
        was_open = self._socket is not None
        try:
            return self._exchange(head.encode("latin-1") + body)
        except (OSError, ValueError) as error:
            self.close()
            if not was_open:
                raise NoAnswer(f"{self.address.place}: {str(error) or type(error).__name__}") from None
        return self.post(path, body, headers)

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = self._connect()
        deadline = time.monotonic() + self.timeout
        # Refused before all of it was sent: the answer, which says why, may be here already.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(request)
        version, status, *_ = self._line(deadline).split(None, 2)
        headers: dict[str, str] = {}
        while line := self._line(deadline):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self._body(headers, int(status), deadline)
        if headers.get("connection", "").lower() == "close" or not version.endswith("1.1"):
            self.close()
        return int(status), body

    def _connect(self) -> socket.socket:
        raw = socket.create_connection((self.address.host, self.address.port), timeout=self.timeout)
        if not self.address.is_tls:
            return raw
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self.ca or None)
        try:
            return self._context.wrap_socket(raw, server_hostname=self.address.host)
        except OSError:
            raw.close()
            raise

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
            if not got or len(self._buffer) > 65536:
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
