"""`rounds listen`: takes alert mail by SMTP, and fetches it from mailboxes, until stopped."""

import asyncio
import logging
import ssl

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rounds.mail.fetching import Box
from rounds.mail.listening import Certificate, serve
from rounds.mail.polling import Pollers


class Command(BaseCommand):
    """Takes alert mail on ROUNDS_LISTEN, and from the mailboxes of ROUNDS_IMAP, until stopped."""

    help = "Takes alert mail by SMTP on ROUNDS_LISTEN (127.0.0.1:8025) and from ROUNDS_IMAP until stopped."

    def handle(self, **_options: object) -> None:
        """Listen."""
        host, _, port = settings.LISTEN.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise CommandError(f"ROUNDS_LISTEN is “{settings.LISTEN}”; write it like 127.0.0.1:8025")
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # the library tells every command of every session
        pollers = Pollers([Box.of(address) for address in settings.IMAP])
        pollers.start()
        try:
            asyncio.run(serve(host.strip("[]"), int(port), self._say, self._certificate()))
        except OSError as problem:
            raise CommandError(f"cannot listen on {settings.LISTEN}: {problem.strerror or problem}") from None
        finally:
            pollers.end()

    def _certificate(self) -> Certificate | None:
        """The certificate for STARTTLS, if there is one; one that cannot be used is told at once."""
        if not settings.LISTEN_CERTIFICATE:
            return None
        certificate = Certificate(settings.LISTEN_CERTIFICATE)
        try:
            certificate.now()
        except (OSError, ssl.SSLError) as problem:
            raise CommandError(f"ROUNDS_LISTEN_CERTIFICATE, {settings.LISTEN_CERTIFICATE}: {problem}") from None
        return certificate

    def _say(self, port: int) -> None:
        self.stdout.write(f"Alert mail is taken on port {port}")
        self.stdout.flush()
