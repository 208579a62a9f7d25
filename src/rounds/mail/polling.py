"""Asks the mailboxes for alert mail beside the listener, each in its own thread, so that none waits for another."""

import logging
import threading
from collections.abc import Sequence

from django.db import close_old_connections, connection
from django.utils import timezone

from rounds.mail.fetching import Box, look

log = logging.getLogger(__name__)

PAUSE = 2.0  # seconds; how often a mailbox is asked stands beside it


class Pollers:
    """The threads; they end when they are told to, or with the process."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._poll, args=[box], name=box.name, daemon=True) for box in boxes]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        """Ask no more; what is on its way is waited for a little, and is fetched the next time if it takes longer."""
        self.stop.set()
        for thread in self.threads:
            thread.join(2)

    def _poll(self, box: Box) -> None:
        while not self.stop.is_set():
            try:
                close_old_connections()
                look(box, timezone.now())
            except Exception:  # whatever it is, the next look may do
                log.exception("%s could not be looked at", box.name)
            self.stop.wait(PAUSE)
        connection.close()
