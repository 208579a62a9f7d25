"""Listens for alert mail (SMTP): an unknown address is refused at once, a mail is acknowledged after it is on disk."""

import asyncio
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections
from django.utils import timezone

from rounds.mail.models import Source
from rounds.mail.receiving import keep_mail, source_of

log = logging.getLogger(__name__)

LARGEST_MAIL = 10 * 1024 * 1024
MOST_CONNECTIONS = 40
MOST_RECIPIENTS = 20
LONGEST_SESSION = 300.0  # seconds, whatever the other side does
LONGEST_PAUSE = 60.0


class Intake:
    """What is done with the commands of a session (aiosmtpd's hooks); the database is asked in a thread of its own."""

    def __init__(self) -> None:
        self.database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self.connections = 0

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
    for source in sources.values():
        keep_mail(source, raw, at=timezone.now())
    return len(sources)


class Bounded(SMTP):
    """One connection: bounded in number, time and size; lines may be as long as programs write them."""

    line_length_limit = 100_000

    def __init__(self, intake: Intake) -> None:
        super().__init__(
            intake, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, timeout=LONGEST_PAUSE, ident="Rounds",
            hostname="rounds",
        )  # fmt: skip
        self.end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and turn it away if there are too many."""
        connection = cast("asyncio.Transport", transport)
        self.event_handler.connections += 1
        super().connection_made(transport)
        self.end = self.loop.call_later(LONGEST_SESSION, connection.abort)
        if self.event_handler.connections > MOST_CONNECTIONS:
            connection.write(b"421 4.3.2 too many connections, try again later\r\n")
            connection.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Count the connection no more."""
        self.event_handler.connections -= 1
        if self.end is not None:
            self.end.cancel()
        super().connection_lost(error)


async def serve(host: str, port: int, is_ready: Callable[[int], None]) -> None:
    """Listen until told to stop (SIGTERM, SIGINT); `is_ready` is told the port."""
    loop, intake, stop = asyncio.get_running_loop(), Intake(), asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    server = await loop.create_server(lambda: Bounded(intake), host, port)
    async with server:
        is_ready(server.sockets[0].getsockname()[1])
        await stop.wait()
    intake.database.shutdown()
