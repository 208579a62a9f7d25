"""Recognises agents by their secret, and knows open jobs; remembers both for seconds, so most check-ins ask nothing.

The front calls this from its event loop; the database is asked in a thread of its own, so that nothing else waits.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import close_old_connections, connections
from django.utils import timezone

from rounds.agents.asking import Once
from rounds.agents.copies import Line, Lines
from rounds.agents.enrolling import admit_copy
from rounds.agents.models import Agent
from rounds.agents.numbering import highest_of
from rounds.agents.ordering import open_jobs

# Seconds. Agents send once a minute, so each is known for longer; whether they still are what they were (not withdrawn,
# not merged) is asked of all of them together, so that a withdrawn enrolment is refused after 13 seconds at the latest.
KNOWN_FOR, UNKNOWN_FOR, JOBS_FOR, CURRENT_FOR = 150.0, 5.0, 2.0, 10.0
STILL_FOR = 1.0  # so long what is known of jobs does while it is asked anew
MOST_REMEMBERED = 100_000
MOST_SECRET = 200  # letters, with the word before it
TOKEN_FOR = 12 * 3600.0  # half as long as it is valid

type Job = dict[str, object]


@dataclass(slots=True)
class Recognised:
    """An agent, and the highest number that the server has of its newest epoch."""

    agent_id: int
    machine_id: int
    epoch: int
    highest: int
    lines: Lines = field(default_factory=Lines)

    def note(self, epoch: int, number: int) -> None:
        """A number of it is kept now."""
        if epoch > self.epoch:
            self.epoch, self.highest = epoch, number
        elif epoch == self.epoch:
            self.highest = max(self.highest, number)


def _look_up(secret_sha256: str) -> Recognised | None:
    close_old_connections()
    agent = Agent.objects.current().filter(secret_sha256=secret_sha256).first()
    if agent is None:
        return None
    return Recognised(agent.pk, agent.machine_id, *highest_of(agent.pk))


def _admit_copy(agent_id: int) -> str:
    close_old_connections()
    return admit_copy(Agent.objects.get(pk=agent_id), at=timezone.now())


def _look_up_jobs() -> dict[int, list[Job]]:
    close_old_connections()
    jobs: dict[int, list[Job]] = {}
    for job in open_jobs(timezone.now()):
        told: Job = {"id": job.pk, "kind": job.kind, "params": job.params, "within_seconds": job.within_seconds}
        jobs.setdefault(job.machine_id, []).append(told)
    return jobs


type Current = dict[str, tuple[int, int]]  # by the hash of its secret, an agent and its machine


def _look_up_current() -> Current:
    rows = Agent.objects.current().values_list("secret_sha256", "pk", "machine_id")
    return {hashed: (agent_id, machine_id) for hashed, agent_id, machine_id in rows.iterator()}


def _look_up_open(*, with_agents: bool) -> tuple[dict[int, list[Job]], Current | None]:
    return _look_up_jobs(), _look_up_current() if with_agents else None


def _hashed(authorization: str) -> str:
    """The hash of the secret in an Authorization header; "" if there is none."""
    return _remembered(authorization) if len(authorization) <= MOST_SECRET else ""


@lru_cache(4096)  # the same agents come every minute; what is long is not remembered, as anybody can send it
def _remembered(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    return hashlib.sha256(secret.strip().encode()).hexdigest() if secret and scheme.lower() == "bearer" else ""


class Recogniser:
    """What the front remembers of agents and of open jobs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recognising")
        self._agents: dict[str, tuple[float, Recognised | None]] = {}
        self._jobs: dict[int, list[Job]] = {}
        self._jobs_until = 0.0
        self._current_until = 0.0
        self._asking = Once(self._ask_anew)

    def known(self, authorization: str) -> Recognised | None:
        """The agent of an Authorization header, if that is known without asking, and its jobs are too."""
        if (now := self._clock()) >= self._jobs_until:
            if now >= self._jobs_until + STILL_FOR:
                return None
            self._asking.begin()
        until, agent = self._agents.get(_hashed(authorization), (0.0, None))
        return agent if now < until else None

    def known_jobs_of(self, machine_id: int) -> list[Job]:
        """The machine's jobs that were open when they were last asked for."""
        return self._jobs.get(machine_id, [])

    async def recognise(self, authorization: str) -> Recognised | None:
        """The agent of an Authorization header; None if there is none, or its enrolment was withdrawn."""
        hashed = _hashed(authorization)
        if not hashed:
            return None
        until, agent = self._agents.get(hashed, (0.0, None))
        if self._clock() < until:
            return agent
        known, agent = agent, await self._asked(_look_up, hashed)
        if agent is not None and known is not None:
            agent.lines = known.lines
        if len(self._agents) >= MOST_REMEMBERED:
            self._agents.clear()
        self._agents[hashed] = (self._clock() + (KNOWN_FOR if agent else UNKNOWN_FOR), agent)
        return agent

    async def _asked[**P, T](self, ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Ask the database, in the thread for it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: ask(*arguments, **named))

    async def token_of(self, agent: Recognised, line: Line) -> str:
        """The token with which the holder of a line that was set apart enrols anew; "" if there were too many."""
        if not line.token or self._clock() - line.token_at > TOKEN_FOR:
            line.token, line.token_at = await self._asked(_admit_copy, agent.agent_id), self._clock()
        return line.token

    async def jobs_of(self, machine_id: int) -> list[Job]:
        """The machine's open jobs; all machines' are asked for together, at most every two seconds."""
        if self._clock() >= self._jobs_until:
            await self._asking.answered()
        return self.known_jobs_of(machine_id)

    async def _ask_anew(self) -> None:
        """Ask for all open jobs, and from time to time who of those that are remembered is still what he was."""
        is_due = self._clock() >= self._current_until
        self._jobs, current = await self._asked(_look_up_open, with_agents=is_due)
        if current is not None:
            for hashed, (_, agent) in self._agents.items():
                if agent and current.get(hashed) != (agent.agent_id, agent.machine_id):
                    self._agents[hashed] = (0.0, agent)  # looked up when it sends next
            self._current_until = self._clock() + CURRENT_FOR
        self._jobs_until = self._clock() + JOBS_FOR

    def close(self) -> None:
        """Stop asking."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)
