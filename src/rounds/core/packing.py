"""Packs a table of figures over time into few bytes, and back without loss: one stream a column, read one by one.

A chunk is: a version byte, the number of columns and rows, the length of its directory; the directory (kinds, scales,
lengths and names, deflated); the columns, the moments first, each as `core.columns` writes it or said to be the same as
another one of this chunk (of five figures the 95th percentile is the greatest).
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, pairwise

from rounds.core.columns import (
    SAME,
    Column,
    deflate,
    inflate,
    join_planes,
    little,
    numbers_of,
    pack_column,
    pack_moments,
    split_planes,
    unpack_column,
    unpack_moments,
)

VERSION = 1
MOST_ROWS = 1_000_000
TEXT = ("utf-8", "surrogatepass")  # a name may be any text but one with a zero character

type Wants = Callable[[str], bool] | None  # is a column of this name wanted? None: all are
type Known = dict[tuple[int, bytes], list[tuple[str, int]]]  # by number and names of columns: which are wanted, where


class Damaged(Exception):
    """What should be a chunk is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:  # noqa: PLW1641 - mappings have no hash
    """Figures over time: moments in milliseconds since 1970, ascending; a column a name, None where not measured.

    Moments that follow each other evenly may be a range; that makes no other table.
    """

    times: Sequence[int] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Are all moments and figures the same?"""
        if not isinstance(other, Table):
            return NotImplemented
        return [*self.times] == [*other.times] and self.columns == other.columns

    def series(self, name: str) -> list[tuple[float, float]]:
        """One column as (seconds since 1970, figure), without what was not measured."""
        pairs = zip(self.times, self.columns.get(name, ()), strict=False)
        return [(at / 1000, figure) for at, figure in pairs if figure is not None]

    def between(self, since: int, until: int) -> "Table":
        """The rows from one moment up to before another; columns without a figure in them are left out."""
        if not self.times or (since <= self.times[0] and self.times[-1] < until):
            return self
        first, last = (bisect_left(self.times, at) for at in (since, until))
        columns = {name: column[first:last] for name, column in self.columns.items()}
        held = {name: column for name, column in columns.items() if any(figure is not None for figure in column)}
        return Table(self.times[first:last], held)


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
    in_order = sorted(filled, key=lambda table: table.times[0])
    if all(one.times[-1] < other.times[0] for one, other in pairwise(in_order)):
        return _joined(in_order)
    rows = [row for table in filled for row in _rows(table)]
    return table_of(rows)


def _joined(tables: Sequence[Table]) -> Table:
    """Tables that follow each other in time."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns: dict[str, list[float | None]] = {name: [] for name in names}
    for table in tables:
        for name, column in columns.items():
            column.extend(table.columns[name] if name in table.columns else [None] * len(table.times))
    times = [table.times for table in tables]
    return Table(_as_range(times) or list(chain.from_iterable(times)), columns)


def _as_range(pieces: Sequence[Sequence[int]]) -> range | None:
    """Moments that follow each other evenly as a range, which takes no time to make; None if they do not."""
    ranges = [piece for piece in pieces if isinstance(piece, range)]
    if len(ranges) < len(pieces) or len({piece.step for piece in ranges}) > 1:
        return None
    if any(one.stop != other.start for one, other in pairwise(ranges)):
        return None
    return range(ranges[0].start, ranges[-1].stop, ranges[0].step)


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
        kind, scale, piece = pack_column(column) if number else pack_moments(table.times)
        identity = bytes((kind, scale + 64)) + piece
        if (known := seen.setdefault(identity, number)) != number and len(piece) > 2:
            kind, scale, piece = SAME, 0, known.to_bytes(2, "little")
        kinds.append(kind)
        scales.append(scale)
        pieces.append(piece)
    lengths = array("I", map(len, pieces))
    described = bytes(kinds) + scales.tobytes() + split_planes(little(lengths), 4) + "\0".join(names).encode(*TEXT)
    directory = deflate(described)
    head = bytes((VERSION,)) + b"".join(size.to_bytes(4, "little") for size in (len(kinds), len(table.times)))
    return head + len(directory).to_bytes(4, "little") + directory + b"".join(pieces)


def unpack(chunk: bytes, wants: Wants = None) -> Table:
    """Unpack a chunk, or of its columns only those whose names are wanted. Damaged: what was no chunk."""
    return _unpack_each([chunk], wants)[0]


def unpack_all(chunks: Iterable[bytes], wants: Wants = None) -> Table:
    """Unpack chunks as one table: the same as each by itself, merged."""
    return merge(_unpack_each(chunks, wants))


def _unpack_each(chunks: Iterable[bytes], wants: Wants) -> list[Table]:
    known: Known = {}
    try:
        return [_unpack(chunk, wants, known) for chunk in chunks]
    except (IndexError, ValueError, zlib.error, OverflowError) as error:
        raise Damaged(f"not a chunk: {error}") from None


def _unpack(chunk: bytes, wants: Wants, known: Known) -> Table:
    """Unpack a chunk; `known` remembers which columns are wanted where, as the chunks of a machine are mostly alike."""
    if chunk[:1] != bytes((VERSION,)):
        raise Damaged("a chunk of another version")
    count, rows, size = (int.from_bytes(chunk[at : at + 4], "little") for at in (1, 5, 9))
    if rows > MOST_ROWS:
        raise Damaged("more rows than a chunk has")
    described, begin = inflate(chunk[13 : 13 + size]), 13 + size
    kinds, scales = described[:count], array("b", described[count : 2 * count])
    lengths = numbers_of("I", join_planes(described[2 * count : 6 * count], 4))
    if begin + sum(lengths) != len(chunk):
        raise Damaged("a chunk that was cut, or has something behind it")
    named = count, described[6 * count :]
    if named not in known:
        told = named[1].decode(*TEXT).split("\0") if count > 1 else []
        known[named] = [(name, place) for place, name in enumerate(told, 1) if wants is None or wants(name)]

    def piece(number: int) -> bytes:
        place = begin + sum(lengths[:number])
        return chunk[place : place + lengths[number]]

    @cache  # several are often the same as one
    def column(number: int) -> Column:
        return unpack_column(kinds[number], scales[number], piece(number), rows)

    def of(number: int) -> int:
        return int.from_bytes(piece(number)[:2], "little") if kinds[number] == SAME else number

    times = unpack_moments(kinds[0], scales[0], piece(0), rows)
    return Table(times, {name: column(of(place)) for name, place in known[named]})
