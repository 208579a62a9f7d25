"""`rounds listen`: takes alert mail by SMTP until stopped."""

import asyncio
import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rounds.mail.listening import serve


class Command(BaseCommand):
    """Takes alert mail on ROUNDS_LISTEN until stopped."""

    help = "Takes alert mail by SMTP on ROUNDS_LISTEN (127.0.0.1:8025) until stopped."

    def handle(self, **_options: object) -> None:
        """Listen."""
        host, _, port = settings.LISTEN.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise CommandError(f"ROUNDS_LISTEN is “{settings.LISTEN}”; write it like 127.0.0.1:8025")
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # the library tells every command of every session
        try:
            asyncio.run(serve(host.strip("[]"), int(port), self._say))
        except OSError as problem:
            raise CommandError(f"cannot listen on {settings.LISTEN}: {problem.strerror or problem}") from None

    def _say(self, port: int) -> None:
        self.stdout.write(f"Alert mail is taken on port {port}")
        self.stdout.flush()
