"""Sightings as rows: one statement for a whole batch."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from central.days import day_of
from central.ingest.reading import SightingRead
from shared.clock import to_datetime
from shared.geometry import Rect

# Column -> (type of the array that carries it, expression that reads it back).
_TYPES = {
    "day": "date",
    "id": "uuid",
    "revision": "integer",
    "ended": "boolean",
    "box": "text",
    "channel": "text",
    "camera": "text",
    "object_class": "text",
    "first_seen": "timestamptz",
    "last_seen": "timestamptz",
    "shot": "timestamptz",
    "frame_width": "integer",
    "frame_height": "integer",
    "rect": "text",
    "first_rect": "text",
    "last_rect": "text",
    "confidence": "real",
    "quality": "real",
    "detections": "integer",
    "crops_used": "integer",
    "space": "text",
    "vector_scale": "double precision",
    "vector": "bytea",
    "crop_width": "integer",
    "crop_height": "integer",
    "crop_bytes": "integer",
    "crop_revision": "integer",
    "message_bytes": "integer",
    "attributes": "text",
    "plate": "text",
    "models": "text",
    "clock_offset_ms": "double precision",
}
# unnest() flattens arrays of arrays, so these travel as text.
_CASTS = {"rect": "real[]", "first_rect": "real[]", "last_rect": "real[]"} | dict.fromkeys(
    ("attributes", "models"), "jsonb"
)
_KEY = ("day", "id")
# A sighting whose picture is to follow keeps the one it has; so does one with an older picture.
_CROP = frozenset({"crop_width", "crop_height", "crop_bytes", "crop_revision"})
_NEWER_CROP = "excluded.crop_revision > coalesce(sightings.crop_revision, -1)"


def _upsert_statement() -> str:
    names = ", ".join(_TYPES)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _TYPES.items())
    values = ", ".join(
        f"r.{name}::{_CASTS[name]}" if name in _CASTS else f"r.{name}" for name in _TYPES
    )
    updates = ", ".join(f"{name} = {_newest(name)}" for name in _TYPES if name not in _KEY)
    # S608: made of the constants above. Sorted, so that two writers lock rows in one order.
    return (
        f"INSERT INTO sightings ({names}) "  # noqa: S608
        f"SELECT {values} FROM unnest({arrays}) AS r({names}) ORDER BY r.day, r.id "
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
    rows = [_values(reading) for reading in readings]
    found = connection.execute(_UPSERT, _columns(rows, tuple(_TYPES)))
    applied = frozenset(found.scalars())
    others = [row for row in rows if row["id"] not in applied]
    if not others:
        return Upserted(applied, {})
    owners = connection.execute(_OWNERS, _columns(others, _KEY))
    return Upserted(applied, {row.id: row.box for row in owners})


def _columns(rows: Sequence[dict[str, object]], names: Sequence[str]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in names}


def _values(reading: SightingRead) -> dict[str, object]:
    sighting, crop = reading.sighting, reading.sighting.crop
    attributes = {name: value.model_dump() for name, value in sighting.attributes.items()}
    return {
        "day": day_of(sighting.first_seen_ms),
        "id": sighting.id,
        "revision": sighting.revision,
        "ended": sighting.ended,
        "box": reading.received.box,
        "channel": sighting.channel,
        "camera": sighting.camera,
        "object_class": sighting.object_class.value,
        "first_seen": to_datetime(sighting.first_seen_ms),
        "last_seen": to_datetime(sighting.last_seen_ms),
        "shot": to_datetime(sighting.shot_ms),
        "frame_width": sighting.frame_width,
        "frame_height": sighting.frame_height,
        "rect": _array(sighting.box),
        "first_rect": _array(sighting.first_box),
        "last_rect": _array(sighting.last_box),
        "confidence": sighting.confidence,
        "quality": sighting.quality,
        "detections": sighting.detections,
        "crops_used": sighting.crops_used,
        "space": sighting.embedding.space,
        "vector_scale": sighting.embedding.scale,
        "vector": sighting.embedding.values,
        "crop_width": crop.width if crop else 0,
        "crop_height": crop.height if crop else 0,
        "crop_bytes": len(crop.data) if crop else 0,
        "crop_revision": sighting.revision if crop else None,
        "message_bytes": len(reading.received.payload),
        "attributes": json.dumps(attributes),
        "plate": sighting.plate,
        "models": json.dumps(sighting.models),
        "clock_offset_ms": sighting.clock.offset_ms if sighting.clock else None,
    }


def _array(rect: Rect) -> str:
    return "{" + ",".join(map(repr, map(float, rect))) + "}"
