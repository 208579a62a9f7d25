"""The front: what it keeps, what it refuses, and that nobody can hold it up."""

import json
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.agents.enrolling import revoke
from rounds.agents.models import CheckIn, Refusal
from rounds.agents.ordering import order
from rounds.clients.models import Machine
from tests.agents.front import Running, check_in, enrolled


def _numbers() -> list[int]:
    return list(CheckIn.objects.order_by("number").values_list("number", flat=True))


def test_a_check_in_is_on_disk_when_it_is_answered(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)

    status, answer = front.send(secret, check_in(1))

    assert status == 200
    assert (answer["received"], answer["highest"], answer["jobs"]) == (1, 1, [])
    assert datetime.fromisoformat(answer["time"]) == pytest.approx(datetime.now(UTC), abs=timedelta(seconds=5))
    row = CheckIn.objects.get()
    assert row.agent == agent
    assert json.loads(zlib.decompress(row.body))["number"] == 1
    assert row.received_at == pytest.approx(timezone.now(), abs=timedelta(seconds=5))


def test_a_number_that_comes_twice_is_kept_once_and_acknowledged_twice(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    told = check_in(7)

    answers = [front.send(secret, told) for _ in range(3)]

    assert [status for status, _ in answers] == [200, 200, 200]
    assert _numbers() == [7]


def test_many_senders_in_any_order_with_repeats_leave_each_number_once(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    numbers = [*range(1, 101), *range(1, 101, 3)]
    shuffled = sorted(numbers, key=lambda number: (number * 7919) % 101)

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda number: front.send(secret, check_in(number))[0], shuffled))

    assert set(statuses) == {200}
    assert _numbers() == list(range(1, 101))


