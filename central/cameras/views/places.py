"""Where cameras stood, and what they saw, at what moment.

`camera_places` has the rows of a camera from its first move on: one that has none has always been
where it is. What was not known before (no position, no coverage) is taken to have been so before,
too; what was known and changed is so from the moment of the change. Who knows the moment better
says it (`valid_from`), and what was written of the time since is replaced.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from central.cameras.views.model import STORED, View
from central.errors import InputError
from central.values import LonLat

# Cameras as they are now, and as they were at :at.
NOW_STANDING = "SELECT id AS camera, position, view, coverage FROM cameras"
STANDING = """
    SELECT camera, position, view, coverage FROM camera_places
    WHERE from_at <= :at AND :at < until_at
    UNION ALL
    SELECT id, position, view, coverage FROM cameras
    WHERE NOT EXISTS (SELECT FROM camera_places WHERE camera = id)
"""
_AT = text(
    """
    SELECT c.id, c.name, ST_X(place.position::geometry) AS lon, ST_Y(place.position::geometry)
        AS lat, place.view, ST_AsGeoJSON(place.coverage) AS coverage
    FROM unnest(CAST(:cameras AS text[]), CAST(:moments AS timestamptz[])) WITH ORDINALITY
        AS asked (camera, at, number)
    LEFT JOIN cameras c ON c.id = asked.camera
    LEFT JOIN camera_places p
        ON p.camera = asked.camera AND p.from_at <= asked.at AND asked.at < p.until_at,
    LATERAL (SELECT
        CASE WHEN p.camera IS NULL THEN c.position ELSE p.position END AS position,
        CASE WHEN p.camera IS NULL THEN c.view ELSE p.view END AS view,
        CASE WHEN p.camera IS NULL THEN c.coverage ELSE p.coverage END AS coverage
    ) AS place
    ORDER BY number
    """
)
_ID = "camera = ANY(CAST(:ids AS text[]))"
_NEWEST = "p.camera = c.id AND c.id = ANY(CAST(:ids AS text[])) AND p.until_at = 'infinity'"
# Of geometries, `=` and IS DISTINCT FROM compare every vertex.
_MOVED = """(
    (p.position IS NOT NULL AND p.position::geometry IS DISTINCT FROM c.position::geometry)
    OR (p.coverage IS NOT NULL AND p.coverage::geometry IS DISTINCT FROM c.coverage::geometry)
)"""
_OTHER = """(
    p.position::geometry IS DISTINCT FROM c.position::geometry
    OR p.coverage::geometry IS DISTINCT FROM c.coverage::geometry
    OR p.view IS DISTINCT FROM c.view
)"""
_BEGIN = text(
    """
    INSERT INTO camera_places (camera, from_at, until_at, position, view, coverage)
    SELECT id, '-infinity', 'infinity', position, view, coverage FROM cameras
    WHERE id = ANY(CAST(:ids AS text[]))
    ON CONFLICT DO NOTHING
    """
)
_FORGET = (
    text(f"DELETE FROM camera_places WHERE {_ID} AND from_at >= :at"),  # noqa: S608 - no input
    text(
        f"UPDATE camera_places SET until_at = 'infinity' WHERE {_ID} AND until_at >= :at "  # noqa: S608
        "AND until_at < 'infinity'"
    ),
)
_FILL = text(
    "UPDATE camera_places p SET position = c.position, view = c.view, coverage = c.coverage "  # noqa: S608
    f"FROM cameras c WHERE {_NEWEST} AND {_OTHER} AND NOT {_MOVED}"
)
_CLOSE = text(
    f"UPDATE camera_places p SET until_at = :at FROM cameras c WHERE {_NEWEST} AND {_OTHER}"  # noqa: S608
)
_OPEN = text(
    """
    INSERT INTO camera_places (camera, from_at, until_at, position, view, coverage)
    SELECT id, :at, 'infinity', position, view, coverage FROM cameras c
    WHERE id = ANY(CAST(:ids AS text[])) AND NOT EXISTS (
        SELECT FROM camera_places WHERE camera = c.id AND until_at = 'infinity'
    )
    """
)


class Place(NamedTuple):
    """A camera as it stood: `coverage` is a GeoJSON Polygon, None where it is not known.

    `position` is None where it was not placed, and `view` where nobody said what it sees.
    """

    camera: str
    name: str
    position: LonLat | None
    view: View | None
    coverage: dict[str, Any] | None


def at(connection: Connection, asked: Sequence[tuple[str, datetime]]) -> list[Place | None]:
    """Each camera as it stood at its moment, in one query; None: there is no such camera."""
    values = {
        "cameras": [camera for camera, _ in asked],
        "moments": [moment for _, moment in asked],
    }
    return [
        None if row.id is None else _place(row.id, row.name, row)
        for row in connection.execute(_AT, values)
    ]


def begin(connection: Connection, ids: Sequence[str]) -> None:
    """Write where the cameras `ids` are, before they change, where nothing is written yet."""
    if ids:
        connection.execute(_BEGIN, {"ids": list(ids)})


def follow(connection: Connection, ids: Sequence[str], valid_from: datetime | None = None) -> None:
    """Write where the cameras `ids` are, after they changed.

    Args:
        connection: of the transaction that changed them, after `begin`.
        ids: which changed.
        valid_from: since when they are so; now, unless said.

    Raises:
        InputError: `valid_from` is still to come.
    """
    if not ids:
        return
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    if valid_from is not None and valid_from > now:
        raise InputError("valid_from is still to come; change the camera then")
    values = {"ids": list(ids), "at": valid_from or now}
    for statement in _FORGET:
        connection.execute(statement, values)
    if valid_from is None:
        connection.execute(_FILL, values)
    connection.execute(_CLOSE, values)
    connection.execute(_OPEN, values)


def _place(camera: str, name: str, row: Any) -> Place:  # noqa: ANN401 - a row of any query
    return Place(
        camera,
        name,
        None if row.lon is None else LonLat.model_construct(lon=row.lon, lat=row.lat),
        None if row.view is None else View.model_validate(row.view, context=STORED),
        None if row.coverage is None else json.loads(row.coverage),
    )
