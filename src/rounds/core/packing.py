"""Packs a table of figures over time into few bytes, and back without loss: one stream a column, read one by one.

A chunk is: a version byte, the number of columns and rows, the length of its directory; the directory (kinds, scales,
lengths and names, deflated); the columns, the moments first. A column is written in the way that its figures allow:

- constant: the figure, once;
- steps: figures that are whole numbers times a power of ten, as the differences of neighbours (small ones take small
  numbers whatever their sign: zigzag), the bytes of equal weight side by side, deflated;
- rising: the same where no figure is less than the one before, as what each step is more than the least step;
- offsets: as differences from the least figure, where that is shorter (a figure that jumps about);
- raw: the bytes of the floats, those of equal weight side by side, deflated;
- same: as another column of this chunk (of five figures the 95th percentile is the greatest).

What was not measured is a bit each, before the figures. Decided by measuring (docs/decisions.md): zlib, level 6.
"""

import math
import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, chain, compress, pairwise, repeat
from operator import add, mul, sub, truediv

type Column = Sequence[float | None]

VERSION = 1
CONSTANT, STEPS, RISING, OFFSETS, RAW, SAME = range(6)
HAS_HOLES = 0x80
MOST_DECIMALS, LEAST_DECIMALS = 9, -6
MOST_ROWS = 1_000_000
EXACT = 2**53  # whole numbers up to here are floats, each of them
LEVEL = 6
TEXT = ("utf-8", "surrogatepass")  # a name may be any text but one with a zero character
IS_LITTLE = array("H", [1]).tobytes()[0] == 1


class Damaged(Exception):
    """What should be a chunk is none."""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures over time: moments in milliseconds since 1970, ascending; a column a name, None where not measured."""

    times: Sequence[int] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)

    def series(self, name: str) -> list[tuple[float, float]]:
        """One column as (seconds since 1970, figure), without what was not measured."""
        pairs = zip(self.times, self.columns.get(name, ()), strict=False)
        return [(at / 1000, figure) for at, figure in pairs if figure is not None]

    def between(self, since: int, until: int) -> "Table":
        """The rows from one moment up to before another; columns without a figure in them are left out."""
        if not self.times or (since <= self.times[0] and self.times[-1] < until):
            return self
        kept = [since <= at < until for at in self.times]
        columns = {name: list(compress(column, kept)) for name, column in self.columns.items()}
        held = {name: column for name, column in columns.items() if any(figure is not None for figure in column)}
        return Table(list(compress(self.times, kept)), held)


def table_of(rows: Iterable[tuple[int, Mapping[str, float]]]) -> Table:
    """A table of rows in any order; of two of the same moment, the later one's figures count."""
    by_moment: dict[int, Mapping[str, float]] = {}
    for at, figures in rows:
        by_moment[at] = {**by_moment[at], **figures} if at in by_moment else figures
    times = sorted(by_moment)
    ordered = [by_moment[at] for at in times]
    names = dict.fromkeys(name for figures in ordered for name in figures)
    return Table(times, {name: [figures.get(name) for figures in ordered] for name in names})


def merge(tables: Sequence[Table]) -> Table:
    """Tables as one; where two have a figure of the same moment and name, the later table's counts."""
    filled = [table for table in tables if table.times]
    if len(filled) < 2:
        return filled[0] if filled else Table()
    if all(one.times[-1] < other.times[0] for one, other in pairwise(filled)):
        return _joined(filled)
    rows = [row for table in filled for row in _rows(table)]
    return table_of(rows)


