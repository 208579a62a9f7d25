"""The gate before the server: plain check-ins are taken there, all else goes on byte for byte, whoever mixes them."""

import json
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.agents.batches import read_row
from rounds.agents.keeping import Row
from rounds.agents.models import CheckIn
from rounds.clients.models import Machine
from rounds.web.gate import LONGEST_HEAD, MOST_HEADERS, REMEMBERED, read_head
from tests.agents.front import Running, check_in, enrolled
from tests.growing import left_behind

pytestmark = pytest.mark.django_db(transaction=True)


class Caller:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), 20)
        self.replies = self.line.makefile("rb")

    def reply(self) -> tuple[int, bytes]:
        """The next reply: status and body."""
        status = int(self.replies.readline().split()[1])
        length = 0
        while (line := self.replies.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return status, self.replies.read(length)

    def close(self) -> None:
        self.replies.close()
        self.line.close()


@pytest.fixture
def caller(front: Running) -> Iterator[Caller]:
    caller = Caller(front.port)
    yield caller
    caller.close()


def _request(secret: str, number: int, *more: str) -> bytes:
    body = zlib.compress(json.dumps(check_in(number)).encode())
    lines = [
        "POST /check-in HTTP/1.1", "Host: rounds", f"Authorization: Bearer {secret}", "Content-Encoding: deflate",
        f"Content-Length: {len(body)}", *more,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


PAGE = b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_check_ins_and_pages_share_a_connection(caller: Caller, srv01: Machine) -> None:
    _, secret = enrolled(srv01)

    caller.line.sendall(_request(secret, 1) + _request(secret, 2) + PAGE + _request(secret, 3))
    replies = [caller.reply() for _ in range(4)]

    assert [status for status, _ in replies] == [200, 200, 200, 200]
    assert [json.loads(replies[place][1])["received"] for place in (0, 1, 3)] == [1, 2, 3]
    assert b"</html>" in replies[2][1]
    assert CheckIn.objects.count() == 3


def test_a_check_in_may_come_a_byte_at_a_time(caller: Caller, srv01: Machine) -> None:
    _, secret = enrolled(srv01)

    for byte in _request(secret, 1):
        caller.line.sendall(bytes([byte]))
        time.sleep(0.003)  # longer, all of it, than the gate waits: the server behind gets the rest

    assert caller.reply()[0] == 200
    assert CheckIn.objects.get().number == 1


def test_of_many_that_come_at_once_each_has_its_own_answer(front: Running, srv01: Machine) -> None:
    _, secret = enrolled(srv01)
    front.send(secret, check_in(1))  # the agent is known: those that follow stay at the gate
    good, callers = _request(secret, 1), [Caller(front.port) for _ in range(40)]
    damaged = good[:-9] + bytes(9)
    sent = [damaged if place % 5 == 0 else _request(secret, place + 2) for place in range(40)]

    for caller, request in zip(callers, sent, strict=True):
        caller.line.sendall(request)
    replies = [caller.reply() for caller in callers]
    for caller in callers:
        caller.close()

    assert [status for status, _ in replies] == [400 if request is damaged else 200 for request in sent]
    told = [json.loads(body) for _, body in replies]
    assert {one["code"] for one in told[::5]} == {"cut"}
    assert [one["received"] for place, one in enumerate(told) if place % 5] == [n + 2 for n in range(40) if n % 5]
    assert CheckIn.objects.count() == 33


def test_one_that_makes_the_front_fail_holds_up_no_other(
    front: Running, srv01: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, secret = enrolled(srv01)
    front.send(secret, check_in(1))
    callers = [Caller(front.port) for _ in range(9)]

    def fail_at_the_fifth(agent_id: int, encoding: str, body: bytes, now: datetime) -> Row:
        row = read_row(agent_id, encoding, body, now)
        if row.number == 5:
            raise ZeroDivisionError
        return row

    monkeypatch.setattr("rounds.web.front.read_row", fail_at_the_fifth)
    for number, caller in enumerate(callers, 2):
        caller.line.sendall(_request(secret, number))
    told = [json.loads(caller.reply()[1])["received"] for n, caller in enumerate(callers, 2) if n != 5]
    again, _ = front.send(secret, check_in(30))
    for caller in callers:
        caller.close()

    assert told == [2, 3, 4, 6, 7, 8, 9, 10]
    assert again == 200
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "more",
    [
        "Content-Length: 3", "Transfer-Encoding: chunked", "Authorization: Bearer x",
        "X: a\nTransfer-Encoding: chunked",
        "Rounds-Nonce: ab\r\nContent-Length: 3", "Rounds-Nonce: ab\r\nRounds-Nonce: cd", "Rounds-Nonce: a\nX: b",
        "Rounds-Nonce: ab\r\nTransfer-Encoding: chunked", "rounds-nonce: ab\r\nRounds-Nonce: cd", "Rounds-Nonce: a\rb",
        "Rounds-Nonce: ab\r\n", "Rounds-Nonce: ", "Rounds-Nonce: ab\r\nPOST /check-in HTTP/1.1\r\nX: y",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_not_read_at_the_gate(more: str) -> None:
    head = f"POST /check-in HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer s\r\nContent-Length: 5\r\n{more}"

    assert read_head(head.encode()) is None


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_no_head_makes_the_gate_fail(noise: bytes) -> None:
    told = read_head(b"POST /check-in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + noise)

    assert told is None or told["content-length"] == "5"


@given(place=st.integers(0, 3), nonce=st.from_regex(r"[0-9a-f]{16}", fullmatch=True))
@settings(max_examples=50)
def test_it_does_not_matter_where_the_nonce_stands(place: int, nonce: str) -> None:
    lines = ["Host: a", "Rounds-Watches: none", "Content-Length: 5"]
    lines.insert(place, f"Rounds-Nonce: {nonce}")

    told = read_head("\r\n".join(["POST /check-in HTTP/1.1", *lines]).encode())

    expected = {"host": "a", "rounds-watches": "none", "content-length": "5", "rounds-nonce": nonce}
    assert told == (None if place == 0 else expected)  # in the first line, it goes to the server behind


@pytest.mark.parametrize("headers", [MOST_HEADERS - 2, 200])
def test_heads_of_strangers_are_not_remembered_without_bound(headers: int) -> None:
    def send_many() -> None:
        for number in range(REMEMBERED * 2):
            lines = [f"X{number:07}-{place}: {'y' * (1600 // headers - 12)}" for place in range(headers)]
            head = "\r\n".join(["POST /check-in HTTP/1.1", "Host: a", "Content-Length: 5", *lines]).encode()
            assert len(head) <= LONGEST_HEAD or headers == 200
            assert (read_head(head) is None) is (headers == 200)

    assert left_behind(send_many) < REMEMBERED * 10_000


def test_noise_before_a_request_is_the_server_s_to_refuse(caller: Caller) -> None:
    caller.line.sendall(b"POST /check-in \x00\x01\r\n\r\n")

    assert caller.line.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("pause", [0, 0.0005, 0.001, 0.005, 0.01, 0.05])
def test_a_refusal_of_a_long_body_arrives_though_the_body_is_still_coming(
    caller: Caller, srv01: Machine, pause: float
) -> None:
    _, secret = enrolled(srv01)
    head = f"POST /check-in HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {secret}\r\nContent-Length: 1048577\r\n\r\n"

    with suppress(BrokenPipeError, ConnectionResetError):
        caller.line.sendall(head.encode())
        for _ in range(16):
            caller.line.sendall(b"x" * 65536)
            time.sleep(pause)

    status, body = caller.reply()
    assert status == 413
    assert json.loads(body)["drop"] is True
