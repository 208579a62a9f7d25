"""Enrolling from the machine's side: what is kept of an identity when the shop refuses, is busy, or does not answer."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rounds_agent.__main__ import ENROL
from rounds_agent.enrolling import enrol
from rounds_agent.home import read_json, write_json

IN = 201, {"machine": 7, "name": "pc-07"}
REFUSED = 403, {"reason": "this token has been used"}
BUSY = 503, {"code": "busy", "reason": "later"}


class Shop(ThreadingHTTPServer):
    """Answers one enrolment after the other with what is in `answers`, and keeps what was asked."""

    answers: list[tuple[int, dict[str, Any]]]
    asked: list[dict[str, Any]]


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, told = self.server.answers.pop(0)
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop(("127.0.0.1", 0), _Handler)
    server.answers, server.asked = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _enrol(shop: Shop, home: Path, token: str, **more: str) -> int:
    options = dict.fromkeys((*ENROL, "expect-processes", "expect-services"), "")
    server = f"http://127.0.0.1:{shop.server_port}"
    return enrol({**options, "server": server, "token": token, "home": str(home), **more})


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_shop_that_is_busy_has_refused_nobody(shop: Shop, tmp_path: Path, status: int) -> None:
    shop.answers = [(status, BUSY[1]), IN]

    first, again = _enrol(shop, tmp_path, "one"), _enrol(shop, tmp_path, "one")

    assert (first, again) == (1, 0)
    assert shop.asked[0] == shop.asked[1]
    assert read_json(tmp_path / "config.json")["instance"] == shop.asked[0]["instance"]


def test_what_is_refused_leaves_nothing_and_another_token_asks_as_somebody_else(shop: Shop, tmp_path: Path) -> None:
    shop.answers = [REFUSED, IN]

    refused = _enrol(shop, tmp_path, "one", **{"watch-networks": "any", "expect-services": "ssh"})
    left = [path.name for path in tmp_path.iterdir() if path.is_file()]
    let_in = _enrol(shop, tmp_path, "two")

    assert (refused, left, let_in) == (1, [], 0)
    assert shop.asked[0]["instance"] != shop.asked[1]["instance"]
    assert read_json(tmp_path / "policy.json") == {}


def test_what_was_written_on_the_machine_before_stays_when_it_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.answers = [REFUSED]
    (tmp_path / "policy.json").write_text('{"watches": {"networks": ["any"]}}')

    _enrol(shop, tmp_path, "one")

    assert read_json(tmp_path / "policy.json") == {"watches": {"networks": ["any"]}}


def test_a_link_that_somebody_laid_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "others").write_text("theirs")
    (tmp_path / f".policy.json.{os.getpid()}").symlink_to(tmp_path / "others")

    with pytest.raises(OSError, match="symbolic links"):
        write_json(tmp_path / "policy.json", {})

    assert (tmp_path / "others").read_text() == "theirs"


def test_a_lost_answer_is_asked_for_again_with_the_same_token_and_not_with_another(shop: Shop, tmp_path: Path) -> None:
    shop.answers = [BUSY, REFUSED, IN]

    for token in ("one", "two", "one"):
        _enrol(shop, tmp_path, token)

    first, other, again = (asked["instance"] for asked in shop.asked)
    assert first == again != other
    assert read_json(tmp_path / "config.json")["instance"] == first
