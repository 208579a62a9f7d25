"""Does a web address answer: its status, a text that must stand in it, where it leads, and how long it takes?"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from urllib.parse import SplitResult, urljoin, urlsplit

from rounds_agent.watches import certificate
from rounds_agent.watches.asking import Asked
from rounds_agent.watches.outcomes import CannotAsk, Fails, Outcome

MOST_REDIRECTS = 5
MOST_BYTES = 1024 * 1024
SENT = {"User-Agent": "rounds-agent", "Accept": "*/*", "Connection": "close", "Accept-Encoding": "identity"}


class _Way(http.client.HTTPConnection):
    """A connection over a socket that is there already, to an address that was checked."""

    def __init__(self, host: str, made: socket.socket) -> None:
        super().__init__(host)
        self._made = made

    def connect(self) -> None:
        """It is."""
        self.sock = self._made

    def close(self) -> None:
        """Whoever made it closes it; the body is still to be read."""


def watch(asked: Asked) -> Outcome:
    """Get the address, and those it leads to."""
    outcome, address, began = Outcome(), asked.target, time.perf_counter()
    for step in range(MOST_REDIRECTS + 1):
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise (Fails if step else CannotAsk)(f"“{address[:200]}” is no web address")
        status, leads_to, body = _get(asked, parts, outcome)
        if not (leads_to and 300 <= status < 400 and not asked.number("status", 0)):
            break
        address = urljoin(address, leads_to)
    else:
        raise Fails(f"it leads on and on: more than {MOST_REDIRECTS} times")
    outcome.figures["milliseconds"] = round((time.perf_counter() - began) * 1000, 2)
    outcome.figures["status"] = float(status)
    if address != asked.target:
        outcome.facts["leads_to"] = address[:300]
    outcome.fails = _expected(asked, status, body)
    return outcome


def _expected(asked: Asked, status: int, body: bytes) -> str:
    """In which way the answer is not what was expected."""
    wanted, text = asked.number("status", 0), asked.text("text")
    if (wanted and status != wanted) or (not wanted and status >= 400):
        return f"it answers {status} {http.client.responses.get(status, '')}".strip()
    if text and text.encode() not in body:
        return f"“{text[:80]}” does not stand in it"
    return ""


def _get(asked: Asked, parts: SplitResult, outcome: Outcome) -> tuple[int, str, bytes]:
    """Status, where it leads, and the body as far as it is read."""
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Fails(f"“{parts.netloc[:100]}” has no such port") from None
    made = asked.connect(host, port)
    try:
        if parts.scheme == "https":
            made = _encrypted(asked, made, host, outcome)
        made.settimeout(asked.left)
        way = _Way(parts.netloc.rpartition("@")[2], made)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        way.request("GET", path, headers=SENT)
        answer = way.getresponse()
        return answer.status, answer.getheader("Location") or "", _body(asked, answer, made)
    except TimeoutError:
        raise Fails(f"no whole answer in {asked.seconds:.0f} seconds") from None
    except (http.client.HTTPException, OSError, ValueError) as why:
        raise Fails(f"no answer of a web server: {str(why) or type(why).__name__}") from None
    finally:
        made.close()


def _encrypted(asked: Asked, made: socket.socket, host: str, outcome: Outcome) -> socket.socket:
    is_any = asked.is_set("any_certificate")
    context = certificate.believing_all() if is_any else certificate.trusting(asked.text("ca"))
    try:
        spoken = certificate.shake(made, host, context)
    except ssl.SSLCertVerificationError as distrust:
        raise Fails(certificate.why_not(distrust)) from None
    certificate.read(spoken, outcome)
    return spoken


def _body(asked: Asked, answer: http.client.HTTPResponse, made: socket.socket) -> bytes:
    """The body, bounded in size and time."""
    body = bytearray()
    while len(body) < MOST_BYTES:
        made.settimeout(asked.left)
        got = answer.read1(65536)
        if not got and answer.length:
            raise Fails("the answer is cut off")
        if not got:
            break
        body += got
    return bytes(body)
