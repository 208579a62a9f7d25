"""Makes, signs and publishes releases of the agent; docs/agent-protocol.md has the form of the documents.

Signing needs a file and a key and nothing else: it is done on a machine that is not this server. What is published is
checked by the rules by which agents check it, so that a mistake is noticed here and not on every machine.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rounds.core.money import Refused

CONTEXT = b"rounds-agent release 1\n"
FOLDER = "agent-release"

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """The agent as an archive; `sha256` is that of its bytes."""

    version: str
    body: bytes

    @property
    def sha256(self) -> str:
        """The hash by which it is asked for and checked."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Published:
    """What this server gives out: the changes of keys, in order; the newest release and its package."""

    keys: tuple[Document, ...]
    release: Document
    package: Path


def make_key(passphrase: str) -> tuple[bytes, str]:
    """A new private key, as PEM, encrypted if there is a passphrase; and its public key in hex."""
    private = Ed25519PrivateKey.generate()
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return pem, public_of(private)


def read_key(pem: bytes, passphrase: str) -> Ed25519PrivateKey:
    """A private key. Refused: another kind of key, a wrong passphrase."""
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode() or None)
    except (TypeError, ValueError) as error:
        raise Refused(f"the key cannot be read: {error}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Refused("this is no Ed25519 key; rounds release key makes one")
    return private


def public_of(private: Ed25519PrivateKey) -> str:
    """The public key in hex."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return private.public_key().public_bytes(*raw).hex()


def key_id(key: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


def unsigned(told: Mapping[str, Any]) -> Document:
    """A document that nobody has signed yet."""
    return {"signed": json.dumps(dict(told), sort_keys=True), "signatures": {}}


def keys_document(keys: Sequence[str], *, threshold: int, number: int, until: datetime) -> Document:
    """Which keys are trusted, and how many of them must sign. Refused: a threshold that nobody can reach."""
    if not 1 <= threshold <= len(set(keys)):
        raise Refused(f"{threshold} of {len(set(keys))} keys cannot be asked for")
    for key in keys:
        if len(key) != 64 or set(key) - set("0123456789abcdef"):
            raise Refused(f"“{key}” is no public key; rounds release key prints one")
    told = {"kind": "keys", "number": number, "threshold": threshold, "keys": sorted(set(keys))}
    return unsigned({**told, "expires_at": until.isoformat()})


def release_document(package: Package, *, number: int, until: datetime) -> Document:
    """That a package is a release, until a moment."""
    told = {"kind": "release", "number": number, "version": package.version, "size": len(package.body)}
    return unsigned({**told, "sha256": package.sha256, "expires_at": until.isoformat()})


def sign(document: Document, private: Ed25519PrivateKey) -> Document:
    """A document with one more signature."""
    signature = private.sign(CONTEXT + document["signed"].encode()).hex()
    return {**document, "signatures": {**document["signatures"], key_id(public_of(private)): signature}}


def says(document: Document) -> dict[str, Any]:
    """What a document says. Refused: what is none."""
    try:
        told = json.loads(document["signed"])
        document["signatures"].items()
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refused("this is no document of a release") from None
    if not isinstance(told, dict):
        raise Refused("this is no document of a release")
    return told


def _count(document: Document, keys: Sequence[str]) -> int:
    message, count = CONTEXT + document["signed"].encode(), 0
    for key in set(keys):
        signature = document["signatures"].get(key_id(key), "")
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
        except (InvalidSignature, ValueError):
            continue
        count += 1
    return count


def check(published: Published, *, at: datetime) -> None:
    """Would an agent with the first keys install this? Refused: with the reason why not."""
    if not published.keys:
        raise Refused("there are no keys: agents could trust nothing")
    before: dict[str, Any] | None = None
    for document in published.keys:
        told = says(document)
        for whose in filter(None, (before, told)):
            if _count(document, whose["keys"]) < whose["threshold"]:
                raise Refused(f"keys {told['number']} lack signatures: {whose['threshold']} of keys {whose['number']}")
        if before is not None and told["number"] != before["number"] + 1:
            raise Refused(f"keys {told['number']} do not follow keys {before['number']}")
        before = told
    assert before is not None  # noqa: S101 - there are keys
    release, body = says(published.release), published.package.read_bytes()
    if _count(published.release, before["keys"]) < before["threshold"]:
        raise Refused(f"the release lacks signatures: {before['threshold']} of keys {before['number']} must sign it")
    if (len(body), hashlib.sha256(body).hexdigest()) != (release["size"], release["sha256"]):
        raise Refused("the package is not the one that was signed")
    for what, told in (("keys", before), ("release", release)):
        if datetime.fromisoformat(told["expires_at"]) <= at:
            raise Refused(f"the {what} expired on {told['expires_at'][:10]}: make and sign anew")


def read(folder: Path) -> Published | None:
    """What lies in a folder: keys-1.json and so on, release.json, its package; None without a release."""
    if not (folder / "release.json").is_file():
        return None
    keys = [json.loads(path.read_text()) for path in folder.glob("keys-*.json")]
    keys.sort(key=lambda document: int(says(document)["number"]))
    release = json.loads((folder / "release.json").read_text())
    package = folder / f"package-{says(release)['sha256']}.zip"
    return Published(tuple(keys), release, package) if package.is_file() else None


def publish(folder: Path, home: Path, *, at: datetime) -> dict[str, Any]:
    """Give out the release in a folder from now on; what it says. Refused: one that agents would refuse.

    The release comes last and by one rename: whoever asks meanwhile gets the one before, or this one, whole.
    """
    fresh, place = read(folder), home / FOLDER
    if fresh is None:
        raise Refused(f"{folder} has no release with its package; rounds release make makes one")
    check(fresh, at=at)
    told, before = says(fresh.release), read(place)
    if before is not None:
        _check_follows(before, fresh)
    place.mkdir(mode=0o755, exist_ok=True)
    for document in fresh.keys:
        _write(place / f"keys-{says(document)['number']}.json", json.dumps(document).encode())
    _write(place / f"package-{told['sha256']}.zip", fresh.package.read_bytes())
    _write(place / "release.json", json.dumps(fresh.release).encode())
    return told


def _check_follows(before: Published, fresh: Published) -> None:
    """Agents take no release with a lower number, and changes of keys only in their order."""
    last, now = says(before.release), says(fresh.release)
    if now["number"] <= last["number"] and fresh.release["signed"] != before.release["signed"]:
        raise Refused(f"release {now['number']} does not follow release {last['number']}, which is given out now")
    if [one["signed"] for one in fresh.keys[: len(before.keys)]] != [one["signed"] for one in before.keys]:
        raise Refused("these are other keys than those that are given out: machines would trust none of it")


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.rename(path)
