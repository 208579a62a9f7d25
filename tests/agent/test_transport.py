"""The transport: whole answers are read, everything else is told, certificates are checked."""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rounds_agent.transport import Address, Line, NoAnswer, Proxy


@contextmanager
def _answering(*answers: bytes, tls: ssl.SSLContext | None = None, hold: bool = False) -> Iterator[int]:
    """A server that gives one answer a connection, then hangs up, or holds the line."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        for answer in answers:
            try:
                line, _ = listening.accept()
                line = tls.wrap_socket(line, server_side=True) if tls else line
                line.recv(65536)
                line.sendall(answer)
                if hold:
                    done.wait(10)
                line.close()
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        done.set()
        listening.close()
        thread.join(5)


def _post(port: int, timeout: float = 2.0) -> tuple[int, bytes]:
    line = Line(Address(f"http://127.0.0.1:{port}/prefix"), timeout=timeout)
    try:
        return line.post("/check-in", b"{}", {})
    finally:
        line.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello and more",
        b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\n\nhello",
    ],
)
def test_every_form_of_a_whole_answer_is_read(answer: bytes) -> None:
    with _answering(answer) as port:
        assert _post(port) == (200, b"hello")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nhe",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhe",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"x" * 200_000,
    ],
)
def test_what_is_no_answer_is_told_as_such(answer: bytes) -> None:
    with _answering(answer) as port, pytest.raises(NoAnswer):
        _post(port)


def test_a_server_that_never_finishes_is_given_up() -> None:
    with (
        _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", hold=True) as port,
        pytest.raises(NoAnswer, match=r"in time|timed out"),
    ):
        _post(port, timeout=0.3)


def test_a_line_that_the_server_has_closed_is_opened_again() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with _answering(answer, answer) as port:
        line = Line(Address(f"http://127.0.0.1:{port}"), timeout=2)

        assert line.post("/a", b"", {}) == (200, b"ok")
        assert line.post("/b", b"", {}) == (200, b"ok")
        line.close()


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com", "https://", "https://host:port", "http:///x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        Address(url)


def test_addresses_are_read() -> None:
    shop = Address("https://rounds.example.com/shop/")
    local = Address("http://[::1]:8000")

    assert (shop.host, shop.port, shop.prefix, shop.is_tls) == ("rounds.example.com", 443, "/shop", True)
    assert (local.host, local.port, local.is_loopback) == ("::1", 8000, True)


def test_a_name_with_other_letters_is_asked_for_as_names_are() -> None:
    shop, proxy = Address("https://runden.bücher.example:8443/laden"), Proxy("straße.example", 3128)

    assert (shop.host, shop.port, shop.place) == (
        "runden.xn--bcher-kva.example",
        8443,
        "runden.xn--bcher-kva.example:8443",
    )
    assert proxy.host == "strasse.example"
    with pytest.raises(ValueError, match="can be no host's name"):
        Address(f"https://ü{'x' * 70}.example")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for this machine, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    places = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    signed = built.add_extension(places, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(plain + signed.public_bytes(serialization.Encoding.PEM))
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_server_whose_certificate_is_trusted_is_spoken_to(certificate: Path) -> None:
    with _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", tls=_tls(certificate)) as port:
        line = Line(Address(f"https://localhost:{port}"), ca=str(certificate), timeout=3)

        assert line.post("/check-in", b"{}", {}) == (200, b"ok")
        line.close()


def test_to_speak_to_a_server_loads_no_table_of_all_letters(certificate: Path) -> None:
    ask = (
        "import sys; from rounds_agent.transport import Address, Line\n"
        "print(Line(Address(sys.argv[1]), ca=sys.argv[2], timeout=3).post('/check-in', b'', {}))\n"
        "print(*sys.modules)"
    )
    with _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", tls=_tls(certificate)) as port:
        command = [sys.executable, "-c", ask, f"https://localhost:{port}", str(certificate)]
        answer, loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    assert answer == "(200, b'ok')"
    assert {"unicodedata", "stringprep", "email", "http"}.isdisjoint(loaded.split())


def test_a_server_whose_certificate_nobody_vouches_for_hears_nothing(certificate: Path) -> None:
    with (
        _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", tls=_tls(certificate)) as port,
        pytest.raises(NoAnswer, match="certificate"),
    ):
        Line(Address(f"https://localhost:{port}"), timeout=3).post("/check-in", b"secret", {})
