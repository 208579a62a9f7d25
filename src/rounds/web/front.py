"""The front: takes check-ins itself and hands everything else to Django; bounds every body in time and size.

It stands on granian's RSGI interface, in one event loop: a sender of half a body costs a small object and no thread.
"""

import asyncio
import logging
import zlib
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import DatabaseError
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from rounds.agents.batches import read_batch
from rounds.agents.copies import Line
from rounds.agents.envelopes import (
    MAX_SENT,
    RefusedCheckIn,
    Why,
    check_moment,
    inflate,
    malformed,
    read_envelope,
    too_large,
)
from rounds.agents.keeping import Keeper, NotKept, Row
from rounds.agents.recognising import Recognised, Recogniser
from rounds.agents.refusing import Refusals
from rounds.web.bridge import Bridge, Wsgi

log = logging.getLogger(__name__)

CHECK_IN_SECONDS, PAGE_SECONDS = 10.0, 60.0
MAX_PAGE_BODY = 20 * 1024 * 1024
MAX_BUFFERED = 256 * 1024 * 1024  # of all bodies that are arriving


class Slow(Exception):
    """The body did not arrive in time."""


class TooMuch(Exception):
    """The body is larger than is taken."""


class Full(Exception):
    """Too many bodies are arriving at once."""


class Bodies:
    """Reads bodies, each bounded in time and size, all of them together in size."""

    def __init__(self) -> None:
        self.arriving = 0

    async def read(self, scope: Any, proto: Any, *, seconds: float, limit: int) -> bytes:
        """The body of a request."""
        told = scope.headers.get("content-length")
        if told is None and "transfer-encoding" not in scope.headers and scope.http_version.startswith("1"):
            return b""
        if told is not None and (not told.isdecimal() or int(told) > limit):
            raise TooMuch
        reserved = int(told) if told is not None else limit
        if self.arriving + reserved > MAX_BUFFERED:
            raise Full
        self.arriving += reserved
        try:
            async with asyncio.timeout(seconds):
                if told is not None and reserved < 65536:
                    return bytes(await proto())
                return await self._gather(proto, limit)
        except TimeoutError:
            raise Slow from None
        finally:
            self.arriving -= reserved

    @staticmethod
    async def _gather(proto: Any, limit: int) -> bytes:
        gathered = bytearray()
        async for piece in proto:
            gathered += piece
            if len(gathered) > limit:
                raise TooMuch
        return bytes(gathered)


