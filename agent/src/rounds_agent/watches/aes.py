"""AES-128 in CFB mode, as SNMP version 3 encrypts (FIPS 197, RFC 3826): the standard library has no cipher.

It is a few messages a minute of a user who may only read. Tables looked up by secret bytes can tell a neighbour on the
same processor about the key; whoever runs there as another user could ask the device himself. Tested on the vectors of
FIPS 197 and SP 800-38A, and against net-snmp.
"""

from __future__ import annotations

ROUNDS, BLOCK = 10, 16


def _doubled(byte: int) -> int:
    """Times x in the field of FIPS 197, section 4.2."""
    return (byte << 1 ^ 0x1B) & 0xFF if byte & 0x80 else byte << 1


def _substitutes() -> bytes:
    """The S-box (section 5.1.1): the inverse in the field, then turned and added to itself."""
    powers, byte = [], 1
    for _ in range(255):
        powers.append(byte)
        byte ^= _doubled(byte)  # times 3, which generates all
    place = {value: number for number, value in enumerate(powers)}
    box = bytearray(256)
    for value in range(256):
        inverse = powers[-place[value] % 255] if value else 0
        box[value] = 0x63
        for turn in range(5):
            box[value] ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
    return bytes(box)


S_BOX = _substitutes()
TWICE = bytes(_doubled(byte) for byte in range(256))
# Where each byte of a block comes from when its rows are shifted (section 5.1.2).
SHIFTED = tuple((place + 4 * (place % 4)) % BLOCK for place in range(BLOCK))


def _added(one: bytes, other: bytes) -> bytes:
    """Both, bit by bit, as far as the first goes."""
    return bytes(left ^ other[place] for place, left in enumerate(one))


def expand(key: bytes) -> list[bytes]:
    """The keys of all rounds (section 5.2)."""
    if len(key) != BLOCK:
        raise ValueError("a key of AES-128 has 16 bytes")
    words, constant = [key[at : at + 4] for at in range(0, BLOCK, 4)], 1
    while len(words) < 4 * (ROUNDS + 1):
        last = words[-1]
        if len(words) % 4 == 0:
            turned = bytes(S_BOX[byte] for byte in last[1:] + last[:1])
            last, constant = bytes([turned[0] ^ constant]) + turned[1:], _doubled(constant)
        words.append(_added(words[-4], last))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def encrypt(block: bytes, keys: list[bytes]) -> bytes:
    """One block (section 5.1)."""
    state = list(_added(block, keys[0]))
    for number in range(1, ROUNDS + 1):
        state = [S_BOX[state[place]] for place in SHIFTED]
        if number < ROUNDS:
            state = _mixed(state)
        state = list(_added(bytes(state), keys[number]))
    return bytes(state)


def _mixed(state: list[int]) -> list[int]:
    """Mix each column (section 5.1.3)."""
    mixed = []
    for at in range(0, BLOCK, 4):
        column = state[at : at + 4]
        whole = column[0] ^ column[1] ^ column[2] ^ column[3]
        mixed += [column[row] ^ whole ^ TWICE[column[row] ^ column[(row + 1) % 4]] for row in range(4)]
    return mixed


def cfb(key: bytes, start: bytes, text: bytes, *, decrypts: bool) -> bytes:
    """Encrypt or decrypt a text of any length."""
    keys, before, done = expand(key), start, bytearray()
    for at in range(0, len(text), BLOCK):
        piece = text[at : at + BLOCK]
        changed = _added(piece, encrypt(before, keys))
        done += changed
        before = piece if decrypts else changed
    return bytes(done)
