"""Signatures as RFC 8032 has them, and as another implementation makes them; what is not one is refused."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as some

from rounds_agent.ed25519 import ORDER, P, is_signed

# RFC 8032, 7.1, tests 1 to 3: key, message, signature.
WORKED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
        "eeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
        "c027beceea1ec40a",
    ),
]  # fmt: skip


def _public(private: Ed25519PrivateKey) -> bytes:
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return private.public_key().public_bytes(*raw)


@pytest.mark.parametrize(("key", "message", "signature"), WORKED)
def test_the_standards_own_examples(key: str, message: str, signature: str) -> None:
    told = {"signature": bytes.fromhex(signature), "key": bytes.fromhex(key)}

    assert is_signed(bytes.fromhex(message), **told)
    assert not is_signed(bytes.fromhex(message) + b"x", **told)


@given(some.binary(min_size=32, max_size=32), some.binary(max_size=300), some.data())
@settings(max_examples=60)
def test_what_another_implementation_signs_is_signed_and_one_flipped_bit_is_not(
    seed: bytes, message: bytes, data: some.DataObject
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signature, key = private.sign(message), _public(private)

    assert is_signed(message, signature=signature, key=key)
    bit = data.draw(some.integers(0, 511))
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not is_signed(message, signature=bytes(flipped), key=key)


@given(some.binary(max_size=70), some.binary(max_size=40))
@settings(max_examples=60)
def test_garbage_is_no_signature(signature: bytes, key: bytes) -> None:
    assert not is_signed(b"", signature=signature, key=key)


def test_a_signature_cannot_be_written_in_another_way() -> None:
    private = Ed25519PrivateKey.generate()
    signature, key = private.sign(b"x"), _public(private)
    again = int.from_bytes(signature[32:], "little") + ORDER

    assert is_signed(b"x", signature=signature, key=key)
    assert not is_signed(b"x", signature=signature[:32] + again.to_bytes(32, "little"), key=key)


@pytest.mark.parametrize("key", [1, 0, P - 1, P, P + 1, 1 + 2**255])
def test_a_key_of_small_order_or_not_canonical_signs_nothing(key: int) -> None:
    """With such a key one signature would do for every message."""
    written = key.to_bytes(32, "little")

    assert not is_signed(b"x", signature=(1).to_bytes(32, "little") + bytes(32), key=written)
