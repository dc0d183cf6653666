"""Sightings as boxes send them, cheap to make: encoded once a camera, then stamped.

A stamped message is byte for byte what encoding it anew would give; a test compares the two.
"""

import struct
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.messages import Attribute, ClockOffset, Crop, Embedding, Sighting, encode
from shared.pictures import encode_webp
from shared.vectors import QuantisedVector, quantise

_CROPS = 32
_IDENTITIES = 1_024
_VIEWS = 4
_NOISE = 0.6
_TEXTURE = 8.0
_WIDTH, _HEIGHT = 128, 256
_SHOT_MS, _LASTS_MS = 1_500, 3_000
# What stands in a template where a message's own value goes: found again by its bytes.
_FIRST_MS = 0x0123_4567_89AB
_ID = UUID(int=(_FIRST_MS << 80) | (0x7 << 76) | (0x2 << 62) | 0x1234_5678_9ABC_DEF0)
_SCALE = 0.123_456_789
_MS = struct.Struct(">BQ")
_DOUBLE = struct.Struct(">Bd")
_UINT64, _FLOAT64 = 0xCF, 0xCB
_OBJECT_BITS = 36


class Row(NamedTuple):
    """One row of a box's outbox, as little as its message can be made from again.

    `number` counts the box's objects from 0; `ms` is when this one was first seen, UTC; `made` is
    when the row was appended (stopwatch seconds).
    """

    seq: int
    number: int
    revision: int
    ms: int
    made: float


class _Template(NamedTuple):
    payload: bytes
    id_at: int
    first_at: int
    shot_at: int
    last_at: int
    scale_at: int
    vector_at: int


class Messages:
    """Makes the payload of any row of a fleet.

    Args:
        rng: decides how people look.
        space: the embedding space of the vectors.
        dimensions: its length.
        run: tells the ids of this fleet from those of another one, 0 to 4095.
    """

    def __init__(self, rng: np.random.Generator, space: str, dimensions: int, run: int) -> None:
        self._crops = [_make_crop(rng) for _ in range(_CROPS)]
        self._vectors = _make_vectors(rng, dimensions)
        self._space = space
        self._run = run
        self._templates: dict[tuple[int, int, bool], _Template] = {}

    def payload(self, box: int, camera: int, row: Row) -> bytes:
        """The encoded sighting of `row` of box number `box`, seen by its camera number `camera`."""
        final = row.revision > 0
        key = (box, camera, final)
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = self._make_template(*key)
        vector = self._vectors[(row.number * 31 + box * 7 + row.revision) % len(self._vectors)]
        out = bytearray(template.payload)
        out[template.id_at : template.id_at + 16] = self.identify(box, row).bytes
        _MS.pack_into(out, template.first_at, _UINT64, row.ms)
        _MS.pack_into(out, template.shot_at, _UINT64, row.ms + _SHOT_MS)
        _MS.pack_into(out, template.last_at, _UINT64, row.ms + _LASTS_MS)
        _DOUBLE.pack_into(out, template.scale_at, _FLOAT64, vector.scale)
        out[template.vector_at : template.vector_at + len(vector.values)] = vector.values
        return bytes(out)

    def identify(self, box: int, row: Row) -> UUID:
        """The id of the sighting that `row` of box number `box` belongs to (UUIDv7)."""
        tail = (box << _OBJECT_BITS) | row.number
        return UUID(int=(row.ms << 80) | (0x7 << 76) | (self._run << 64) | (0x2 << 62) | tail)

    def _make_template(self, box: int, camera: int, final: bool) -> _Template:  # noqa: FBT001
        values = bytes((index * 37 + 11) % 251 for index in range(len(self._vectors[0].values)))
        left, top = float(40 + camera % 5 * 200), float(30 + box % 7 * 40)
        rect = Rect(left, top, left + 64, top + 128)
        sighting = Sighting(
            id=_ID,
            revision=int(final),
            ended=final,
            channel=f"channel-{camera}",
            camera=camera_name(box, camera),
            object_class=ObjectClass.PERSON,
            first_seen_ms=_FIRST_MS,
            last_seen_ms=_FIRST_MS + _LASTS_MS,
            shot_ms=_FIRST_MS + _SHOT_MS,
            frame_width=1920,
            frame_height=1080,
            box=rect,
            first_box=rect.shifted(-20, 0),
            last_box=rect.shifted(30, 12),
            confidence=0.83,
            quality=0.61,
            detections=15,
            crops_used=4 if final else 1,
            embedding=Embedding(space=self._space, scale=_SCALE, values=values),
            crop=self._crops[(box * 5 + camera) % len(self._crops)],
            attributes={"upper_colour": Attribute(value="red", confidence=0.7)},
            models={"detector": "starter-detector@1", "embedder": f"{self._space}@1"},
            clock=ClockOffset(offset_ms=-3.5, round_trip_ms=8.0),
        )
        payload = encode(sighting)
        return _Template(
            payload,
            payload.index(_ID.bytes),
            payload.index(_MS.pack(_UINT64, _FIRST_MS)),
            payload.index(_MS.pack(_UINT64, _FIRST_MS + _SHOT_MS)),
            payload.index(_MS.pack(_UINT64, _FIRST_MS + _LASTS_MS)),
            payload.index(_DOUBLE.pack(_FLOAT64, _SCALE)),
            payload.index(values),
        )


def camera_name(box: int, camera: int) -> str:
    """The id of a box's camera number `camera`."""
    return f"sim-{box:04d}-{camera}"


def _make_vectors(rng: np.random.Generator, dimensions: int) -> list[QuantisedVector]:
    """Views of identities: the same one's are alike (cosine about 0.7), others' are not."""
    found = []
    for _ in range(_IDENTITIES):
        mean = rng.standard_normal(dimensions)
        found += [quantise(mean + _NOISE * rng.standard_normal(dimensions)) for _ in range(_VIEWS)]
    return found


def _make_crop(rng: np.random.Generator) -> Crop:
    """Someone in front of something, as soft as crops of cameras are: about 2 KB."""
    scene = _enlarged(rng.integers(40, 200, (_HEIGHT // 32, _WIDTH // 32, 3)), 32)
    for top, bottom in ((16, 60), (60, 150), (150, 244)):
        scene[top:bottom, 36:92] = rng.integers(20, 235, 3)
    texture = _enlarged(rng.normal(0, _TEXTURE, (_HEIGHT // 4, _WIDTH // 4, 3)), 4)
    picture = _softened(scene + texture)
    pixels: NDArray[np.uint8] = np.clip(picture, 0, 255).astype(np.uint8)
    return Crop(width=_WIDTH, height=_HEIGHT, data=encode_webp(pixels))


def _enlarged(picture: NDArray[np.generic], times: int) -> NDArray[np.float64]:
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1).astype(np.float64)


def _softened(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    for axis in (0, 1):
        picture = np.mean([np.roll(picture, by, axis) for by in range(6)], axis=0)
    return picture
