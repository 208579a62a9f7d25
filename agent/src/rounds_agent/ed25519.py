"""Checks Ed25519 signatures (RFC 8032, 5.1.7), in Python alone; there is no signing here, so no secret that could leak.

Strict where the standard leaves room: a point must be written in its one canonical way, s must be below the group's
order, and neither the key nor the signature's point may be of small order. Numbers are plain integers; that it takes a
few milliseconds and tells by its time which of two public things it was given harms nobody.
"""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1

TYPE_CHECKING = False
if TYPE_CHECKING:
    Point = tuple[int, int, int, int]  # x, y, z, t with x/z, y/z, and t = xy/z

NEUTRAL = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(point: Point, factor: int) -> Point:
    result: Point = NEUTRAL
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _equal(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def _point(written: bytes) -> Point | None:
    """Read 32 bytes as a point of the curve; None if they are none, or not written in the canonical way."""
    number = int.from_bytes(written, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _base() -> Point:
    found = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if found is None:
        raise ArithmeticError("the base point is on the curve")
    return found


BASE = _base()


def is_signed(message: bytes, *, signature: bytes, key: bytes) -> bool:
    """Did the holder of a public key sign these bytes?"""
    if len(signature) != 64 or len(key) != 32:
        return False
    public, point = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or point is None or s >= ORDER:
        return False
    if _equal(_times(public, 8), NEUTRAL) or _equal(_times(point, 8), NEUTRAL):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return _equal(_times(BASE, s), _add(point, _times(public, challenge)))
