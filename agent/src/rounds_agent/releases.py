"""Which new version may be installed: what is signed by enough of the keys this machine trusts, newer, and not expired.

The keys are offline: neither the shop's server nor whoever is in it can make a release. The rules are those of TUF, for
one package. A document is `{"signed": TEXT, "signatures": {KEY: HEX}}`; the signatures are of the bytes of TEXT, so it
can be read in one way only. `keys` documents change the trusted keys: each is signed by enough of the keys before it
and of its own, and their numbers follow one another. `release` documents have a number that never falls, an end, and
name one package by hash and size.
"""

from __future__ import annotations

import hashlib
import json

from rounds_agent.clock import read_moment
from rounds_agent.ed25519 import is_signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONTEXT = b"rounds-agent release 1\n"  # before what is signed, so that no signature made for something else counts here
MAX_SIZE = 1024 * 1024


class Untrusted(Exception):
    """Why something is not installed."""


def key_id(key: str) -> str:
    """The short name of a public key, which is written in hex."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


def version_of(text: object) -> tuple[int, ...]:
    """A version like 1.10.2 as numbers that can be compared."""
    parts = text.split(".") if isinstance(text, str) else []
    if not 1 <= len(parts) <= 4 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise Untrusted(f"“{text}” is no version")
    return tuple(int(part) for part in parts)


def _read(document: Any, kind: str) -> dict[str, Any]:
    """What a document says; its signatures are still to be checked."""
    if not isinstance(document, dict) or not isinstance(document.get("signed"), str):
        raise Untrusted(f"this is no signed {kind}")
    try:
        told = json.loads(document["signed"])
    except ValueError:
        raise Untrusted(f"this is no signed {kind}") from None
    if not isinstance(told, dict) or told.get("kind") != kind or not isinstance(told.get("number"), int):
        raise Untrusted(f"this is no signed {kind}")
    return told


def _check_signatures(document: dict[str, Any], keys: list[str], threshold: int, whose: str) -> None:
    """Are there signatures by enough different keys?"""
    message = CONTEXT + document["signed"].encode()
    given = document.get("signatures")
    given = given if isinstance(given, dict) else {}
    count = 0
    for key in sorted(set(keys)):
        try:
            signature = bytes.fromhex(str(given.get(key_id(key), "")))
        except ValueError:
            continue
        count += is_signed(message, signature=signature, key=bytes.fromhex(key))
    if count < threshold:
        raise Untrusted(f"{count} of the {threshold} signatures that are needed of {whose} hold")


def _check_end(told: dict[str, Any], now: float) -> None:
    try:
        end = read_moment(told["expires_at"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Untrusted("it does not say until when it holds") from None
    if end <= now:
        raise Untrusted(f"it expired on {str(told['expires_at'])[:10]}: nobody has signed it anew since")


def _keys_in(told: dict[str, Any]) -> tuple[list[str], int]:
    keys, threshold = told.get("keys"), told.get("threshold")
    if not isinstance(keys, list) or not isinstance(threshold, int) or not 1 <= threshold <= len(set(map(str, keys))):
        raise Untrusted("the keys make no sense")
    if not all(isinstance(key, str) and len(key) == 64 and not set(key) - set("0123456789abcdef") for key in keys):
        raise Untrusted("the keys make no sense")
    return keys, threshold


def first_trust(document: Any) -> dict[str, Any]:
    """The trust that a machine begins with: a `keys` document signed by its own keys, handed over by a person."""
    told = _read(document, "keys")
    keys, threshold = _keys_in(told)
    _check_signatures(document, keys, threshold, "its own keys")
    return {"keys": keys, "threshold": threshold, "number": told["number"], "expires_at": told.get("expires_at"),
            "release": 0}  # fmt: skip


def next_trust(trust: dict[str, Any], document: Any) -> dict[str, Any]:
    """The trust after a change of the keys; Untrusted if it is not the next one, or not signed by both sides."""
    told = _read(document, "keys")
    if told["number"] != trust["number"] + 1:
        raise Untrusted(f"keys {told['number']} do not follow keys {trust['number']}")
    _check_signatures(document, trust["keys"], trust["threshold"], "the keys of before")
    fresh = first_trust(document)
    return {**fresh, "release": trust.get("release", 0)}


def check_release(trust: dict[str, Any], document: Any, *, now: float) -> dict[str, Any]:
    """What a release says, if it is to be believed: signed, not expired, and not older than one seen before."""
    told = _read(document, "release")
    _check_end(trust, now)
    _check_signatures(document, trust["keys"], trust["threshold"], "the trusted keys")
    if told["number"] < trust.get("release", 0):
        raise Untrusted(f"release {told['number']} is older than release {trust['release']}, which was seen before")
    _check_end(told, now)
    version_of(told.get("version"))
    size, sha256 = told.get("size"), told.get("sha256")
    if not isinstance(size, int) or not 0 < size <= MAX_SIZE or not isinstance(sha256, str) or len(sha256) != 64:
        raise Untrusted("it does not say which package it is of")
    return told


def check_package(told: dict[str, Any], body: bytes) -> None:
    """Is this the package of a release?"""
    if len(body) != told["size"] or hashlib.sha256(body).hexdigest() != told["sha256"]:
        raise Untrusted("the package is not the one that was signed")
