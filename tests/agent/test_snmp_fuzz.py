"""Whatever a device answers is read or refused: random and damaged messages, and well-formed ones that say anything.

`make test` tries some thousands. `ROUNDS_FUZZ_INPUTS=1000000 pytest tests/agent/test_snmp_fuzz.py` tries a million and
looks for new ones each time.
"""

import math
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rounds_agent.watches import snmp_devices
from rounds_agent.watches.asking import Asked
from rounds_agent.watches.ber import (
    COUNTER,
    COUNTER64,
    END_OF_VIEW,
    GAUGE,
    NO_INSTANCE,
    Broken,
    Oid,
    Value,
    number,
    octets,
    oid,
    sequence,
    wrap,
)
from rounds_agent.watches.manager import RESPONSE, Manager
from rounds_agent.watches.outcomes import CannotAsk, Fails, Outcome
from rounds_agent.watches.snmp import KINDS
from rounds_agent.watches.usm import Community, Engine, User

INPUTS = int(os.environ.get("ROUNDS_FUZZ_INPUTS", "6000"))
SEED = 7 if "ROUNDS_FUZZ_INPUTS" not in os.environ else time.time_ns()
ENGINE = Engine(b"\x80\x00\x1f\x88\x80abcdefgh", 3, 4711)
ASKED = 1234


def a_user(cipher: str = "a password for encrypting") -> User:
    """A user that knows the device already."""
    user = User("reader", "sha256", "a password for signing", cipher)
    user.learn(ENGINE)
    return user


class Listener(Manager):
    """A manager that waits for the answer to its message, and has no way of its own."""

    def __init__(self, who: Community | User) -> None:
        self.who, self._number = who, ASKED


def chances() -> random.Random:
    """The same ones in every run, unless new ones are looked for."""
    return random.Random(SEED)  # noqa: S311 - no secret is made of it


def an_answer(chance: random.Random) -> bytes:
    """An answer with some rows of any type."""
    values = [
        number(chance.randrange(-(2**31), 2**31)),
        wrap(COUNTER, chance.randbytes(chance.randrange(1, 5))),
        wrap(COUNTER64, chance.randbytes(chance.randrange(1, 9))),
        wrap(GAUGE, chance.randbytes(4)),
        octets(chance.randbytes(chance.randrange(0, 40))),
        oid((1, 3, 6, 1, chance.randrange(2**32))),
        wrap(NO_INSTANCE, b""),
        wrap(END_OF_VIEW, b""),
    ]
    rows = [
        sequence(oid((1, 3, 6, 1, 2, 1, chance.randrange(200), place)), chance.choice(values))
        for place in range(chance.randrange(0, 12))
    ]
    return wrap(RESPONSE, number(ASKED) + number(0) + number(0) + sequence(*rows))


def damaged(chance: random.Random, whole: bytes) -> bytes:
    """A message that something happened to."""
    some = bytearray(whole)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(some) + 1)
        how = chance.randrange(6)
        if how == 0:
            some = some[:at]
        elif how == 1:
            some[at:at] = chance.randbytes(chance.randrange(1, 9))
        elif how == 2:
            some += some[at:]
        elif how == 3:
            del some[at : at + chance.randrange(1, 5)]
        elif some:
            some[at % len(some)] = chance.choice([0, 0x7F, 0x80, 0x84, 0xFF, chance.randrange(256)])
        some = some[:4096]
    return bytes(some)


def tried(inputs: Iterator[bytes], read: Callable[[bytes], object]) -> tuple[int, int]:
    """How many were read and how many refused; anything else is an error of ours. None takes long, nothing grows."""
    taken = refused = 0
    slowest, before = 0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for one in inputs:
        began = time.process_time()
        try:
            read(one)
            taken += 1
        except Broken:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    assert slowest < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
    return taken, refused


def test_random_bytes_are_refused_by_whoever_asks() -> None:
    chance = chances()
    for who in (Community("northside reads"), a_user()):
        messages = (chance.randbytes(chance.randrange(0, 300)) for _ in range(INPUTS // 4))

        taken, refused = tried(messages, Listener(who).read)

        assert (taken, refused) == (0, INPUTS // 4)


def test_damaged_answers_to_a_community_are_read_or_refused() -> None:
    chance, who = chances(), Community("northside reads")
    messages = (damaged(chance, who.wrap(an_answer(chance), ASKED)) for _ in range(INPUTS))

    taken, refused = tried(messages, Listener(who).read)

    assert taken + refused == INPUTS
    assert refused > taken > 0


def test_a_message_that_was_changed_on_its_way_is_never_taken_for_the_device_s() -> None:
    chance, device = chances(), a_user()
    reader = Listener(a_user())

    for _ in range(INPUTS // 4):
        whole = device.wrap(an_answer(chance), ASKED)
        changed = damaged(chance, whole)
        try:
            told = reader.read(changed)
        except Broken:
            continue
        assert told is None or told[0] != RESPONSE or changed == whole


@pytest.mark.parametrize("cipher", ["", "a password for encrypting"], ids=["signed", "encrypted"])
def test_what_a_device_itself_signs_is_read_or_refused_whatever_it_says(cipher: str) -> None:
    chance, device = chances(), a_user(cipher)
    inputs = INPUTS // (40 if cipher else 4)  # the cipher is ours, and slow
    messages = (device.wrap(damaged(chance, an_answer(chance)), ASKED) for _ in range(inputs))

    taken, refused = tried(messages, Listener(a_user(cipher)).read)

    assert taken + refused == inputs
    assert taken > 0


class Anything(Manager):
    """A device that says anything to any question, in any type."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def a_value(self) -> Value:
        """Anything."""
        texts = (
            b"",
            b"Black @ Toner\0",
            b"35 C/95 F",
            b"1.79 TB",
            b"999999999999999999999 TB",
            b"Ready",
            b"\xff\xfe" * 40,
        )
        numbers = (0, 1, -1, -2, -3, 5, 100, 2**31, 2**64 - 1, -(2**63), self.chance.randrange(2**32))
        chosen: list[Value] = [
            self.chance.choice(texts), self.chance.choice(numbers), None, (1, 3, 6, 1, 2, 1, 25, 2, 1, 4),
            self.chance.randbytes(8), b"9" * 5000,
        ]  # fmt: skip
        return self.chance.choice(chosen)

    def get(self, names: Any) -> dict[Oid, Value]:
        """Anything, or nothing."""
        return {name: value for name in names if (value := self.a_value()) is not None}

    def walk(self, under: Oid) -> Iterator[tuple[Oid, Value]]:
        """Some rows of anything."""
        assert under
        for place in range(self.chance.randrange(0, 12)):
            yield (place, *[7] * self.chance.randrange(0, 2)), self.a_value()


def test_devices_that_say_anything_give_figures_and_texts_or_a_reason() -> None:
    chance = chances()
    for place in range(INPUTS // 10):
        kind = list(KINDS)[place % len(KINDS)]
        memory: Any = chance.choice([{}, {"at": time.time() - 60, "up": 1, "counted": {"in": {"1": 5, "2": "x"}}}])
        asked = Asked("x", {"ports": chance.choice(["", "1", "Black, 2"])}, [], memory)
        outcome = Outcome()
        try:
            for read in KINDS[kind]:
                read(snmp_devices.Talk(Anything(chance), outcome, asked))
        except (CannotAsk, Fails):
            continue
        assert all(math.isfinite(figure) for figure in outcome.figures.values())
        assert all(len(name) < 100 and name.isprintable() for name in outcome.figures)
        assert all(isinstance(text, str | list | float) for text in outcome.facts.values())
