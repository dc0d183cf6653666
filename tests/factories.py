"""Synthetic sightings that the centre takes: real WebP crops, real spaces."""

from functools import cache
from uuid import UUID

import numpy as np

from models.catalogue import load_catalogue
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.ids import uuid7
from shared.messages import Attribute, ClockOffset, Crop, Embedding, Sighting
from shared.pictures import encode_webp
from shared.vectors import Vector, normalised, quantise

SPACE = "person-reidentification-retail-0287"
MORNING_MS = 1_784_505_600_000
"""2026-07-20 00:00:00 UTC: a day that is fixed, for tests that hand in their own clock."""

_CROPS = 16


def dimensions(space: str) -> int:
    """The length of the vectors of `space`, as ingest asks for it."""
    return load_catalogue().space(space).dimensions


def unit_vector(rng: np.random.Generator, space: str = SPACE) -> Vector:
    """A random direction in `space`, float32."""
    return normalised(rng.standard_normal(dimensions(space)))


def make_embedding(rng: np.random.Generator, space: str = SPACE) -> Embedding:
    """A random embedding as it travels."""
    values, scale = quantise(unit_vector(rng, space))
    return Embedding(space=space, scale=scale, values=values)


def make_crop(rng: np.random.Generator, width: int = 64, height: int = 128) -> Crop:
    """One of a few pictures; encoding a new one each time would be what a test waits for."""
    data = _webp(int(rng.integers(_CROPS)), width, height)
    return Crop(width=width, height=height, data=data)


def make_sighting(rng: np.random.Generator, **overrides: object) -> Sighting:
    """A valid sighting; `overrides` replace its fields.

    `first_seen_ms` moves its id along unless one is given. All randomness is `rng`'s.
    """
    first = int(str(overrides.get("first_seen_ms", MORNING_MS + rng.integers(86_400_000))))
    lasts = int(rng.integers(500, 30_000))
    left, top = (float(value) for value in rng.integers(0, 400, size=2))
    rect = Rect(left, top, left + 64, top + 128)
    fields: dict[str, object] = {
        "id": make_id(rng, first),
        "revision": 1,
        "ended": True,
        "channel": "north",
        "camera": "cam-1",
        "object_class": ObjectClass.PERSON,
        "first_seen_ms": first,
        "last_seen_ms": first + lasts,
        "shot_ms": first + lasts // 2,
        "frame_width": 1280,
        "frame_height": 720,
        "box": rect,
        "first_box": rect,
        "last_box": rect,
        "confidence": float(np.float32(rng.uniform(0.3, 1))),
        "quality": float(np.float32(rng.uniform(0, 1))),
        "detections": int(rng.integers(1, 100)),
        "crops_used": 3,
        "embedding": make_embedding(rng),
        "crop": make_crop(rng),
        "attributes": {"upper_colour": Attribute(value="red", confidence=0.5)},
        "models": {"detector": "person-vehicle-bike-detection-2004@1"},
        "clock": ClockOffset(offset_ms=1.5, round_trip_ms=3.0),
    }
    return Sighting.model_validate(fields | overrides)


def crop_of(sighting: Sighting) -> Crop:
    """The picture of a sighting that has one."""
    assert sighting.crop is not None
    return sighting.crop


def make_id(rng: np.random.Generator, ms: int) -> UUID:
    """A UUIDv7 of the instant `ms`."""
    return uuid7(ms, rng.bytes)


@cache
def _webp(seed: int, width: int, height: int) -> bytes:
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 255, (height // 16, width // 16, 3), dtype=np.uint8)
    return encode_webp(np.repeat(np.repeat(blocks, 16, axis=0), 16, axis=1))
