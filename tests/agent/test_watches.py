"""Watches against real servers: what they give when all is well, when it is not, and when it cannot be asked."""

import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds_agent.watches import dns, ping
from rounds_agent.watches.outcomes import CannotAsk, Fails
from rounds_agent.watches.policy import Wrong, address_of, is_allowed, networks_of, read_networks
from rounds_agent.watches.running import ask
from tests.agent.servers import (
    answering,
    certificate,
    closed_port,
    dns_answer,
    mail_server,
    nothing,
    saying,
    speaking,
    web_server,
)

HERE = {"watches": {"networks": ["127.0.0.0/8", "::1"]}}


def looked(kind: str, target: str, policy: Any = HERE, **settings: Any) -> dict[str, Any]:
    """What a watch gives."""
    return ask({"id": 1, "kind": kind, "target": target, "settings": settings}, policy, None)[0]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificates"))


def test_a_ping_of_this_machine_is_answered_in_less_than_a_tenth_of_a_second() -> None:
    told = looked("ping", "127.0.0.1")

    assert told["ok"] is True
    assert 0 < told["figures"]["milliseconds"] < 100
    assert told["figures"]["lost.percent"] == 0


def test_a_ping_without_sockets_for_it_goes_by_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[float]:
        raise PermissionError("not allowed")

    monkeypatch.setattr(ping, "_by_socket", refuse)

    told = looked("ping", "127.0.0.1")

    from_the_program = told["ok"] is True and told["figures"]["milliseconds"] < 100
    assert from_the_program or (told["ok"] is None and "no program" in told["why"])


@pytest.mark.parametrize(
    ("said", "milliseconds"),
    [
        ("64 bytes from 10.0.0.5: icmp_seq=1 ttl=64 time=0.045 ms\n\nrtt min/avg/max/mdev = 0.04/0.04 ms", [0.045]),
        ("Reply from 10.0.0.5: bytes=32 time<1ms TTL=128\r\nReply from 10.0.0.5: bytes=3 time=3ms TTL=8", [1.0, 3.0]),
        ("Antwort von 10.0.0.5: Bytes=32 Zeit=12ms TTL=57\r\nZeitüberschreitung der Anforderung.", [12.0]),
        ("3 packets transmitted, 0 received, 100% packet loss, time 2031ms", []),
    ],
)  # fmt: skip
def test_what_ping_programs_say_is_read_in_any_language(said: str, milliseconds: list[float]) -> None:
    assert ping.times_in(said) == milliseconds


@given(st.binary(max_size=64))
def test_a_packet_with_its_checksum_sums_up_to_nothing(packet: bytes) -> None:
    packet += b"\0" * (len(packet) % 2)

    whole = packet + struct.pack("!H", ping.checksum(packet))

    assert ping.checksum(whole) == 0


def test_a_port_that_takes_connections_answers_and_a_closed_one_fails() -> None:
    with speaking(nothing) as port:
        assert looked("tcp", f"127.0.0.1:{port}")["ok"] is True

    told = looked("tcp", f"127.0.0.1:{closed_port()}")

    assert told["ok"] is False
    assert "refused" in told["why"]


def test_a_port_is_needed_and_a_bad_one_cannot_be_asked() -> None:
    for target in ("127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"):
        assert looked("tcp", target)["ok"] is None


def test_a_page_is_well_by_its_status_its_text_and_where_it_leads() -> None:
    pages: dict[str, Any] = {
        "/": (200, {}, b"Welcome to Northside"),
        "/old": (301, {"Location": "/"}, b""),
        "/round": (302, {"Location": "/round"}, b""),
        "/broken": (500, {}, b"oops"),
    }
    with web_server(pages) as port:
        here = f"http://127.0.0.1:{port}"

        well = looked("http", f"{here}/", text="Northside")
        led = looked("http", f"{here}/old", text="Welcome")
        assert well["ok"] is True
        assert well["figures"]["status"] == 200
        assert led["ok"] is True
        assert led["facts"]["leads_to"] == f"{here}/"
        assert looked("http", f"{here}/old", status=301)["ok"] is True
        assert looked("http", f"{here}/broken")["why"] == "it answers 500 Internal Server Error"
        assert looked("http", f"{here}/", text="Southside")["why"] == "“Southside” does not stand in it"
        assert "leads on and on" in looked("http", f"{here}/round")["why"]
        assert looked("http", f"{here}/none", status=404)["ok"] is True


