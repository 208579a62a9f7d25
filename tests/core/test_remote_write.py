"""Remote-write messages, byte by byte, and what is left out of them."""

import math
from collections.abc import Iterator
from struct import unpack

from hypothesis import given
from hypothesis import strategies as st

from rounds.core.remote_write import Series, message


def test_a_message_is_what_the_protocol_says() -> None:
    told = message([({"b": "2", "__name__": "up"}, [(1, 1.0)])])

    assert told == (
        b"\x0a\x25"  # a series of 37 bytes
        b"\x0a\x0e\x0a\x08__name__\x12\x02up"
        b"\x0a\x06\x0a\x01b\x12\x012"
        b"\x12\x0b\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x10\x01"
    )


def test_labels_without_a_value_and_figures_that_are_none_are_left_out() -> None:
    told = message([({"a": "", "b": "x"}, [(2, math.nan), (3, math.inf), (1, 5.0)])])

    assert told == message([({"b": "x"}, [(1, 5.0)])])


def test_samples_come_in_the_order_of_time() -> None:
    assert message([({"a": "x"}, [(2, 2.0), (1, 1.0)])]) == message([({"a": "x"}, [(1, 1.0), (2, 2.0)])])


LABELS = st.dictionaries(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=300), min_size=1, max_size=4)
MOMENTS = st.integers(-(2**63), 2**63 - 1)
SAMPLES = st.dictionaries(MOMENTS, st.floats(allow_nan=False, allow_infinity=False), max_size=9)


@given(st.lists(st.tuples(LABELS, SAMPLES.map(lambda found: sorted(found.items()))), max_size=4))
def test_what_is_written_can_be_read(series: list[Series]) -> None:
    told = message(series)

    assert list(_series(told)) == [(dict(labels), list(samples)) for labels, samples in series]


def _series(told: bytes) -> Iterator[tuple[dict[str, str], list[tuple[int, float]]]]:
    """A reader of protobuf's wire format, by its specification."""
    for _, one in _fields(told):
        labels: dict[str, str] = {}
        samples: list[tuple[int, float]] = []
        for number, part in _fields(one):
            inner = dict(_fields(part))
            if number == 1:
                labels[inner[1].decode()] = inner[2].decode()
            else:
                at = int.from_bytes(inner[2], "little", signed=True)
                samples.append((at, unpack("<d", inner[1])[0]))
        yield labels, samples


def _fields(told: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(told):
        tag, place = _varint(told, place)
        if tag & 7 == 2:
            length, place = _varint(told, place)
        elif tag & 7 == 1:
            length = 8
        else:
            value, place = _varint(told, place)
            yield tag >> 3, value.to_bytes(8, "little")
            continue
        yield tag >> 3, told[place : place + length]
        place += length


def _varint(told: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, place = told[place], place + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, place
