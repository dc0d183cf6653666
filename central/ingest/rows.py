"""Sightings as rows: one statement for a whole batch."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from central.days import day_of
from central.db.arrays import plain, quoted
from central.ingest.reading import SightingRead
from shared.geometry import Rect

_TEXTS = ("box", "channel", "camera", "object_class", "space", "plate")
_JSON = ("attributes", "models")
_RECTS = ("rect", "first_rect", "last_rect")
_MOMENTS = ("first_seen", "last_seen", "shot")
_PLAIN = {
    "day": "date",
    "id": "uuid",
    "revision": "integer",
    "ended": "boolean",
    "frame_width": "integer",
    "frame_height": "integer",
    "confidence": "real",
    "quality": "real",
    "detections": "integer",
    "crops_used": "integer",
    "vector_scale": "double precision",
    "crop_width": "integer",
    "crop_height": "integer",
    "crop_bytes": "integer",
    "crop_revision": "integer",
    "message_bytes": "integer",
    "clock_offset_ms": "double precision",
}
# What travels, as arrays of these types. Vectors travel end to end in one parameter, with where
# each begins; unnest() flattens arrays of arrays, so rectangles are text; moments are milliseconds.
_ARRAYS = (
    _PLAIN
    | dict.fromkeys((*_TEXTS, *_JSON, *_RECTS), "text")
    | dict.fromkeys(_MOMENTS, "bigint")
    | {"vector_at": "integer", "vector_bytes": "integer"}
)
# Column -> how it is read back.
_VALUES = (
    {name: f"r.{name}" for name in (*_PLAIN, *_TEXTS)}
    | {name: f"r.{name}::jsonb" for name in _JSON}
    | {name: f"r.{name}::real[]" for name in _RECTS}
    # A double holds the microseconds of such a moment, and the column keeps three digits.
    | {name: f"to_timestamp(r.{name}::double precision / 1000)" for name in _MOMENTS}
    | {"vector": "substring(CAST(:vectors AS bytea) FROM r.vector_at FOR r.vector_bytes)"}
)
_KEY = ("day", "id")
# A sighting whose picture is to follow keeps the one it has; so does one with an older picture.
_CROP = frozenset({"crop_width", "crop_height", "crop_bytes", "crop_revision"})
_NEWER_CROP = "excluded.crop_revision > coalesce(sightings.crop_revision, -1)"


def _upsert_statement() -> str:
    names = ", ".join(_VALUES)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _ARRAYS.items())
    values = ", ".join(_VALUES.values())
    updates = ", ".join(f"{name} = {_newest(name)}" for name in _VALUES if name not in _KEY)
    # S608: made of the constants above. Sorted, so that two writers lock rows in one order.
    return (
        f"INSERT INTO sightings ({names}) "  # noqa: S608
        f"SELECT {values} FROM unnest({arrays}) AS r({', '.join(_ARRAYS)}) ORDER BY r.day, r.id "
        f"ON CONFLICT (day, id) DO UPDATE SET {updates}, change_xid = pg_current_xact_id() "
        "WHERE excluded.revision > sightings.revision AND excluded.box = sightings.box "
        "RETURNING id"
    )


def _newest(name: str) -> str:
    if name in _CROP:
        return f"CASE WHEN {_NEWER_CROP} THEN excluded.{name} ELSE sightings.{name} END"
    return f"excluded.{name}"


_UPSERT = text(_upsert_statement())
_OWNERS = text(
    "SELECT s.id, s.box FROM sightings s "
    "JOIN unnest(CAST(:day AS date[]), CAST(:id AS uuid[])) AS r(day, id) USING (day, id)"
)


class Upserted(NamedTuple):
    """Which sightings were new or newer, and whose the others are."""

    applied: frozenset[UUID]
    owners: dict[UUID, str]


def upsert(connection: Connection, readings: Sequence[SightingRead]) -> Upserted:
    """Keep `readings` (one an id); a lower or equal revision, or another box's, changes nothing."""
    if not readings:
        return Upserted(frozenset(), {})
    found = connection.execute(_UPSERT, _parameters(readings))
    applied = frozenset(found.scalars())
    others = [reading.sighting for reading in readings if reading.sighting.id not in applied]
    if not others:
        return Upserted(applied, {})
    keys = {
        "day": [day_of(sighting.first_seen_ms) for sighting in others],
        "id": [sighting.id for sighting in others],
    }
    owners = connection.execute(_OWNERS, keys)
    return Upserted(applied, {row.id: row.box for row in owners})


def _parameters(readings: Sequence[SightingRead]) -> dict[str, str | bytes]:
    columns = zip(*map(_values, readings), strict=True)
    arrays: dict[str, str | bytes] = {
        name: plain(values) if _ARRAYS[name] != "text" else quoted(values)
        for name, values in zip(_ORDER, columns, strict=True)
    }
    vectors = [reading.sighting.embedding.values for reading in readings]
    places, place = [], 1
    for vector in vectors:
        places.append(place)
        place += len(vector)
    arrays["vector_at"] = plain(places)
    arrays["vector_bytes"] = plain(map(len, vectors))
    arrays["vectors"] = b"".join(vectors)
    return arrays


_ORDER = (
    *("day", "id", "revision", "ended", "box", "channel", "camera", "object_class"),
    *("first_seen", "last_seen", "shot", "frame_width", "frame_height"),
    *("rect", "first_rect", "last_rect", "confidence", "quality", "detections", "crops_used"),
    *("space", "vector_scale", "crop_width", "crop_height", "crop_bytes", "crop_revision"),
    *("message_bytes", "attributes", "plate", "models", "clock_offset_ms"),
)


def _values(reading: SightingRead) -> tuple[object, ...]:
    """What is in each column of `_ORDER`."""
    sighting, crop = reading.sighting, reading.sighting.crop
    attributes = {
        name: {"value": each.value, "confidence": each.confidence}
        for name, each in sighting.attributes.items()
    }
    return (
        day_of(sighting.first_seen_ms),
        sighting.id,
        sighting.revision,
        sighting.ended,
        reading.received.box,
        sighting.channel,
        sighting.camera,
        sighting.object_class.value,
        sighting.first_seen_ms,
        sighting.last_seen_ms,
        sighting.shot_ms,
        sighting.frame_width,
        sighting.frame_height,
        _array(sighting.box),
        _array(sighting.first_box),
        _array(sighting.last_box),
        sighting.confidence,
        sighting.quality,
        sighting.detections,
        sighting.crops_used,
        sighting.embedding.space,
        sighting.embedding.scale,
        crop.width if crop else 0,
        crop.height if crop else 0,
        len(crop.data) if crop else 0,
        sighting.revision if crop else None,
        len(reading.received.payload),
        json.dumps(attributes),
        sighting.plate,
        json.dumps(sighting.models),
        sighting.clock.offset_ms if sighting.clock else None,
    )


def _array(rect: Rect) -> str:
    return "{" + ",".join(map(repr, map(float, rect))) + "}"
