"""Does a mail server greet, does it know us, does it offer encryption, and until when is its certificate good?"""

from __future__ import annotations

import socket
import ssl
import time

from rounds_agent.watches import certificate
from rounds_agent.watches.asking import Asked, place_of
from rounds_agent.watches.outcomes import Fails, Outcome

MOST_BYTES = 65_536


class _Talk:
    """One talk: a command goes out, an answer of one or many lines comes back."""

    def __init__(self, asked: Asked, way: socket.socket) -> None:
        self.asked, self.way, self.rest = asked, way, b""

    def say(self, command: str) -> list[str]:
        """Say a command; the lines of the answer to it."""
        self.way.settimeout(self.asked.left)
        self.way.sendall(f"{command}\r\n".encode())
        return self.hear(command.split(maxsplit=1)[0])

    def hear(self, after: str) -> list[str]:
        """An answer that says yes, by lines; Fails says what it says instead."""
        lines, total = [], 0
        while True:
            while b"\n" not in self.rest:
                self.way.settimeout(self.asked.left)
                got = self.way.recv(4096)
                total += len(got)
                if not got or total > MOST_BYTES:
                    raise Fails(f"the server hangs up after {after}" if not got else "the answer has no end")
                self.rest += got
            line, _, self.rest = self.rest.partition(b"\n")
            text = line.decode("utf-8", "replace").strip()
            lines.append(text[4:])
            if text[3:4] != "-":
                break
        if text[:1] != "2":
            raise Fails(f"after {after} it says: {text[:150]}")
        return lines


def watch(asked: Asked) -> Outcome:
    """Connect, greet, encrypt if it is offered, and take leave."""
    host, port = place_of(asked.target, 25)
    outcome, began = Outcome(), time.perf_counter()
    way = asked.connect(host, port)
    try:
        talk = _Talk(asked, way)
        outcome.facts["banner"] = talk.hear("the connection")[0][:150]
        offers = {line.split()[0].upper() for line in talk.say(f"EHLO {_own_name()}")[1:] if line}
        outcome.figures["milliseconds"] = round((time.perf_counter() - began) * 1000, 2)
        outcome.facts["starttls"] = "STARTTLS" in offers
        if "STARTTLS" in offers:
            talk.say("STARTTLS")
            way = _encrypted(asked, way, host, outcome)
            talk = _Talk(asked, way)
            talk.say(f"EHLO {_own_name()}")
        elif asked.is_set("wants_starttls"):
            outcome.fails = "it does not offer STARTTLS"
        talk.say("QUIT")
    except TimeoutError:
        raise Fails(f"no whole answer in {asked.seconds:.0f} seconds") from None
    except OSError as why:
        raise Fails(f"the connection broke: {why}") from None
    finally:
        way.close()
    return outcome


def _own_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and " " not in name and name else "localhost"


def _encrypted(asked: Asked, way: socket.socket, host: str, outcome: Outcome) -> socket.socket:
    """Mail servers take any certificate of each other, so only a shop that wants one that is vouched for is strict."""
    way.settimeout(asked.left)
    is_strict = asked.is_set("trusted_certificate")
    context = certificate.trusting(asked.text("ca")) if is_strict else certificate.believing_all()
    try:
        spoken = certificate.shake(way, asked.text("server_name") or host, context)
    except ssl.SSLCertVerificationError as distrust:
        raise Fails(certificate.why_not(distrust)) from None
    certificate.read(spoken, outcome)
    return spoken
