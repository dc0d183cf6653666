"""Whatever a box sends, reading it ends in something that may be kept or in a reason."""

from contextlib import suppress

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from central.ingest.reading import MAX_REASON, Refused, SightingRead, check_crop, read
from shared.errors import PictureError
from shared.messages import Crop, Sighting, decode, encode
from shared.topics import Lane
from tests.central.keeping import received
from tests.factories import crop_of, dimensions, make_sighting

GOOD = encode(make_sighting(np.random.default_rng(19)))
SIGHTING = decode(Sighting, GOOD)
LANES = st.sampled_from([Lane.SIGHTING, Lane.STATE, Lane.TELEMETRY])


@settings(max_examples=300, deadline=None)
@given(LANES, st.binary(max_size=300))
def test_random_bytes_are_refused(lane: Lane, payload: bytes) -> None:
    reading = read(received(payload, 1, lane=lane), dimensions)
    assert isinstance(reading, Refused) or (not payload and lane != Lane.SIGHTING)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6))
def test_a_damaged_sighting_is_taken_or_refused_with_a_reason(
    damage: list[tuple[int, int]],
) -> None:
    payload = bytearray(GOOD)
    for place, value in damage:
        payload[place] = value
    reading = read(received(bytes(payload), 1), dimensions)
    assert isinstance(reading, SightingRead | Refused)
    if isinstance(reading, Refused):
        assert 0 < len(reading.reason) <= MAX_REASON
        assert reading.reason.isprintable()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6), st.integers(12))
def test_a_damaged_crop_is_taken_or_refused(damage: list[tuple[int, int]], length: int) -> None:
    data = bytearray(crop_of(SIGHTING).data)
    for place, value in damage:
        data[place] = value
    crop = Crop(width=64, height=128, data=bytes(data[: min(length, len(data))]))
    with suppress(PictureError):
        check_crop(crop)