def test_a_page_that_leads_out_of_the_allowed_networks_is_not_followed() -> None:
    with web_server({"/": (302, {"Location": "http://192.0.2.7/"}, b"")}) as port:
        told = looked("http", f"http://127.0.0.1:{port}/")

    assert told["ok"] is None
    assert told["why"] == "this machine's policy does not allow 192.0.2.7"


@pytest.mark.parametrize(
    "said", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"HTTP/1.1 x\r\n"]
)
def test_what_is_no_answer_of_a_web_server_fails(said: bytes) -> None:
    with speaking(saying(said)) as port:
        assert looked("http", f"http://127.0.0.1:{port}/")["ok"] is False


def test_a_page_that_never_ends_is_read_for_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(way: socket.socket) -> None:
        way.recv(999)
        way.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            way.sendall(b"x")
            time.sleep(0.05)

    monkeypatch.setitem(sys.modules["rounds_agent.watches.running"].KINDS, "http", ("http", 0.5))
    with speaking(drip) as port:
        began = time.monotonic()
        told = looked("http", f"http://127.0.0.1:{port}/")

    assert told["ok"] is False
    assert time.monotonic() - began < 5


def test_a_certificate_tells_when_it_ends_and_whether_anybody_vouches_for_it(pem: Path) -> None:
    with web_server({"/": (200, {}, b"")}, pem) as port:
        believed = looked("tls", f"127.0.0.1:{port}", ca=str(pem), server_name="localhost")
        doubted = looked("tls", f"127.0.0.1:{port}")
        only_the_end = looked("tls", f"127.0.0.1:{port}", any_certificate=True)

    assert believed["ok"] is True
    assert 88 < believed["figures"]["certificate.days"] <= 90
    assert believed["facts"]["certificate"]["name"] == "localhost"
    assert doubted["ok"] is False
    assert "nobody vouches" in doubted["why"]
    assert doubted["figures"]["certificate.days"] == believed["figures"]["certificate.days"]
    assert only_the_end["ok"] is True
    assert "self-signed" in only_the_end["facts"]["certificate"]["distrust"]


def test_a_certificate_of_another_name_is_not_believed(pem: Path) -> None:
    with web_server({"/": (200, {}, b"")}, pem) as port:
        told = looked("tls", f"127.0.0.1:{port}", ca=str(pem), server_name="mail.example")

    assert told["ok"] is False
    assert "mail.example" in told["why"]


def test_a_web_address_with_encryption_tells_of_its_certificate(pem: Path) -> None:
    with web_server({"/": (200, {}, b"")}, pem) as port:
        assert looked("http", f"https://127.0.0.1:{port}/", ca=str(pem))["figures"]["certificate.days"] > 88
        assert "nobody vouches" in looked("http", f"https://127.0.0.1:{port}/")["why"]
        assert looked("http", f"https://127.0.0.1:{port}/", any_certificate=True)["ok"] is True


def test_no_tls_where_it_is_expected_fails() -> None:
    with speaking(lambda way: way.sendall(b"220 hello\r\n")) as port:
        told = looked("tls", f"127.0.0.1:{port}")

    assert told["ok"] is False
    assert "TLS does not come about" in told["why"]


def test_a_name_server_answers_with_what_is_expected() -> None:
    with answering(lambda packet: dns_answer(packet, 1, socket.inet_aton("192.0.2.5"))) as port:
        where = f"127.0.0.1:{port}"
        well = looked("dns", where, name="www.northside.example", record="A", answer="192.0.2.5")
        other = looked("dns", where, name="www.northside.example", record="A", answer="192.0.2.6")
        none = looked("dns", where, name="www.northside.example", record="MX")

    assert well["ok"] is True
    assert well["facts"]["answers"] == ["192.0.2.5"]
    assert other["why"] == "www.northside.example is 192.0.2.5, not 192.0.2.6"
    assert none["why"] == "it knows no MX of www.northside.example"


def test_the_records_of_mail_and_texts_are_read() -> None:
    mail = b"\x00\x0a\x04mail\xc0\x0c"
    with answering(lambda packet: dns_answer(packet, 15, mail)) as port:
        assert looked("dns", f"127.0.0.1:{port}", name="a.example", record="MX")["facts"]["answers"] == [
            "10 mail.a.example"
        ]
    with answering(lambda packet: dns_answer(packet, 16, b"\x03v=s\x02pf")) as port:
        assert looked("dns", f"127.0.0.1:{port}", name="a.example", record="TXT")["facts"]["answers"] == ["v=spf"]