def _joined(tables: Sequence[Table]) -> Table:
    """Tables that follow each other in time."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns: dict[str, list[float | None]] = {name: [] for name in names}
    for table in tables:
        for name, column in columns.items():
            column.extend(table.columns[name] if name in table.columns else [None] * len(table.times))
    return Table(list(chain.from_iterable(table.times for table in tables)), columns)


def _rows(table: Table) -> list[tuple[int, dict[str, float]]]:
    rows: list[tuple[int, dict[str, float]]] = [(at, {}) for at in table.times]
    for name, column in table.columns.items():
        for (_, figures), figure in zip(rows, column, strict=True):
            if figure is not None:
                figures[name] = figure
    return rows


def pack(table: Table) -> bytes:
    """Pack a table; its columns are as long as its moments are many."""
    names, kinds, scales, pieces = list(table.columns), bytearray(), array("b"), []
    if any("\0" in name for name in names):
        raise ValueError("a name holds a zero character")
    seen: dict[bytes, int] = {}
    for number, column in enumerate((table.times, *table.columns.values())):
        if len(column) != len(table.times):
            raise ValueError("a column is not as long as the moments are many")
        kind, scale, piece = _pack_column(column) if number else _pack_moments(table.times)
        identity = bytes((kind, scale + 64)) + piece
        if (known := seen.setdefault(identity, number)) != number and len(piece) > 2:
            kind, scale, piece = SAME, 0, known.to_bytes(2, "little")
        kinds.append(kind)
        scales.append(scale)
        pieces.append(piece)
    lengths = array("I", map(len, pieces))
    described = bytes(kinds) + scales.tobytes() + _split(_little(lengths), 4) + "\0".join(names).encode(*TEXT)
    directory = _deflate(described)
    head = bytes((VERSION,)) + b"".join(size.to_bytes(4, "little") for size in (len(kinds), len(table.times)))
    return head + len(directory).to_bytes(4, "little") + directory + b"".join(pieces)


def unpack(chunk: bytes, wants: Callable[[str], bool] | None = None) -> Table:
    """Unpack a chunk, or of its columns only those whose names are wanted. Damaged: what was no chunk."""
    try:
        return _unpack(chunk, wants)
    except (IndexError, ValueError, zlib.error, OverflowError) as error:
        raise Damaged(f"not a chunk: {error}") from None


def _unpack(chunk: bytes, wants: Callable[[str], bool] | None) -> Table:
    if chunk[:1] != bytes((VERSION,)):
        raise Damaged("a chunk of another version")
    count, rows, size = (int.from_bytes(chunk[at : at + 4], "little") for at in (1, 5, 9))
    if rows > MOST_ROWS:
        raise Damaged("more rows than a chunk has")
    described, begin = _inflate(chunk[13 : 13 + size]), 13 + size
    kinds, scales = described[:count], array("b", described[count : 2 * count])
    lengths = _numbers("I", _join(described[2 * count : 6 * count], 4))
    ends = list(accumulate(lengths, initial=begin))
    if ends[-1] != len(chunk):
        raise Damaged("a chunk that was cut, or has something behind it")
    known = described[6 * count :].decode(*TEXT).split("\0") if count > 1 else []
    wanted = [(name, place) for place, name in enumerate(known, 1) if wants is None or wants(name)]

    def column(number: int) -> Column:
        if kinds[number] == SAME:
            number = int.from_bytes(chunk[ends[number] : ends[number] + 2], "little")
        return _unpack_column(kinds[number], scales[number], chunk[ends[number] : ends[number + 1]], rows)

    times = _unpack_moments(kinds[0], chunk[ends[0] : ends[1]], scales[0], rows)
    return Table(times, {name: column(place) for name, place in wanted})


def _pack_column(column: Column) -> tuple[int, int, bytes]:
    """A column's kind, scale and bytes."""
    figures = [figure for figure in column if figure is not None]
    holes = b""
    if len(figures) < len(column):
        mask = _deflate(_bits(figure is not None for figure in column))
        holes = len(mask).to_bytes(4, "little") + mask
    kind, scale, body = _pack_figures(figures)
    return kind | (HAS_HOLES if holes else 0), scale, holes + body


def _pack_figures(figures: list[float]) -> tuple[int, int, bytes]:
    if not figures:
        return STEPS, 0, b""
    raw = array("d", figures)
    if raw.tobytes() == raw[:1].tobytes() * len(figures):
        return CONSTANT, 0, _little(raw[:1])
    scale, whole = _whole(raw)
    if not whole:
        return RAW, 0, _deflate(_split(_little(raw), 8))
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


