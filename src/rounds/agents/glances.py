"""Glances (`core.glancing`) packed as they are kept beside check-ins, whose bodies then only the nightly seal reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from rounds.core.glancing import Glance, OfDisk, looked_at

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(tuple[float | None, float | None, dict[str, OfDisk]])


class Told(Protocol):
    """What a check-in tells."""

    @property
    def samples(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def disks(self) -> Mapping[str, Mapping[str, float]]: ...  # noqa: D102
    @property
    def facts(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def results(self) -> list[Any]: ...  # noqa: D102
    @property
    def events(self) -> list[Any]: ...  # noqa: D102
    @property
    def watches(self) -> list[Any]: ...  # noqa: D102


def pack(told: Told) -> bytes | None:
    """What rules look at of a check-in that tells figures alone; None if it tells more."""
    if told.facts or told.results or told.events or told.watches:
        return None
    return _encode(looked_at(told.samples, told.disks))


def unpack(taken_at: datetime, packed: bytes) -> Glance:
    """A glance as it was packed."""
    return Glance(taken_at, *_decoder.decode(packed))
