"""Who asks, and how that is shown: a community (version 2c), or a user whose messages are signed and encrypted (3).

RFC 3412 and 3414 (the message and the user), RFC 7860 (SHA-256), RFC 3826 (AES-128).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from rounds_agent.watches import aes
from rounds_agent.watches.ber import Broken, Reader, number, octets, sequence
from rounds_agent.watches.outcomes import CannotAsk

HASHES = {"sha": ("sha1", 12), "sha256": ("sha256", 24)}  # what signs, and how many bytes of it are sent
CIPHERS = {"aes", ""}
MEGABYTE = 1024 * 1024
SIGNED, ENCRYPTED, REPORTABLE = 1, 2, 4
LARGEST = 65_507


class Doubtful(Broken):
    """A message that is not signed by whom it says; whoever sent it, it is not taken."""


class Community:
    """Version 2c: a word, in the clear."""

    def __init__(self, word: str) -> None:
        self.word = word.encode()

    def wrap(self, pdu: bytes, _number: int) -> bytes:
        """A message."""
        return sequence(number(1), octets(self.word), pdu)

    def unwrap(self, message: bytes) -> bytes:
        """What a message carries."""
        reader = Reader(message).inside()
        if reader.number() != 1 or reader.octets() != self.word:
            raise Broken("another version or community")
        return message[reader.at : reader.end]


@dataclass
class Engine:
    """What a device says of itself: its id, how often it was started, its clock."""

    id: bytes = b""
    boots: int = 0
    time: int = 0


@dataclass
class User:
    """Version 3: a user with a password for signing, and one for encrypting or none."""

    name: str
    hash_name: str
    auth_password: str
    privacy_password: str = ""
    engine: Engine = field(default_factory=Engine)

    def __post_init__(self) -> None:
        if self.hash_name not in HASHES:
            raise CannotAsk(f"“{self.hash_name}” signs nothing here; {', '.join(HASHES)} do")
        self._hash, self._size = HASHES[self.hash_name]
        self._auth_key, self._privacy_key = b"", b""

    def learn(self, engine: Engine) -> None:
        """Take over what a device says of itself; its keys are made of its id."""
        if engine.id != self.engine.id:
            self._auth_key = localized(self._hash, self.auth_password, engine.id)
            if self.privacy_password:
                self._privacy_key = localized(self._hash, self.privacy_password, engine.id)[:16]
        self.engine = engine

    def wrap(self, pdu: bytes, message_number: int) -> bytes:
        """A message, signed and encrypted as far as the device is known; to one that is not, only a greeting."""
        engine, flags, salt = self.engine, REPORTABLE, b""
        scoped = sequence(octets(engine.id), octets(b""), pdu)
        if engine.id:
            flags |= SIGNED
            if self._privacy_key:
                flags, salt = flags | ENCRYPTED, os.urandom(8)
                scoped = octets(aes.cfb(self._privacy_key, _start(engine, salt), scoped, decrypts=False))
        name = self.name.encode() if engine.id else b""
        blank = b"\0" * self._size if engine.id else b""
        parameters = sequence(
            octets(engine.id), number(engine.boots), number(engine.time), octets(name), octets(blank), octets(salt)
        )
        head = sequence(number(message_number), number(LARGEST), octets(bytes([flags])), number(3))
        message = sequence(number(3), head, octets(parameters), scoped)
        if not engine.id:
            return message
        begin, end = _parts(message).signature
        return message[:begin] + self._sign(message) + message[end:]

    def _sign(self, message: bytes) -> bytes:
        return hmac.new(self._auth_key, message, self._hash).digest()[: self._size]

    def unwrap(self, message: bytes) -> tuple[bytes, Engine, bool]:
        """What a message carries, what the device says of itself, and whether it is signed by the user."""
        parts = _parts(message)
        is_signed = bool(parts.flags & SIGNED)
        if is_signed:
            begin, end = parts.signature
            blank = message[:begin] + b"\0" * (end - begin) + message[end:]
            if not self._auth_key or end - begin != self._size:
                raise Doubtful("signed in another way")
            if not hmac.compare_digest(self._sign(blank), message[begin:end]):
                raise Doubtful("its signature is wrong")
        scoped = message[parts.scoped[0] : parts.scoped[1]]
        if parts.flags & ENCRYPTED:
            if not (is_signed and self._privacy_key) or len(parts.salt) != 8:
                raise Doubtful("encrypted in another way")
            secret = Reader(scoped).octets()
            scoped = aes.cfb(self._privacy_key, _start(parts.engine, parts.salt), secret, decrypts=True)
        reader = Reader(scoped).inside()
        reader.octets()
        reader.octets()
        return reader.data[reader.at : reader.end], parts.engine, is_signed

    @property
    def encrypts(self) -> bool:
        """Are messages to be encrypted?"""
        return bool(self.privacy_password)


@dataclass
class _Parts:
    """A message taken apart: places in it, and what stands in them."""

    flags: int
    engine: Engine
    signature: tuple[int, int]
    salt: bytes
    scoped: tuple[int, int]


def _parts(message: bytes) -> _Parts:
    reader = Reader(message).inside()
    if reader.number() != 3:
        raise Broken("another version")
    head = reader.inside()
    head.number()
    head.number()
    flags = head.octets()
    if len(flags) != 1 or head.number() != 3:
        raise Broken("another way of showing who asks")
    begin, end = reader.expect(0x04)
    said = Reader(message, begin, end).inside()
    engine = Engine(said.octets(), said.number(), said.number())
    if len(engine.id) > 64 or not (0 <= engine.boots < 2**31 and 0 <= engine.time < 2**31):
        raise Broken("a device that cannot be")
    said.octets()
    signature = said.expect(0x04)
    return _Parts(flags[0], engine, signature, said.octets(), (reader.at, reader.end))


def _start(engine: Engine, salt: bytes) -> bytes:
    """The first block of the cipher (RFC 3826, 3.1.2.1)."""
    return engine.boots.to_bytes(4, "big") + engine.time.to_bytes(4, "big") + salt


def localized(name: str, password: str, engine_id: bytes) -> bytes:
    """A password's key for one device (RFC 3414, A.2)."""
    word = password.encode()
    if not word:
        raise CannotAsk("a password is missing")
    known = hashlib.new(name, (word * (MEGABYTE // len(word) + 1))[:MEGABYTE]).digest()
    return hashlib.new(name, known + engine_id + known).digest()
