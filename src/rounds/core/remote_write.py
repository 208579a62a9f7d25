"""Series of samples as Prometheus' remote-write protocol (version 0.1.0) has them: plain values in, a message out.

The message is protobuf's wire format of `prometheus.WriteRequest`: four kinds of message and six fields, which change
no more. It is written here, as a protobuf library would bring a compiler and generated code for these sixty lines.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence

type Sample = tuple[int, float]  # milliseconds since 1970, and a figure
type Series = tuple[Mapping[str, str], Sequence[Sample]]

# Of each field its number and how it is written: 1 a double, 2 bytes with their length, 0 a number in sevens of bits.
SERIES = LABELS = NAME = b"\x0a"
SAMPLES = VALUE_OF_LABEL = b"\x12"
FIGURE, MOMENT = b"\x09", b"\x10"


def message(series: Iterable[Series]) -> bytes:
    """Write series; labels come sorted and samples in the order of time, as the protocol wants them.

    What is not finite is left out: to Prometheus a NaN of a certain kind means that a series has ended.
    """
    return b"".join(SERIES + _with_length(_one(labels, samples)) for labels, samples in series)


def _one(labels: Mapping[str, str], samples: Sequence[Sample]) -> bytes:
    named = (LABELS + _with_length(_label(*label)) for label in sorted(labels.items()) if label[1])
    told = (SAMPLES + _with_length(_sample(*sample)) for sample in sorted(samples) if math.isfinite(sample[1]))
    return b"".join((*named, *told))


def _label(name: str, value: str) -> bytes:
    return NAME + _with_length(name.encode()) + VALUE_OF_LABEL + _with_length(value.encode())


def _sample(at: int, figure: float) -> bytes:
    return FIGURE + struct.pack("<d", figure) + MOMENT + _number(at)


def _with_length(content: bytes) -> bytes:
    return _number(len(content)) + content


def _number(value: int) -> bytes:
    """Write a number as protobuf's varint; a negative one as its complement in 64 bits."""
    value &= 2**64 - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