def _pack_moments(times: Sequence[int]) -> tuple[int, int, bytes]:
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
    code, size = next((code, size) for code, size in (("B", 1), ("H", 2), ("I", 4), ("Q", 8)) if size >= width)
    split = _split(_little(array(code, numbers)), size)
    return bytes((width,)) + _deflate(split[: width * len(numbers)])


def _unpack_column(kind: int, scale: int, piece: bytes, rows: int) -> Column:
    if not kind & HAS_HOLES:
        return _unpack_figures(kind, scale, piece, rows)
    size = int.from_bytes(piece[:4], "little")
    is_there = _from_bits(_inflate(piece[4 : 4 + size]), rows)
    figures = iter(_unpack_figures(kind & ~HAS_HOLES, scale, piece[4 + size :], sum(is_there)))
    return [next(figures) if there else None for there in is_there]


def _unpack_figures(kind: int, scale: int, piece: bytes, count: int) -> list[float]:
    if not count:
        return []
    if kind == CONSTANT:
        return list(_floats(piece)) * count
    if kind == RAW:
        return list(_floats(_join(_inflate(piece), 8)))
    return _scaled(_unpack_integers(kind, piece, count), scale)


def _unpack_integers(kind: int, piece: bytes, count: int) -> Iterable[int]:
    begin = int.from_bytes(piece[:8], "little", signed=True)
    if kind == OFFSETS:
        return map(add, _unpack_whole(piece[8:], count), repeat(begin))
    if kind == RISING:
        least = int.from_bytes(piece[8:16], "little", signed=True)
        if not piece[16]:  # every step is the least one
            return range(begin, begin + least * count, least) if least else repeat(begin, count)
        return accumulate(map(add, _unpack_whole(piece[16:], count - 1), repeat(least)), initial=begin)
    if kind != STEPS:
        raise ValueError(f"a column of kind {kind}")
    return accumulate(_signed_again(_unpack_whole(piece[8:], count - 1)), initial=begin)


def _unpack_moments(kind: int, piece: bytes, scale: int, rows: int) -> list[int]:
    if kind != RISING or scale:
        raise ValueError("the moments are not moments")
    return list(_unpack_integers(RISING, piece, rows)) if rows else []


def _scaled(numbers: Iterable[int], decimals: int) -> list[float]:
    power = 10 ** abs(decimals)
    if decimals > 0:
        return list(map(truediv, numbers, repeat(power)))
    return list(map(float, map(mul, numbers, repeat(power)) if decimals else numbers))


@cache
def _short_steps() -> list[int]:
    """What the zigzag numbers of two bytes stand for."""
    return [(number >> 1) ^ -(number & 1) for number in range(65536)]


def _signed_again(numbers: Sequence[int]) -> Iterable[int]:
    if isinstance(numbers, array) and numbers.itemsize <= 2:
        return map(_short_steps().__getitem__, numbers)
    return [(number >> 1) ^ -(number & 1) for number in numbers]


def _unpack_whole(piece: bytes, count: int) -> Sequence[int]:
    width = piece[0]
    if not width:
        return (0,) * count
    code, size = next((code, size) for code, size in (("B", 1), ("H", 2), ("I", 4), ("Q", 8)) if size >= width)
    planes = _inflate(piece[1:])
    return _numbers(code, _join(planes + bytes((size - width) * count), size))


def _split(numbers: bytes, size: int) -> bytes:
    """The bytes of equal weight side by side."""
    return numbers if size == 1 else b"".join(numbers[place::size] for place in range(size))


def _join(planes: bytes, size: int) -> bytes:
    """The way back of `_split`."""
    if size == 1:
        return planes
    numbers, count = bytearray(len(planes)), len(planes) // size
    for place in range(size):
        numbers[place::size] = planes[place * count : (place + 1) * count]
    return bytes(numbers)


def _little(numbers: "array[float] | array[int]") -> bytes:
    """The bytes of numbers, the least first whatever the machine does."""
    if not IS_LITTLE:
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(code: str, text: bytes) -> "array[int]":
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


def _deflate(text: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return packer.compress(text) + packer.flush()


def _inflate(text: bytes) -> bytes:
    return zlib.decompress(text, -15)