def test_the_highest_number_of_an_epoch_is_told(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    front.send(secret, check_in(150))

    _, set_back = front.send(secret, check_in(101))
    _, anew = front.send(secret, check_in(102, epoch=2))

    assert set_back["highest"] == 150
    assert anew["highest"] == 102


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic dTpw", "Bearer " + "x" * 5000])
def test_a_stranger_is_refused_and_told_to_keep_what_he_has(front: Running, header: str) -> None:
    status, _, answer = front.ask("POST", "/check-in", b"{}", {"Authorization": header})

    assert status == 401
    assert json.loads(answer)["drop"] is False
    assert not CheckIn.objects.exists()


def test_an_agent_whose_enrolment_was_withdrawn_is_a_stranger(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    revoke(agent, at=timezone.now())

    assert front.send(secret, check_in(1))[0] == 401


def _packed(**more: Any) -> bytes:
    return zlib.compress(json.dumps({**check_in(1), **more}).encode())


@pytest.mark.parametrize(
    "body",
    [
        zlib.compress(b"not JSON"),
        zlib.compress(b"[]"),
        zlib.compress(b"{}"),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b"[" * 200_000),
        zlib.compress(json.dumps({**check_in(1), "facts": {"a": "\0"}}).encode()),
        _packed(v=2),
        _packed(number=0),
        _packed(number=-1),
        _packed(number=2**70),
        _packed(number="1"),
        _packed(epoch=0),
        _packed(taken_at="yesterday"),
        _packed(taken_at="2026-11-22T21:00:00"),
        _packed(samples={"processor.percent": "high"}),
        _packed(samples={"x" * 300: 1}),
        _packed(disks={"/": 3}),
        _packed(results=[{"job": "x"}]),
    ],
)
def test_what_is_malformed_is_refused_for_good(front: Running, srv01: Machine, body: bytes) -> None:
    _, secret = enrolled(srv01)

    status, answer = front.send(secret, body)

    assert status == 400
    assert (answer["code"], answer["drop"]) == ("malformed", True)
    assert answer["reason"]
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("body", [b"", b"not zlib", _packed()[:-6], _packed() + b"more"])
def test_what_was_damaged_on_its_way_is_asked_for_again(front: Running, srv01: Machine, body: bytes) -> None:
    _, secret = enrolled(srv01)

    status, answer = front.send(secret, body)

    assert (status, answer["code"], answer["drop"]) == (400, "cut", False)
    assert not CheckIn.objects.exists()


def test_what_is_too_large_is_refused_however_it_says_so(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    bomb = zlib.compress(b" " * (9 * 1024 * 1024))

    inflated = front.send(secret, bomb)
    sent = front.send(secret, b"x" * (1024 * 1024 + 1))

    assert [(status, answer["code"], answer["drop"]) for status, answer in (inflated, sent)] == [
        (413, "too-large", True),
        (413, "too-large", True),
    ]


def test_a_gigabyte_is_refused_before_it_arrives(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    line = socket.create_connection(("127.0.0.1", front.port), 10)
    head = f"POST /check-in HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\nContent-Length: 1000000000\r\n\r\n"

    line.sendall(head.encode() + b"x" * 1000)

    assert line.recv(100).startswith(b"HTTP/1.1 413")
    line.close()


def test_a_body_in_chunks_that_never_says_its_size_is_bounded_too(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    line = socket.create_connection(("127.0.0.1", front.port), 10)
    head = f"POST /check-in HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\nTransfer-Encoding: chunked\r\n\r\n"
    line.sendall(head.encode())
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    try:
        for _ in range(40):
            line.sendall(chunk)
    except OSError:
        pass  # it has hung up, as it may

    assert line.recv(100).startswith(b"HTTP/1.1 413")
    line.close()


def test_a_check_in_from_the_future_is_refused_until_its_stamp_is_corrected(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    soon, far = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (9, 11))

    assert front.send(secret, check_in(1, taken_at=soon))[0] == 200
    status, answer = front.send(secret, check_in(2, taken_at=far))

    assert (status, answer["code"], answer["drop"]) == (422, "future", False)
    assert datetime.fromisoformat(answer["time"]) == pytest.approx(datetime.now(UTC), abs=timedelta(seconds=5))
    assert _numbers() == [1]


def test_a_week_old_check_in_is_taken_and_an_older_one_is_not(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    week, older = (datetime.now(UTC) - timedelta(days=days) for days in (7, 9))

    assert front.send(secret, check_in(1, taken_at=week))[0] == 200
    status, answer = front.send(secret, check_in(2, taken_at=older))

    assert (status, answer["code"], answer["drop"]) == (422, "stale", True)


def test_jobs_are_named_until_their_machine_has_reported(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    params = {"repository": "/backup", "password_file": "/pw", "seed": "s", "count": 3}
    job = order(srv01, "restore-files", params, cause="test:1", at=timezone.now())

    _, answer = front.send(secret, check_in(1))

    assert answer["jobs"] == [{"id": job.pk, "kind": "restore-files", "params": params, "within_seconds": 3600}]


def test_refusals_are_counted(front: Running, srv01: Machine) -> None:
    agent, secret = enrolled(srv01)
    for _ in range(3):
        front.send(secret, b"not zlib")
    front.send("wrong", check_in(1))

    until = time.monotonic() + 10
    while time.monotonic() < until and Refusal.objects.count() < 2:
        time.sleep(0.1)

    assert sum(Refusal.objects.filter(agent=agent, code="cut").values_list("count", flat=True)) == 3
    assert sum(Refusal.objects.filter(agent=None, code="unknown").values_list("count", flat=True)) == 1


SENDERS = 400


def test_senders_of_half_a_body_hold_up_neither_pages_nor_check_ins(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    front.ask("GET", "/account/login/")
    lines = [socket.create_connection(("127.0.0.1", front.port), 15) for _ in range(SENDERS)]
    for number, line in enumerate(lines):
        path = "/check-in" if number % 2 else "/account/login/"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\nContent-Length: 1000\r\n\r\n"
        )
        line.sendall(head.encode() + b"Content-Length: 1000\r\n\r\nhalf")

    began = time.monotonic()
    page, _, _ = front.ask("GET", "/account/login/")
    status, _ = front.send(secret, check_in(1))
    took = time.monotonic() - began

    assert (page, status) == (200, 200)
    assert took < 3
    assert lines[1].recv(200).startswith(b"HTTP/1.1 408")  # after ten seconds
    for line in lines:
        line.close()


def test_pages_come_through_whole(front: Running, srv01: Machine) -> None:
    del srv01
    status, headers, body = front.ask("GET", "/account/login/?next=/a%20b%2Fc")
    head_status, _, head_body = front.ask("HEAD", "/account/login/")
    missing, _, _ = front.ask("GET", "/static/n%C3%B6/../x")

    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert b"</html>" in body
    assert (head_status, head_body) == (200, b"")
    assert missing == 404


def test_a_page_takes_no_endless_body(front: Running) -> None:
    line = socket.create_connection(("127.0.0.1", front.port), 10)
    line.sendall(b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\nx")

    assert line.recv(100).startswith(b"HTTP/1.1 413")
    line.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    noise=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(zlib.compress),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(lambda told: zlib.compress(json.dumps(told).encode())),
        st.dictionaries(
            st.sampled_from(["v", "epoch", "number", "taken_at", "samples", "disks", "facts", "probes", "results"]),
            st.none() | st.integers() | st.text() | st.dictionaries(st.text(), st.integers() | st.text()),
        ).map(lambda told: zlib.compress(json.dumps({**check_in(1), **told}).encode())),
    )
)
def test_noise_is_refused_or_kept_and_never_an_error_of_the_server(
    front: Running, srv01: Machine, noise: bytes, known: dict[str, str]
) -> None:
    if not known:
        known["secret"] = enrolled(srv01)[1]

    status, answer = front.send(known["secret"], noise)

    assert status in {200, 400, 413, 422}
    assert "reason" in answer or "received" in answer


@pytest.fixture
def known() -> dict[str, str]:
    return {}