class Front:
    """The application that granian runs; `open` and `close` stand around its life."""

    def __init__(self, application: Wsgi) -> None:
        self.application = application
        self.bodies = Bodies()

    def open(self) -> None:
        """Start the threads; called in the event loop."""
        self.bridge = Bridge(self.application)
        self.keeper, self.recogniser, self.refusals = Keeper(), Recogniser(), Refusals()

    def close(self) -> None:
        """Finish what has begun."""
        for part in (self.bridge, self.keeper, self.recogniser, self.refusals):
            part.close()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        try:
            if scope.proto != "http":
                proto.close(404)
            elif scope.path in {"/check-in", "/check-ins"}:
                await self.take(scope, proto)
            else:
                await self.hand_to_django(scope, proto)
        except ProtocolClosed:
            log.debug("hung up: %s", scope.path)

    async def hand_to_django(self, scope: Any, proto: Any) -> None:
        """Read the body, then let Django answer."""
        try:
            body = await self.bodies.read(scope, proto, seconds=PAGE_SECONDS, limit=MAX_PAGE_BODY)
        except Slow:
            _say(proto, 408, "The request did not arrive within a minute.")
        except TooMuch:
            _say(proto, 413, f"The request is larger than {MAX_PAGE_BODY // 1024**2} MiB.")
        except Full:
            _say(proto, 503, "Too many requests are arriving at once; please try again.")
        else:
            await self.bridge.answer(scope, proto, body)

    async def take(self, scope: Any, proto: Any) -> None:
        """Keep what an agent sent, or refuse it with a reason; answered after the commit."""
        now = datetime.now(UTC)
        agent = None
        try:
            agent = await self._recognised(scope)
            line = agent.lines.hear(scope.headers.get("rounds-nonce") or "")
            if line.is_set_apart:
                await self._set_apart(proto, agent, line, now)
                return
            if scope.path == "/check-in":
                told = await self._keep_one(agent, scope, proto, now)
            else:
                told = await self._keep_many(agent, scope, proto, now)
            jobs = await self.recogniser.jobs_of(agent.machine_id)
            _answer(proto, 200, {**told, "time": now, "nonce": line.nonce, "jobs": jobs})
        except RefusedCheckIn as refused:
            self._refuse(proto, refused.why, agent.agent_id if agent else None, now)
        except (NotKept, DatabaseError) as error:
            log.error("a check-in was not kept: %s", error)
            self._refuse(
                proto, Why(503, "busy", "the database is busy", drop=False), agent.agent_id if agent else None, now
            )

    async def _recognised(self, scope: Any) -> Recognised:
        if scope.method != "POST":
            raise RefusedCheckIn(Why(405, "malformed", "a check-in is posted", drop=True))
        agent = await self.recogniser.recognise(scope.headers.get("authorization") or "")
        if agent is None:
            raise RefusedCheckIn(Why(401, "unknown", "no agent with this secret is enrolled here", drop=False))
        return agent

    async def _keep_one(self, agent: Recognised, scope: Any, proto: Any, now: datetime) -> dict[str, Any]:
        row = self._read(agent.agent_id, scope, await self._body(scope, proto), now)
        await self.keeper.keep(row)
        agent.note(row.epoch, row.number)
        return {"received": row.number, "highest": agent.highest if row.epoch == agent.epoch else row.number}

    async def _keep_many(self, agent: Recognised, scope: Any, proto: Any, now: datetime) -> dict[str, Any]:
        batch = read_batch(agent.agent_id, await self._body(scope, proto), now)
        if batch.rows:
            await self.keeper.keep(*batch.rows)
        for row in batch.rows:
            agent.note(row.epoch, row.number)
        for _, _, why in batch.refused:
            self.refusals.note(why.code, why.reason, agent_id=agent.agent_id, at=now)
        refused = [
            {"epoch": epoch, "number": number, "code": why.code, "reason": why.reason, "drop": why.drop}
            for epoch, number, why in batch.refused
        ]
        return {"kept": [(row.epoch, row.number) for row in batch.rows], "refused": refused}

    async def _set_apart(self, proto: Any, agent: Recognised, line: Line, now: datetime) -> None:
        """Tell a machine whose disk was copied from another's to enrol anew, and with which token."""
        token = await self.recogniser.token_of(agent, line)
        why = Why(409, "copied", "another machine checks in with the same identity: this one enrols anew", drop=False)
        self.refusals.note(why.code, why.reason, agent_id=agent.agent_id, at=now)
        told = {"code": why.code, "reason": why.reason, "drop": why.drop, "time": now, "nonce": line.nonce}
        _answer(proto, why.status, {**told, "token": token} if token else told)

    async def _body(self, scope: Any, proto: Any) -> bytes:
        try:
            return await self.bodies.read(scope, proto, seconds=CHECK_IN_SECONDS, limit=MAX_SENT)
        except Slow:
            why = Why(408, "slow", f"the body did not arrive within {CHECK_IN_SECONDS:.0f} seconds", drop=False)
            raise RefusedCheckIn(why) from None
        except TooMuch:
            raise too_large(f"more than {MAX_SENT} bytes were sent") from None
        except Full:
            raise RefusedCheckIn(Why(503, "busy", "too many bodies are arriving at once", drop=False)) from None

    @staticmethod
    def _read(agent_id: int, scope: Any, body: bytes, now: datetime) -> Row:
        encoding = (scope.headers.get("content-encoding") or "identity").lower()
        if encoding not in {"deflate", "identity"}:
            raise malformed(f"bodies are sent plain or as deflate (zlib), not as {encoding}")
        text = inflate(body) if encoding == "deflate" else body
        envelope = read_envelope(text)
        check_moment(envelope, now)
        kept = body if encoding == "deflate" else zlib.compress(text)
        return Row(agent_id, envelope.epoch, envelope.number, envelope.taken_at, now, kept)

    def _refuse(self, proto: Any, why: Why, agent_id: int | None, now: datetime) -> None:
        self.refusals.note(why.code, why.reason, agent_id=agent_id, at=now)
        _answer(proto, why.status, {"code": why.code, "reason": why.reason, "drop": why.drop, "time": now})


def _answer(proto: Any, status: int, told: dict[str, Any]) -> None:
    proto.response_bytes(status, [("content-type", "application/json")], msgspec.json.encode(told))


def _say(proto: Any, status: int, text: str) -> None:
    proto.response_str(status, [("content-type", "text/plain; charset=utf-8")], f"{text}\n")
