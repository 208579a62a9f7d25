"""Packs one column of figures into few bytes, and back without loss, in the way that its figures allow.

- constant: the figure, once;
- steps: figures that are whole numbers times a power of ten, as the differences of neighbours (small ones take small
  numbers whatever their sign: zigzag), the bytes of equal weight side by side, deflated;
- rising: the same where no figure is less than the one before, as what each step is more than the least step;
- offsets: as differences from the least figure, where that is shorter (a figure that jumps about);
- raw: the bytes of the floats, those of equal weight side by side, deflated.

What was not measured is a bit each, before the figures. Decided by measuring (docs/decisions.md): zlib, level 6, and of
whole numbers also the bytes of each weight by themselves, whichever is shorter.
"""

import math
import zlib
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise, repeat
from operator import sub, truediv

type Column = Sequence[float | None]

CONSTANT, STEPS, RISING, OFFSETS, RAW, SAME = range(6)  # the last one is for a chunk to say of two columns
HAS_HOLES = 0x80
MOST_DECIMALS, LEAST_DECIMALS = 9, -6
EXACT = 2**53  # whole numbers up to here are floats, each of them
LEVEL = 6
TABLED, TABLED_DECIMALS = 10_240, 2  # below which number, and up to how many decimals, quotients are looked up
UPPER_OF_TABLED = bytes(range(TABLED >> 8))
SHORT, UPPER_OF_SHORT = 1024, bytes((0, 1, 2, 3, 0xFC, 0xFD, 0xFE, 0xFF))  # a step, and its upper byte of two
SIZES = (("B", 1), ("H", 2), ("I", 4), ("Q", 8))  # of whole numbers in bytes
SIGNED_BYTES = bytes((number >> 1) ^ -(number & 1) & 0xFF for number in range(256))
IS_LITTLE = array("H", [1]).tobytes()[0] == 1


def pack_column(column: Column) -> tuple[int, int, bytes]:
    """A column's kind, scale and bytes."""
    figures = [figure for figure in column if figure is not None]
    holes = b""
    if len(figures) < len(column):
        mask = deflate(_bits(figure is not None for figure in column))
        holes = len(mask).to_bytes(4, "little") + mask
    kind, scale, body = _pack_figures(figures)
    return kind | (HAS_HOLES if holes else 0), scale, holes + body


def _pack_figures(figures: list[float]) -> tuple[int, int, bytes]:
    if not figures:
        return STEPS, 0, b""
    raw = array("d", figures)
    if raw.tobytes() == raw[:1].tobytes() * len(figures):
        return CONSTANT, 0, little(raw[:1])
    scale, whole = _whole(raw)
    if not whole:
        return RAW, 0, deflate(split_planes(little(raw), 8))
    return _shorter(whole, scale)


def _shorter(whole: Sequence[int], scale: int) -> tuple[int, int, bytes]:
    """Whole numbers as steps or as offsets, whichever is shorter."""
    kind, steps = _pack_steps(whole)
    least = min(whole)
    if max(whole) - least < 1 << 32:
        offsets = _signed(least) + _pack_whole([number - least for number in whole])
        if len(offsets) < len(steps):
            return OFFSETS, scale, offsets
    return kind, scale, steps


def _pack_steps(whole: Sequence[int]) -> tuple[int, bytes]:
    steps = list(map(sub, whole[1:], whole))
    least = min(steps, default=0)
    if least >= 0:
        return RISING, _signed(whole[0]) + _signed(least) + _pack_whole([step - least for step in steps])
    return STEPS, _signed(whole[0]) + _pack_whole([step * 2 if step >= 0 else -step * 2 - 1 for step in steps])


def pack_moments(times: Sequence[int]) -> tuple[int, int, bytes]:
    """Moments in milliseconds since 1970 as a column."""
    if any(later <= sooner for sooner, later in pairwise(times)):
        raise ValueError("moments ascend")
    return RISING, 0, _pack_steps(times)[1] if times else b""


def _whole(raw: "array[float]") -> tuple[int, list[int]]:
    """The figures as whole numbers times a power of ten, exactly, and how many decimals that are; or nothing."""
    figures = raw.tolist()
    if not math.isfinite(sum(figures)) or any(map(_is_negative_zero, figures) if 0.0 in figures else ()):
        return 0, []
    if max(map(abs, figures)) >= EXACT:
        return 0, []
    if all(map(float.is_integer, figures)):
        return _without_zeros(list(map(int, figures)))
    for decimals in range(1, MOST_DECIMALS + 1):
        power = 10**decimals
        if all(round(figure * power) / power == figure for figure in figures[:16]):
            whole = [round(figure * power) for figure in figures]
            if max(map(abs, whole)) < EXACT and list(map(truediv, whole, repeat(power))) == figures:
                return decimals, whole
    return 0, []


