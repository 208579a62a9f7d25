"""Listens for alert mail (SMTP): an unknown address is refused at once, a mail is acknowledged after it is on disk.

Where all places are taken, the slowest of those who have been there for a while gives way to whoever comes.
"""

import asyncio
import logging
import signal
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections
from django.utils import timezone

from rounds.mail.models import Source
from rounds.mail.reading import read
from rounds.mail.receiving import LARGEST_MAIL, keep_mail, source_of

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 40
UNDISTURBED = 10.0  # seconds that everybody has before he may have to give way
MOST_RECIPIENTS = 20
LONGEST_SESSION = 300.0  # seconds, whatever the other side does
LONGEST_PAUSE = 60.0


class Intake:
    """What is done with the commands of a session (aiosmtpd's hooks); the database is asked in a thread of its own."""

    def __init__(self) -> None:
        self.database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self.open: set[Bounded] = set()

    def make_room(self) -> bool:
        """Let the slowest give way who has been here for a while; False: nobody has been."""
        long_here = [one for one in self.open if one.age >= UNDISTURBED]
        if not long_here:
            return False
        slowest = min(long_here, key=lambda one: one.received / one.age)
        log.info("a slow sender gives way")
        slowest.turn_away("421 4.3.2 too slow while others wait, try again later")
        return True

    async def _ask[T](self, question: Callable[[], T]) -> T:
        def asked() -> T:
            close_old_connections()
            return question()

        return await asyncio.get_running_loop().run_in_executor(self.database, asked)

    async def handle_RCPT(  # noqa: N802 - the hooks are named by the library
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient if he is one of our sources."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        if await self._ask(lambda: source_of(address)) is None:
            log.info("refused mail for an unknown address")
            return "550 5.1.1 there is no such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail for each of its sources; only then say that it was taken."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        kept = await self._ask(lambda: _keep(raw, list(envelope.rcpt_tos)))
        return f"250 2.0.0 kept for {kept}" if kept else "550 5.1.1 there is no such address here any more"

    async def handle_exception(self, error: Exception) -> str:
        """Ask the sender to try again: whatever is wrong here is not his fault, and his mail must not be lost."""
        log.error("a mail could not be taken", exc_info=error)
        return "451 4.3.0 try again later"


def _keep(raw: bytes, addresses: list[str]) -> int:
    found = (source_of(address) for address in dict.fromkeys(addresses))
    sources = {source.pk: source for source in found if isinstance(source, Source)}
    told = read(raw)
    for source in sources.values():
        keep_mail(source, raw, at=timezone.now(), told=told)
    return len(sources)


class Certificate:
    """The certificate for STARTTLS, a file with the chain and its key; read anew when it has been renewed."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.read_at = 0.0
        self.context: ssl.SSLContext | None = None

    def now(self) -> ssl.SSLContext | None:
        """What connections are encrypted with; a file that is broken while it is renewed leaves the old one."""
        try:
            changed_at = self.path.stat().st_mtime
            if changed_at != self.read_at:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(self.path)
                self.context, self.read_at = context, changed_at
        except (OSError, ssl.SSLError) as problem:
            if self.context is None:
                raise
            log.warning("the certificate cannot be read anew: %s", problem)
        return self.context


class Bounded(SMTP):
    """One connection: bounded in number, time and size; lines may be as long as programs write them."""

    line_length_limit = 100_000

    def __init__(self, intake: Intake, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(
            intake, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, timeout=LONGEST_PAUSE, ident="Rounds",
            hostname="rounds", tls_context=tls,
        )  # fmt: skip
        self.end: asyncio.TimerHandle | None = None
        self.connection: asyncio.Transport | None = None
        self.since = self.loop.time()
        self.received = 0

    @property
    def age(self) -> float:
        """For how many seconds it has been here."""
        return float(self.loop.time() - self.since)

    def turn_away(self, words: str) -> None:
        """Say goodbye and close, whether the other side listens or not."""
        self.event_handler.open.discard(self)
        if self.connection is not None:
            if self.session is None or self.session.ssl is None:
                self.connection.write(words.encode() + b"\r\n")
            self.loop.call_later(1, self.connection.abort)
            self.connection.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection; if there are too many, a slow one gives way, or this one is turned away."""
        if self.connection is not None:  # the same one, encrypted from here on
            super().connection_made(transport)
            return
        self.connection = cast("asyncio.Transport", transport)
        super().connection_made(transport)
        self.end = self.loop.call_later(LONGEST_SESSION, self.connection.abort)
        has_room = len(self.event_handler.open) < MOST_CONNECTIONS or self.event_handler.make_room()
        self.event_handler.open.add(self)
        if not has_room:
            self.turn_away("421 4.3.2 too many connections, try again later")

    def data_received(self, data: bytes) -> None:
        """Count what comes: how fast somebody is decides who gives way."""
        self.received += len(data)
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the connection no more."""
        self.event_handler.open.discard(self)
        if self.end is not None:
            self.end.cancel()
        super().connection_lost(error)


async def serve(host: str, port: int, is_ready: Callable[[int], None], certificate: Certificate | None = None) -> None:
    """Listen until told to stop (SIGTERM, SIGINT); `is_ready` is told the port."""
    loop, intake, stop = asyncio.get_running_loop(), Intake(), asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    server = await loop.create_server(lambda: Bounded(intake, certificate.now() if certificate else None), host, port)
    async with server:
        is_ready(server.sockets[0].getsockname()[1])
        await stop.wait()
    intake.database.shutdown()