def test_a_name_server_that_has_no_such_name_or_says_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules["rounds_agent.watches.running"].KINDS, "dns", ("dns", 1.0))
    with answering(lambda packet: dns_answer(packet, 1, code=3)) as port:
        assert looked("dns", f"127.0.0.1:{port}", name="a.example")["why"] == "there is no such name"
    with answering(lambda _packet: None) as port:
        assert "does not answer" in looked("dns", f"127.0.0.1:{port}", name="a.example")["why"]


def test_an_answer_too_long_for_a_packet_is_asked_for_by_a_connection() -> None:
    said: list[bytes] = []

    def by_connection(way: socket.socket) -> None:
        packet = way.recv(999)[2:]
        whole = dns_answer(packet, 1, *(socket.inet_aton(f"192.0.2.{number}") for number in range(40)))
        said.append(packet)
        way.sendall(struct.pack("!H", len(whole)) + whole)

    with speaking(by_connection) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        server.settimeout(5)

        def cut() -> None:
            packet, who = server.recvfrom(999)
            server.sendto(packet[:2] + b"\x83\x80" + packet[4:], who)

        threading.Thread(target=cut, daemon=True).start()
        told = looked("dns", f"127.0.0.1:{port}", name="a.example")

    assert len(told["facts"]["answers"]) == 40
    assert said


@given(st.binary(max_size=200))
def test_no_answer_of_a_name_server_breaks_the_reader(packet: bytes) -> None:
    try:
        found = dns.answers_in(packet, 1)
    except (Fails, ValueError, IndexError, struct.error):
        return
    assert isinstance(found, list)


def test_a_mail_server_greets_and_tells_of_its_certificate(pem: Path) -> None:
    with mail_server(pem) as port:
        told = looked("smtp", f"127.0.0.1:{port}", wants_starttls=True)
        strict = looked("smtp", f"127.0.0.1:{port}", trusted_certificate=True, ca=str(pem))
        doubted = looked("smtp", f"127.0.0.1:{port}", trusted_certificate=True)
    with mail_server() as port:
        plain = looked("smtp", f"127.0.0.1:{port}")
        lacking = looked("smtp", f"127.0.0.1:{port}", wants_starttls=True)

    assert told["ok"] is True
    assert told["facts"]["starttls"] is True
    assert 88 < told["figures"]["certificate.days"] <= 90
    assert strict["ok"] is True
    assert "nobody vouches" in doubted["why"]
    assert plain["ok"] is True
    assert plain["facts"]["starttls"] is False
    assert lacking["why"] == "it does not offer STARTTLS"


@pytest.mark.parametrize(
    ("said", "why"), [(b"554 go away\r\n", "554 go away"), (b"", "hangs up"), (b"x" * 70_000, "no end")]
)
def test_a_mail_server_that_does_not_greet_fails(said: bytes, why: str) -> None:
    with speaking(lambda way: way.sendall(said)) as port:
        told = looked("smtp", f"127.0.0.1:{port}")

    assert told["ok"] is False
    assert why in told["why"]


def test_without_a_word_in_the_machines_own_policy_nothing_is_watched() -> None:
    policies: list[Any] = [None, {}, {"watches": {}}, {"watches": {"networks": []}}, {"watches": "any"}, []]
    with speaking(nothing) as port:
        for policy in policies:
            told = looked("tcp", f"127.0.0.1:{port}", policy)
            assert told["ok"] is None
            assert told["why"] == "this machine's policy allows no watches"
        elsewhere = looked("tcp", f"127.0.0.1:{port}", {"watches": {"networks": ["10.0.0.0/8"]}})

    assert elsewhere["why"] == "this machine's policy does not allow 127.0.0.1"


def test_networks_are_read_and_hold() -> None:
    networks = read_networks(["192.168.1.0/24", "10.0.0.5", "fd00::/8"])

    assert is_allowed("192.168.1.77", networks)
    assert is_allowed("::ffff:10.0.0.5", networks)
    assert is_allowed("fd00::1%eth0", networks)
    assert not is_allowed("192.168.2.1", networks)
    assert not is_allowed("no address", networks)
    assert is_allowed("8.8.8.8", read_networks(["any"]))
    with pytest.raises(Wrong, match="no network like"):
        read_networks(["everywhere"])
    with pytest.raises(CannotAsk, match="no address"):
        address_of("no such name.invalid", networks)
    assert networks_of(HERE)


def test_a_kind_that_the_agent_does_not_know_cannot_be_asked() -> None:
    told = looked("telepathy", "127.0.0.1")

    assert told["ok"] is None
    assert "knows no watch" in told["why"]
