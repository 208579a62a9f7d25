"""A check-in's figures under one name each: samples as they are named, a disk's as `disk.used_percent@/srv`.

What a watch gave is kept with the machine that looked, as `watch.12.milliseconds`.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec


class Gave(Protocol):
    """What a watch gave."""

    @property
    def watch(self) -> int: ...  # noqa: D102
    @property
    def figures(self) -> Mapping[str, float]: ...  # noqa: D102


class _Gave(msgspec.Struct):
    """Of a watch, only what was measured."""

    watch: int
    figures: dict[str, float] = {}


class _Figures(msgspec.Struct):
    """Of a check-in, only what was measured."""

    samples: dict[str, float] = {}
    disks: dict[str, dict[str, float]] = {}
    watches: list[_Gave] = []


_decoder = msgspec.json.Decoder(_Figures)


def of_disk(figure: str, place: str) -> str:
    """The name of a disk's figure."""
    return f"disk.{figure}@{place}"


def of_watch(watch_id: int, figure: str = "") -> str:
    """The name of a watch's figure; without one, how the names of all begin."""
    return f"watch.{watch_id}.{figure}"


def figures_of(
    samples: Mapping[str, float], disks: Mapping[str, Mapping[str, float]], watches: Iterable[Gave] = ()
) -> dict[str, float]:
    """All figures of a check-in by name."""
    named = dict(samples)
    for place, figures in disks.items():
        for figure, value in figures.items():
            named[of_disk(figure, place)] = value
    for gave in watches:
        for figure, value in gave.figures.items():
            named[of_watch(gave.watch, figure)] = value
    return named


def figures_in(body: bytes) -> dict[str, float]:
    """All figures of a check-in as it was sent."""
    said = _decoder.decode(zlib.decompress(body))
    return figures_of(said.samples, said.disks, said.watches)


@dataclass(frozen=True, slots=True)
class Names:
    """Which figures are meant: these, and those that begin with one of the beginnings; without either, all."""

    exact: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Is a figure one of them?"""
        return name in self.exact or name.startswith(self.beginnings) if self.exact or self.beginnings else True


ALL = Names()
