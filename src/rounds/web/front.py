"""The front: takes check-ins itself and hands everything else to Django; bounds every body in time and size.

It stands on granian's RSGI interface, in one event loop: a sender of half a body costs a small object and no thread.
Plain check-ins come to it straight from the gate.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from django.db import DatabaseError
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from rounds.agents.batches import read_batch, read_row
from rounds.agents.copies import Line
from rounds.agents.envelopes import (
    MAX_SENT,
    RefusedCheckIn,
    Why,
    too_large,
)
from rounds.agents.keeping import BUSY, Keeper, NotKept, Row
from rounds.agents.recognising import Job, Recognised, Recogniser
from rounds.agents.refusing import Refusals
from rounds.watches.listing import Listed, Lists
from rounds.web.bridge import Bridge, Wsgi, environ_of
from rounds.web.gate import Answer, Asked
from rounds.web.passing import Ends
from rounds.web.plain import NOTHING, Plain

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


class Told(msgspec.Struct, omit_defaults=True):
    """What an agent is told of a check-in that is kept."""

    time: datetime
    nonce: str
    received: int = 0
    highest: int = 0
    jobs: Sequence[Job] | None = None
    watches: Listed | None = None


_encode = msgspec.json.Encoder().encode


class Front:
    """The application that granian runs; `open` and `close` stand around its life."""

    def __init__(self, application: Wsgi) -> None:
        self.application = application
        self.bodies = Bodies()
        self.passed: Mapping[str, Ends] = {}  # whose the connections are that came through the gate
        self._taking: set[asyncio.Task[None]] = set()
        self._came: deque[tuple[Asked, Answer]] = deque()

    def open(self) -> None:
        """Start the threads; called in the event loop."""
        self.bridge = Bridge(self.application)
        self.keeper, self.recogniser, self.refusals = Keeper(self._read_what_came), Recogniser(), Refusals()
        self.watches = Lists()

    def close(self) -> None:
        """Finish what has begun."""
        for part in (self.bridge, self.keeper, self.recogniser, self.refusals, self.watches):
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
            await self.bridge.answer(scope, proto, environ_of(scope, body, self.passed.get(scope.client)))

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
            listed = scope.headers.get("rounds-watches") or ""
            if news := await self.watches.news_for(agent.machine_id, listed):
                told["watches"] = news
            _answer(proto, 200, {**told, "time": now, "nonce": line.nonce, "jobs": jobs})
        except RefusedCheckIn as refused:
            self._refuse(proto, refused.why, agent.agent_id if agent else None, now)
        except NotKept as why:
            self._refuse_now(proto, str(why), agent.agent_id if agent else None, now)
        except DatabaseError as error:
            log.error("who sent a check-in cannot be asked: %s", error)
            self._refuse_now(proto, BUSY, agent.agent_id if agent else None, now)

    def take_plain(self, asked: Asked, answer: Answer) -> None:
        """Take a check-in from the gate. It is read just before it is written, together with those that come meanwhile.

        Reading fifty one after another takes two thirds of the time of reading one between all else.
        """
        self._came.append((asked, answer))
        self.keeper.expect()

    def _read_what_came(self) -> None:
        now = datetime.now(UTC)
        try:
            while self._came:
                self._read_plain(*self._came.popleft(), now)
        finally:
            if self._came:  # whatever was wrong with one, the others are read
                asyncio.get_running_loop().call_soon(self.keeper.expect)

    def _read_plain(self, asked: Asked, answer: Answer, now: datetime) -> None:
        """Have a check-in kept if its agent is known and all is well with it; else it goes as any other."""
        headers = asked.headers
        agent = self.recogniser.known(headers.get("authorization", ""))
        if agent is None or headers.get("content-encoding") != "deflate":
            self._take_slowly(asked, answer)
            return
        listed = headers.get("rounds-watches", "")
        if listed and not self.watches.are_fresh:
            self._take_slowly(asked, answer)
            return
        try:
            row = read_row(agent.agent_id, "deflate", asked.body, now)
        except RefusedCheckIn:
            self._take_slowly(asked, answer)
            return
        line = agent.lines.hear(headers.get("rounds-nonce", ""))
        if line.is_set_apart:
            self._begin(self._set_apart(Plain(asked, answer), agent, line, now))
            return
        told = Told(now, line.nonce, watches=self.watches.known_news_for(agent.machine_id, listed))
        self.keeper.put((row,), partial(self._kept_plain, answer, agent, row, told))

    def _kept_plain(self, answer: Answer, agent: Recognised, row: Row, told: Told, problem: str) -> None:
        if problem:
            self._refuse_now(Plain(NOTHING, answer), problem, agent.agent_id, row.received_at)
            return
        told.received, told.highest = _received(agent, row)
        told.jobs = self.recogniser.known_jobs_of(agent.machine_id)
        answer(200, _encode(told))

    def _take_slowly(self, asked: Asked, answer: Answer) -> None:
        plain = Plain(asked, answer)
        self._begin(self.take(plain, plain))

    def _begin(self, taking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(taking)
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _recognised(self, scope: Any) -> Recognised:
        if scope.method != "POST":
            raise RefusedCheckIn(Why(405, "malformed", "a check-in is posted", drop=True))
        agent = await self.recogniser.recognise(scope.headers.get("authorization") or "")
        if agent is None:
            raise RefusedCheckIn(Why(401, "unknown", "no agent with this secret is enrolled here", drop=False))
        return agent

    async def _keep_one(self, agent: Recognised, scope: Any, proto: Any, now: datetime) -> dict[str, Any]:
        body = await self._body(scope, proto)
        row = read_row(agent.agent_id, (scope.headers.get("content-encoding") or "identity").lower(), body, now)
        await self.keeper.keep(row)
        received, highest = _received(agent, row)
        return {"received": received, "highest": highest}

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

    def _refuse_now(self, proto: Any, reason: str, agent_id: int | None, now: datetime) -> None:
        self._refuse(proto, Why(503, "busy", reason, drop=False), agent_id, now)

    def _refuse(self, proto: Any, why: Why, agent_id: int | None, now: datetime) -> None:
        self.refusals.note(why.code, why.reason, agent_id=agent_id, at=now)
        _answer(proto, why.status, {"code": why.code, "reason": why.reason, "drop": why.drop, "time": now})


def _received(agent: Recognised, row: Row) -> tuple[int, int]:
    """Note that a check-in is kept; its number, and the highest that is."""
    agent.note(row.epoch, row.number)
    return row.number, agent.highest if row.epoch == agent.epoch else row.number


def _answer(proto: Any, status: int, told: dict[str, Any]) -> None:
    proto.response_bytes(status, [("content-type", "application/json")], msgspec.json.encode(told))


def _say(proto: Any, status: int, text: str) -> None:
    proto.response_str(status, [("content-type", "text/plain; charset=utf-8")], f"{text}\n")
