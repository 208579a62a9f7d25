"""The way out of a site: which proxy is taken, and that a real one is gone through."""

import socket
import threading
import time
from pathlib import Path

import pytest

from rounds_agent.clock import Clock
from rounds_agent.home import make_home
from rounds_agent.jobs import Jobs
from rounds_agent.others import Others
from rounds_agent.proxies import proxy_for, read_proxy
from rounds_agent.sending import Sender
from rounds_agent.spool import Spool
from rounds_agent.transport import Address, Line, NoAnswer
from tests.agent.shop import refusal, stand_in_shop

SHOP = Address("https://shop.example.com")


@pytest.mark.parametrize(
    ("setting", "environment", "taken"),
    [
        ("", {}, None),
        ("", {"HTTPS_PROXY": "http://proxy:8080"}, ("proxy", 8080)),
        ("", {"https_proxy": "proxy"}, ("proxy", 3128)),
        ("", {"HTTP_PROXY": "http://proxy:8080"}, None),
        ("", {"HTTPS_PROXY": "http://proxy:8080", "NO_PROXY": "other.com, .example.com"}, None),
        ("", {"HTTPS_PROXY": "http://proxy:8080", "NO_PROXY": "shop.example.com:444"}, ("proxy", 8080)),
        ("http://mine:1", {"HTTPS_PROXY": "http://proxy:8080", "NO_PROXY": "*"}, ("mine", 1)),
        ("none", {"HTTPS_PROXY": "http://proxy:8080"}, None),
    ],
)
def test_the_setting_goes_before_the_environment(
    setting: str, environment: dict[str, str], taken: tuple[str, int] | None
) -> None:
    proxy = proxy_for(SHOP, setting, environment)

    assert (proxy and (proxy.host, proxy.port)) == taken


@pytest.mark.parametrize("text", ["socks5://a:1", "http://", "a:b", "https://a:1"])
def test_what_is_no_proxy_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no proxy"):
        read_proxy(text)


def _proxy(answer: bytes) -> tuple[int, list[bytes]]:
    """A proxy that gives one answer, and keeps what it was asked."""
    listening, asked = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        line, _ = listening.accept()
        asked.append(line.recv(65536))
        line.sendall(answer)
        line.close()
        listening.close()

    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1], asked


def test_a_proxy_that_wants_another_password_says_so() -> None:
    port, asked = _proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    line = Line(SHOP, proxy=read_proxy(f"http://ann:p%40ss@127.0.0.1:{port}"), timeout=3)

    with pytest.raises(NoAnswer, match="answers 407"):
        line.post("/check-in", b"", {})

    assert asked[0].startswith(b"CONNECT shop.example.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic YW5uOnBAc3M=" in asked[0]


def test_without_tls_the_proxy_is_given_the_whole_address() -> None:
    port, asked = _proxy(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    line = Line(Address("http://shop.example.com/rounds"), proxy=read_proxy(f"127.0.0.1:{port}"), timeout=3)

    assert line.post("/check-in", b"", {}) == (200, b"{}")
    line.close()
    assert asked[0].startswith(b"POST http://shop.example.com/rounds/check-in HTTP/1.1\r\n")


def test_a_week_of_backlog_goes_in_batches_the_newest_first(tmp_path: Path) -> None:
    make_home(tmp_path)
    with stand_in_shop() as shop:
        sender = Sender(
            Line(Address(shop.address)), "s", Spool(tmp_path / "spool"), Clock(), (Jobs(tmp_path), Others(tmp_path))
        )
        for _ in range(1000):
            sender.spool.put({"v": 1, "taken_at": "2026-11-27T00:00:00Z", "results": []})

        sender.send(time.monotonic() + 60)

        assert [one["number"] for one in shop.check_ins] == list(range(1000, 0, -1))
        assert len(shop.headers) < 10
        assert len(sender.spool) == 0


def test_a_way_that_cuts_long_bodies_is_used_with_short_ones(tmp_path: Path) -> None:
    make_home(tmp_path)
    with stand_in_shop() as shop:
        sender = Sender(
            Line(Address(shop.address)), "s", Spool(tmp_path / "spool"), Clock(), (Jobs(tmp_path), Others(tmp_path))
        )
        for _ in range(100):
            sender.spool.put({"v": 1, "taken_at": "2026-11-27T00:00:00Z", "results": []})
        post = sender.line.post

        def cutting(path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
            if len(body) > 600:
                return 400, b'{"code": "cut", "drop": false}'
            return post(path, body, headers)

        sender.line.post = cutting  # type: ignore[method-assign]
        sender.send(time.monotonic() + 60)

        assert sorted(one["number"] for one in shop.check_ins) == list(range(1, 101))
        assert len(sender.spool) == 0


def test_a_machine_that_is_a_copy_learns_its_token(tmp_path: Path) -> None:
    make_home(tmp_path)
    with stand_in_shop() as shop:
        sender = Sender(
            Line(Address(shop.address)), "s", Spool(tmp_path / "spool"), Clock(), (Jobs(tmp_path), Others(tmp_path))
        )
        sender.spool.put({"v": 1, "taken_at": "2026-11-27T00:00:00Z", "results": []})
        status, told = refusal("copied", status=409, drop=False)
        shop.say = lambda _one: (status, {**told, "token": "once", "nonce": "n"})

        sender.send(time.monotonic() + 5)

        assert (sender.copied, sender.nonce, len(sender.spool)) == ("once", "n", 1)
