"""Asks once for all who want to know at the same time; the answer is awaited, or comes while nobody waits for it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Once:
    """One asking at a time; belongs to one event loop."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Begin to ask, unless that is under way."""
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())
            self._asking.add_done_callback(self._ended)
        return self._asking

    async def answered(self) -> None:
        """Wait for the answer, and begin to ask if need be; who gives up waiting does not end it for others."""
        await asyncio.shield(self.begin())

    def _ended(self, asked: asyncio.Task[None]) -> None:
        self._asking = None
        if not asked.cancelled() and (problem := asked.exception()):
            log.warning("what agents are to be told could not be asked for: %s", problem)
