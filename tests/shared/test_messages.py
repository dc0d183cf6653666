"""The wire survives anything that arrives on it."""

from typing import Any
from uuid import UUID, uuid4

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.classes import ObjectClass
from shared.errors import MalformedPayload, PayloadTooLarge, UnsupportedVersion, WireError
from shared.geometry import Rect
from shared.ids import uuid7
from shared.messages import Ack, Crop, Embedding, Refusal, Sighting, decode, encode
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.pictures import encode_webp
from shared.vectors import quantise

FIRST_SEEN_MS = 1_760_000_000_000


def a_sighting() -> Sighting:
    vector = quantise(np.random.default_rng(7).normal(size=256))
    picture = np.random.default_rng(8).integers(0, 255, (64, 32, 3), dtype=np.uint8)
    return Sighting(
        id=uuid7(FIRST_SEEN_MS),
        revision=1,
        ended=True,
        channel="left",
        camera="cam-1",
        object_class=ObjectClass.PERSON,
        first_seen_ms=FIRST_SEEN_MS,
        last_seen_ms=FIRST_SEEN_MS + 4_000,
        shot_ms=FIRST_SEEN_MS + 1_500,
        frame_width=768,
        frame_height=576,
        box=Rect(10, 20, 60, 150),
        first_box=Rect(0, 20, 50, 150),
        last_box=Rect(200, 20, 250, 150),
        confidence=0.9,
        quality=0.8,
        detections=20,
        crops_used=5,
        embedding=Embedding(space="test@1", scale=vector.scale, values=vector.values),
        crop=Crop(width=32, height=64, data=encode_webp(picture)),
    )


def fields(**changes: object) -> dict[str, Any]:
    unpacked: dict[str, Any] = msgpack.unpackb(encode(a_sighting()))
    return unpacked | changes


def packed(**changes: object) -> bytes:
    return bytes(msgpack.packb(fields(**changes)))


def test_a_sighting_comes_back_as_it_was_sent() -> None:
    sighting = a_sighting()

    assert decode(Sighting, encode(sighting)) == sighting


def test_a_field_from_a_newer_box_is_ignored() -> None:
    assert decode(Sighting, packed(gait="brisk")).camera == "cam-1"


@pytest.mark.parametrize("version", [0, 2, 1.5, "1", None])
def test_another_major_version_is_refused(version: object) -> None:
    with pytest.raises(UnsupportedVersion, match="update the older side"):
        decode(Sighting, packed(v=version))


def test_a_message_over_the_cap_is_not_decoded() -> None:
    with pytest.raises(PayloadTooLarge):
        decode(Sighting, b"\xc1" * (MAX_PAYLOAD_BYTES + 1))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 100_000,
        b"\x93\x01\x02\x03",
        b"\x01\x02",
        msgpack.packb({1: 2}),
        msgpack.packb({"v": msgpack.ExtType(5, b"x")}),
        b"\x81\xa1\xff\x01",
    ],
    ids=[
        "empty",
        "reserved byte",
        "map header that lies",
        "binary header that lies",
        "nested",
        "a list",
        "two values",
        "number as key",
        "extension type",
        "key that is not UTF-8",
    ],
)
def test_what_is_not_a_message_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        decode(Sighting, payload)


def test_every_truncation_is_refused() -> None:
    whole = encode(a_sighting())

    for length in range(len(whole)):
        with pytest.raises(WireError):
            decode(Sighting, whole[:length])


@given(st.binary(max_size=400))
def test_random_bytes_never_raise_anything_else(payload: bytes) -> None:
    with pytest.raises(WireError):
        decode(Sighting, payload)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_seen_ms": FIRST_SEEN_MS + 1},
        {"shot_ms": FIRST_SEEN_MS + 9_000},
        {"last_seen_ms": FIRST_SEEN_MS - 1},
        {"id": uuid4().bytes},
        {"id": b"short"},
        {"box": [0, 0, 900, 100]},
        {"box": [50, 0, 50, 100]},
        {"box": [0, 0, float("nan"), 100]},
        {"box": [0, 0, 1]},
        {"camera": "../../etc/passwd"},
        {"camera": ""},
        {"object_class": "dragon"},
        {"confidence": 1.5},
        {"revision": -1},
        {"frame_width": 0},
        {"embedding": {"space": "test@1", "scale": -1.0, "values": b"x"}},
        {"embedding": {"space": "test@1", "scale": 0.1, "values": bytes(5000)}},
        {"crop": {"format": "webp", "width": 1, "height": 1, "data": bytes(200_000)}},
        {"crop": {"format": "svg", "width": 1, "height": 1, "data": bytes(20)}},
        {"attributes": {f"a{i}": {"value": "x", "confidence": 0.5} for i in range(65)}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_field_out_of_range_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedPayload):
        decode(Sighting, packed(**changes))


def test_an_ack_comes_back_as_it_was_sent() -> None:
    ack = Ack(epoch=UUID(int=5), accepted=[1, 2, 9], refused=[Refusal(seq=3, reason="why")])

    assert decode(Ack, encode(ack)) == ack