def _is_negative_zero(figure: float) -> bool:
    return not figure and math.copysign(1, figure) < 0


def _without_zeros(whole: list[int]) -> tuple[int, list[int]]:
    """Whole numbers without the zeros that all of them end with."""
    decimals = 0
    while decimals > LEAST_DECIMALS and not any(number % 10 for number in whole):
        whole, decimals = [number // 10 for number in whole], decimals - 1
    return decimals, whole


def _signed(number: int) -> bytes:
    return number.to_bytes(8, "little", signed=True)


def _pack_whole(numbers: Sequence[int]) -> bytes:
    """Numbers that are not negative: how many bytes each needs, and those bytes, of equal weight side by side."""
    if not any(numbers):
        return b"\0"
    width = (max(numbers).bit_length() + 7) // 8
    code, size = next((code, size) for code, size in SIZES if size >= width)
    planes = split_planes(little(array(code, numbers)), size)[: width * len(numbers)]
    return bytes((width,)) + min(deflate(planes), _deflate_apart(planes, len(numbers)), key=len)


def unpack_column(kind: int, scale: int, piece: bytes, rows: int) -> Column:
    """A column of so many rows. ValueError, IndexError, zlib.error, OverflowError: these bytes are none."""
    if not kind & HAS_HOLES:
        return _unpack_figures(kind, scale, piece, rows)
    size = int.from_bytes(piece[:4], "little")
    is_there = _from_bits(inflate(piece[4 : 4 + size]), rows)
    figures = iter(_unpack_figures(kind & ~HAS_HOLES, scale, piece[4 + size :], sum(is_there)))
    return [next(figures) if there else None for there in is_there]


def _unpack_figures(kind: int, scale: int, piece: bytes, count: int) -> list[float]:
    figures = _figures_of(kind, scale, piece, count) if count else []
    if len(figures) != count:
        raise ValueError("more or fewer figures than there should be")
    return figures


def _figures_of(kind: int, scale: int, piece: bytes, count: int) -> list[float]:
    if kind == CONSTANT:
        return list(_floats(piece)) * count
    if kind == RAW:
        return list(_floats(join_planes(inflate(piece), 8)))
    begin = int.from_bytes(piece[:8], "little", signed=True)
    if kind == OFFSETS:
        return _scaled(_unpack_whole(piece[8:], count, begin), scale)
    if kind == RISING:
        least = int.from_bytes(piece[8:16], "little", signed=True)
        return _walked(_unpack_whole(piece[16:], count - 1, least), begin, scale)
    if kind == STEPS:
        return _walked(_unpack_signed(piece[8:], count - 1), begin, scale)
    raise ValueError(f"a column of kind {kind}")


def _walked(steps: Sequence[int], at: int, decimals: int) -> list[float]:
    """The figures from one on, by the steps between them; one pass each, as this is most of what a chart waits for."""
    if decimals > 0:
        power = 10**decimals
        return _looked_up(steps, at, decimals) or [at / power, *[(at := at + step) / power for step in steps]]
    if not isinstance(steps, array) or steps.itemsize > 4:
        return _scaled(list(accumulate(steps, initial=at)), decimals)
    figures = accumulate(steps, initial=float(at))  # floats are exact as far as steps and offsets are kept
    if not decimals:
        return list(figures)
    factor = 10.0**-decimals
    return [figure * factor for figure in figures]


def _looked_up(steps: Sequence[int], at: int, decimals: int) -> list[float]:
    """The same from a table of quotients; nothing if one of them is not in it."""
    if not 0 <= at < TABLED or decimals > TABLED_DECIMALS or not _are_short(steps):
        return []
    quotients = _quotients(decimals)
    try:
        figures = [quotients[at], *[quotients[at := at + step] for step in steps]]
    except IndexError:
        return []
    return [] if math.isnan(sum(figures)) else figures


def _are_short(steps: Sequence[int]) -> bool:
    """Does none of them go further than SHORT?"""
    return isinstance(steps, array) and (steps.typecode == "b" or _have_upper(steps, "h", UPPER_OF_SHORT))


def _are_tabled(numbers: Sequence[int]) -> bool:
    """Are all of them below TABLED?"""
    return isinstance(numbers, array) and (numbers.typecode == "B" or _have_upper(numbers, "H", UPPER_OF_TABLED))


def _have_upper(numbers: "array[int]", code: str, among: bytes) -> bool:
    """Are the upper bytes of numbers of two bytes all among these?"""
    return numbers.typecode == code and not numbers.tobytes()[IS_LITTLE::2].translate(None, among)


@cache
def _quotients(decimals: int) -> list[float]:
    """What whole numbers divided by a power of ten are, to be looked up, which takes half as long as to divide.

    After them stand as many that are none as a short step can go beyond them; below the first one, it comes there too.
    """
    return [number / 10**decimals for number in range(TABLED)] + [math.nan] * SHORT


def _scaled(numbers: Sequence[int], decimals: int) -> list[float]:
    power = 10 ** abs(decimals)
    if not decimals:
        return list(map(float, numbers))
    if decimals < 0:
        return [float(number * power) for number in numbers]
    if decimals <= TABLED_DECIMALS and _are_tabled(numbers):
        quotients = _quotients(decimals)
        return [quotients[number] for number in numbers]
    return [number / power for number in numbers]


def unpack_moments(kind: int, scale: int, piece: bytes, rows: int) -> Sequence[int]:
    """So many moments; those that follow each other evenly as a range."""
    if kind != RISING or scale:
        raise ValueError("the moments are not moments")
    if not rows:
        return []
    begin, least = (int.from_bytes(piece[at : at + 8], "little", signed=True) for at in (0, 8))
    if least and not piece[16]:  # every step is the least one
        return range(begin, begin + least * rows, least)
    return list(accumulate(_unpack_whole(piece[16:], rows - 1, least), initial=begin))


def _unpack_whole(piece: bytes, count: int, least: int = 0) -> Sequence[int]:
    """Numbers, each as much more than the least one as is kept; added to all at once, as one long number."""
    width = piece[0]
    if not width:
        return (least,) * count
    if width > SIZES[-1][1]:
        raise ValueError("numbers of more than eight bytes")
    planes, most = inflate(piece[1:]), (1 << 8 * width) + least
    code, size = next((code, size) for code, size in SIZES if size >= width and (most <= 1 << 8 * size or size == 8))
    text = join_planes(planes + bytes((size - width) * count), size)
    if not least:
        return numbers_of(code, text)
    if least < 0 or most > 1 << 8 * size:
        return [least + number for number in numbers_of(code, text)]
    total = int.from_bytes(text, "little") + int.from_bytes(least.to_bytes(size, "little") * count, "little")
    return numbers_of(code, total.to_bytes(len(text), "little"))


def _unpack_signed(piece: bytes, count: int) -> Sequence[int]:
    """Numbers of either sign, which are kept as zigzag: 0, -1, 1, -2, 2 ..."""
    width = piece[0]
    if width == 1:
        return array("b", inflate(piece[1:]).translate(SIGNED_BYTES))
    if width != 2:
        return [(number >> 1) ^ -(number & 1) for number in _unpack_whole(piece, count)]
    text = join_planes(inflate(piece[1:]), 2)  # (number >> 1) ^ -(number & 1) of all at once, as one long number
    numbers, ones = int.from_bytes(text, "little"), int.from_bytes(b"\1\0" * count, "little")
    odd = numbers & ones
    return numbers_of("h", ((numbers ^ odd) >> 1 ^ odd * 0xFFFF).to_bytes(len(text), "little"))


def split_planes(numbers: bytes, size: int) -> bytes:
    """The bytes of equal weight side by side."""
    return numbers if size == 1 else b"".join(numbers[place::size] for place in range(size))


def join_planes(planes: bytes, size: int) -> bytes:
    """The way back of `split`."""
    if size == 1:
        return planes
    numbers, count = bytearray(len(planes)), len(planes) // size
    for place in range(size):
        numbers[place::size] = planes[place * count : (place + 1) * count]
    return bytes(numbers)


def little(numbers: "array[float] | array[int]") -> bytes:
    """The bytes of numbers, the least first whatever the machine does."""
    if not IS_LITTLE:
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def numbers_of(code: str, text: bytes) -> "array[int]":
    """The way back of `little` for whole numbers."""
    numbers = array(code, text)
    if not IS_LITTLE:
        numbers.byteswap()
    return numbers


def _floats(text: bytes) -> "array[float]":
    numbers = array("d", text)
    if not IS_LITTLE:
        numbers.byteswap()
    return numbers


def _bits(truths: Iterable[bool]) -> bytes:
    text = "".join("1" if truth else "0" for truth in truths)
    return int(text[::-1], 2).to_bytes((len(text) + 7) // 8, "little")


def _from_bits(text: bytes, count: int) -> list[bool]:
    digits = f"{int.from_bytes(text, 'little'):0{count}b}"
    return [digit == "1" for digit in reversed(digits)]


def deflate(text: bytes) -> bytes:
    """Text in few bytes."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return packer.compress(text) + packer.flush()


def _deflate_apart(planes: bytes, count: int) -> bytes:
    """The same, with codes for each plane by itself and only runs taken together: less where chance is in them."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15, strategy=zlib.Z_RLE)
    blocks = [packer.compress(planes[:count])]
    for begin in range(count, len(planes), count):
        blocks += packer.flush(zlib.Z_BLOCK), packer.compress(planes[begin : begin + count])
    return b"".join(blocks) + packer.flush()


def inflate(text: bytes) -> bytes:
    """The way back of `deflate`."""
    return zlib.decompress(text, -15)
