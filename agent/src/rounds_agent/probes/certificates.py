"""When the certificates on this machine end: those of Let's Encrypt, and of files that `expected.json` names."""

from __future__ import annotations

import binascii
import os

from rounds_agent.home import read_json, read_whole, under
from rounds_agent.probes.reading import IS_WINDOWS, Absent
from rounds_agent.probes.windows import accounts

LIVE = "/etc/letsencrypt/live"
BEGIN, END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
UTC_TIME, COMMON_NAME = 0x17, b"\x55\x04\x03"


def der_of(content: bytes) -> bytes:
    """The first certificate of a file, PEM or DER."""
    _, begun, rest = content.partition(BEGIN)
    return binascii.a2b_base64(rest.partition(END)[0]) if begun else content


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """A value of DER (X.690): its tag, where its content begins, where it ends."""
    tag, length, at = der[at], der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(der[at : at + count], "big"), at + count
    if at + length > len(der):
        raise ValueError("the certificate is cut off")
    return tag, at, at + length


def _children(der: bytes, at: int) -> list[tuple[int, int, int]]:
    _, at, end = _element(der, at)
    found = []
    while at < end:
        found.append(_element(der, at))
        at = found[-1][2]
    return found


def _starts(der: bytes, at: int) -> list[int]:
    """Where the parts of a sequence begin, with their tags."""
    _, here, end = _element(der, at)
    found = []
    while here < end:
        found.append(here)
        here = _element(der, here)[2]
    return found


def read(der: bytes) -> tuple[str, str]:
    """The subject's common name, and the moment of the end (RFC 5280, 4.1)."""
    parts = _starts(der, _starts(der, 0)[0])
    parts = parts[1:] if der[parts[0]] == 0xA0 else parts  # the version is left out of the oldest ones
    validity, subject = parts[3], parts[4]
    tag, begin, end = _children(der, validity)[1]
    text = der[begin:end].decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    moment = f"{text[0:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}Z"
    return _common_name(der, subject), moment


def _common_name(der: bytes, subject: int) -> str:
    for group in _starts(der, subject):
        for pair in _starts(der, group):
            kind, value = _children(der, pair)[:2]
            if der[kind[1] : kind[2]] == COMMON_NAME:
                return der[value[1] : value[2]].decode("utf-8", "replace")
    return ""


def _told(path: str) -> dict[str, str]:
    try:
        name, ends_at = read(der_of(read_whole(path)))
    except (OSError, ValueError, IndexError) as error:
        return {"path": path, "error": str(error)[:200] or type(error).__name__}
    return {"path": path, "name": name, "ends_at": ends_at}


def _lets_encrypt() -> list[dict[str, str]]:
    """Those of certbot. Its folder is closed to all but root: then that is told, as there may be some."""
    try:
        live = [os.path.join(LIVE, name, "cert.pem") for name in sorted(os.listdir(LIVE))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        return [{"path": LIVE, "error": f"{error.strerror or error}: install the agent with --as-root"}]
    return [_told(path) for path in live if os.path.lexists(path)]


def measure(home: str) -> dict[str, object]:
    """One row a certificate; one that cannot be read says why."""
    expected = read_json(under(home, "expected.json"))
    named = expected.get("certificates", []) if isinstance(expected, dict) else []
    told = [*_lets_encrypt(), *(_told(path) for path in named)]
    if IS_WINDOWS:
        told += accounts.certificates()
    if not told:
        raise Absent
    return {"facts": {"certificates": {"certificates": told[:200]}}}
