"""How long an agent is remembered: beyond its next check-in, and not beyond the withdrawal of its enrolment."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from rounds.agents.enrolling import revoke
from rounds.agents.models import Agent
from rounds.agents.recognising import CURRENT_FOR, JOBS_FOR, STILL_FOR, Recogniser
from rounds.clients.models import Machine
from tests.agents.front import enrolled
from tests.growing import left_behind

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _elsewhere(act: Callable[[], object]) -> None:
    """Do something with a connection of its own, as another process would."""
    try:
        act()
    finally:
        connections.close_all()


def _with(act: Callable[[Recogniser, Clock], Coroutine[None, None, None]]) -> None:
    async def go() -> None:
        clock = Clock()
        recogniser = Recogniser(clock)
        try:
            await act(recogniser, clock)
        finally:
            recogniser.close()

    with ThreadPoolExecutor(1) as one:  # a loop of its own: browser tests leave theirs in the main thread
        one.submit(lambda: asyncio.run(go())).result()


def test_an_agent_that_sends_once_a_minute_is_looked_up_once(srv01: Machine) -> None:
    _, secret = enrolled(srv01)

    async def send(recogniser: Recogniser, clock: Clock) -> None:
        first = await recogniser.recognise(f"Bearer {secret}")
        for _ in range(2):
            clock.now += 61
            await recogniser.jobs_of(srv01.pk)

            assert recogniser.known(f"Bearer {secret}") is first

    _with(send)


def test_an_agent_whose_enrolment_is_withdrawn_is_forgotten_in_thirteen_seconds(srv01: Machine) -> None:
    agent, secret = enrolled(srv01)

    async def send(recogniser: Recogniser, clock: Clock) -> None:
        assert await recogniser.recognise(f"Bearer {secret}")
        await recogniser.jobs_of(srv01.pk)
        await asyncio.to_thread(_elsewhere, lambda: revoke(agent, at=timezone.now()))
        clock.now += CURRENT_FOR + JOBS_FOR
        await recogniser.jobs_of(srv01.pk)

        assert recogniser.known(f"Bearer {secret}") is None
        assert await recogniser.recognise(f"Bearer {secret}") is None

    _with(send)


def test_what_is_known_of_jobs_does_for_a_second_while_it_is_asked_anew(srv01: Machine) -> None:
    _, secret = enrolled(srv01)

    async def send(recogniser: Recogniser, clock: Clock) -> None:
        first = await recogniser.recognise(f"Bearer {secret}")
        await recogniser.jobs_of(srv01.pk)
        asked = clock.now

        clock.now = asked + JOBS_FOR + STILL_FOR - 0.1
        assert recogniser.known(f"Bearer {secret}") is first  # and nobody waits for the answer
        async with asyncio.timeout(20):
            while recogniser.known(f"Bearer {secret}") is None or recogniser._jobs_until < clock.now:
                await asyncio.sleep(0.01)
        clock.now += JOBS_FOR + STILL_FOR
        assert recogniser.known(f"Bearer {secret}") is None

    _with(send)


def test_an_agent_that_moves_to_another_machine_keeps_its_line_of_nonces(srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    other = Machine.objects.create(site=srv01.site, name="SRV02", kind="server")

    async def send(recogniser: Recogniser, clock: Clock) -> None:
        before = await recogniser.recognise(f"Bearer {secret}")
        await recogniser.jobs_of(srv01.pk)
        await asyncio.to_thread(_elsewhere, lambda: Agent.objects.filter(pk=agent.pk).update(machine=other))
        clock.now += CURRENT_FOR + JOBS_FOR
        await recogniser.jobs_of(srv01.pk)

        after = await recogniser.recognise(f"Bearer {secret}")

        assert before is not None
        assert after is not None
        assert (before.machine_id, after.machine_id) == (srv01.pk, other.pk)
        assert after.lines is before.lines

    _with(send)


def test_what_strangers_sign_in_with_is_not_remembered_without_bound() -> None:
    recogniser = Recogniser(lambda: -1.0)  # before it is time to ask for jobs

    def sign_in() -> None:
        for number in range(5000):
            assert recogniser.known(f"Bearer {number}{'x' * 20_000}") is None

    sign_in()
    left = left_behind(sign_in)
    recogniser.close()

    assert left < 1024 * 1024
