"""Two machines of one identity: a copied disk is noticed by its nonces; one that was set back is no copy."""

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from rounds.agents.copies import Lines
from rounds.agents.enrolling import Asked, enrol
from rounds.agents.models import CheckIn
from rounds.clients.models import Machine
from tests.agents.front import Running, check_in, enrolled


def _says(lines: Lines, echo: str, times: int = 1) -> str:
    """Check in so often; the nonce that this machine has then."""
    for _ in range(times):
        echo = lines.hear(echo).nonce
    return echo


def test_two_machines_that_both_live_are_told_apart_and_the_younger_goes() -> None:
    lines = Lines()
    first = _says(lines, "", 5)
    second = first  # the disk is copied with the agent running: even the memory is the same

    verdicts = []
    for _ in range(4):
        one = lines.hear(first)
        first = one.nonce
        other = lines.hear(second)
        second = other.nonce
        verdicts.append((one.is_set_apart, other.is_set_apart))

    assert (False, True) in verdicts
    assert not any(one for one, _ in verdicts)


def test_a_disk_that_was_set_back_again_and_again_is_one_machine() -> None:
    lines = Lines()
    old = _says(lines, "", 10)
    for _ in range(20):
        _says(lines, old, 3)

    assert not any(line.is_set_apart for line in lines.lines)


def test_lost_answers_and_starts_are_no_copy() -> None:
    lines, nonce = Lines(), ""
    for number in range(500):
        told = lines.hear(nonce).nonce
        nonce = "" if number % 50 == 0 else (nonce if number % 3 == 0 else told)

    assert not any(line.is_set_apart for line in lines.lines)
    assert len(lines.lines) <= 64


@pytest.mark.django_db(transaction=True)
def test_a_copy_is_given_a_token_and_becomes_a_machine_of_its_own(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    nonces, answers = ["", ""], []
    for number in range(1, 5):
        for which in (0, 1):
            status, told = front.send(secret, check_in(number * 10 + which), **{"Rounds-Nonce": nonces[which]})
            answers.append((which, status, told))
            nonces[which] = told["nonce"]

    apart = [(which, told) for which, status, told in answers if status == 409]
    assert apart
    assert {which for which, _ in apart} == {1}
    copy = enrol(Asked(apart[0][1]["token"], "c" * 32, "d" * 64), at=timezone.now())
    assert copy.machine != srv01
    assert copy.machine.site == srv01.site
    assert copy.token.copy_of is not None
    assert copy.token.copy_of.machine == srv01


def _packed(*bodies: bytes) -> bytes:
    return b"".join(len(body).to_bytes(4, "big") + body for body in bodies)


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_kept_once_and_what_is_refused_of_it_holds_up_nothing(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    old = check_in(1, taken_at=datetime.now(UTC) - timedelta(days=30))
    bodies = [_zipped(old), *(_zipped(check_in(number)) for number in range(2, 30))]

    for _ in range(2):
        status, told = front.send_many(secret, _packed(*bodies))

    assert status == 200
    assert sorted(number for _, number in told["kept"]) == list(range(2, 30))
    assert [(one["number"], one["code"], one["drop"]) for one in told["refused"]] == [(1, "stale", True)]
    assert CheckIn.objects.filter(agent=agent).count() == 28


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keep", [3, 40, -1])
def test_a_batch_that_a_proxy_cut_off_is_asked_for_again(front: Running, srv01: Machine, keep: int) -> None:
    agent, secret = enrolled(srv01)
    whole = _packed(*(_zipped(check_in(number)) for number in range(1, 4)))

    status, told = front.send_many(secret, whole[:keep])
    one, said = front.send(secret, _zipped(check_in(9))[:keep])

    assert (status, told["code"], told["drop"]) == (400, "cut", False)
    assert (one, said["code"], said["drop"]) == (400, "cut", False)
    assert not CheckIn.objects.filter(agent=agent).exists()


def _zipped(told: dict[str, object]) -> bytes:
    return zlib.compress(json.dumps(told).encode())
