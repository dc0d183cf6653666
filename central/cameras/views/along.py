"""Which cameras look at which part of a way."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from central.cameras.views.measured import measured, written
from central.cameras.views.places import NOW_STANDING, STANDING

Floats = NDArray[np.float64]

# Longitudes of a way go on beyond 180 degrees; what is seen is moved to where the way is. Lengths
# are counted in whole millimetres, so that what is seen of one piece and of the next is one
# stretch where they meet.
_LOOKED_AT = """
WITH given AS MATERIALIZED (
    SELECT number, ST_GeomFromWKB(written, 4326) AS way,
        ST_GeomFromWKB(written, 4326)::geography AS ground
    FROM unnest(CAST(:ways AS bytea[])) WITH ORDINALITY AS given (written, number)
), standing AS NOT MATERIALIZED (
    {standing}
), looking AS (
    SELECT number, way, camera, false AS assumed, coverage::geometry AS area
    FROM given JOIN standing ON coverage && ground
    WHERE camera <> ALL (CAST(:without AS text[]))
    UNION ALL
    SELECT number, way, camera, true, ST_Buffer(position, :assumed_m)::geometry
    FROM given JOIN standing ON ST_DWithin(position, ground, :assumed_m)
    WHERE coverage IS NULL AND :assumed_m > 0 AND abs(ST_Y(position::geometry)) < 89.9
        AND camera <> ALL (CAST(:without AS text[]))
), plain AS (
    SELECT number, way, camera, assumed,
        CASE WHEN ST_XMax(area) - ST_XMin(area) > 180 THEN ST_ShiftLongitude(area) ELSE area END
            AS area
    FROM looking
), near AS MATERIALIZED (
    SELECT number, way, camera, assumed, area FROM (
        SELECT number, way, camera, assumed,
            ST_Translate(area, -360 * round((ST_XMin(area) - ST_XMin(way)) / 360), 0) AS area
        FROM plain
    ) AS moved
    WHERE ST_DWithin(area, way, 0)
), points AS (
    SELECT number, ST_DumpPoints(way) AS dumped FROM given
    WHERE number IN (SELECT number FROM near)
), steps AS MATERIALIZED (
    SELECT number, a, ST_M(a) AS before, ST_M(b) - ST_M(a) AS metres,
        ST_MakeLine(ST_Force2D(a), ST_Force2D(b)) AS step
    FROM (
        SELECT number, (dumped).geom AS a,
            lead((dumped).geom) OVER (PARTITION BY number ORDER BY (dumped).path[1]) AS b
        FROM points
    ) AS ends
    WHERE b IS NOT NULL
), seen AS (
    SELECT number, camera, assumed, before, metres, step,
        CASE WHEN metres > 0 THEN ST_Intersection(step, area) ELSE ST_Force2D(a) END AS part
    FROM near JOIN steps USING (number)
    WHERE step && area AND ST_Intersects(CASE WHEN metres > 0 THEN step ELSE a END, area)
), stretches AS (
    SELECT number, camera, assumed, before,
        CASE WHEN metres > 0 THEN metres * ST_LineLocatePoint(step, ST_StartPoint(one.geom)) ELSE 0
        END AS starts,
        CASE WHEN metres > 0 THEN metres * ST_LineLocatePoint(step, ST_EndPoint(one.geom)) ELSE 0
        END AS ends
    FROM seen, ST_Dump(part) AS one
    WHERE ST_Dimension(one.geom) = 1 OR metres = 0
)
SELECT number, camera, assumed, lower(stretch) / 1000.0, (upper(stretch) - 1) / 1000.0
FROM (
    SELECT number, camera, assumed, unnest(range_agg(int8range(
        floor(1000 * (before + least(starts, ends)))::bigint,
        ceil(1000 * (before + greatest(starts, ends)))::bigint, '[]'
    ))) AS stretch
    FROM stretches
    GROUP BY number, camera, assumed
) AS merged
ORDER BY number, lower(stretch), camera
"""
_NOW = text(_LOOKED_AT.format(standing=NOW_STANDING))
_THEN = text(_LOOKED_AT.format(standing=STANDING))


class Looked(NamedTuple):
    """A camera looks at a way from `from_m` to `to_m`, metres along it to the millimetre.

    `assumed`: what the camera sees is not known, and a circle around it stands for it.
    """

    camera: str
    from_m: float
    to_m: float
    assumed: bool


def looked_at(
    connection: Connection,
    line: Floats,
    assumed_m: float,
    *,
    at: datetime | None = None,
    without: Collection[str] = (),
) -> list[Looked]:
    """Which cameras look at which part of `line`, in the order in which they begin.

    A camera that looks at several parts comes several times. A line of no length is a place: who
    looks there does so from 0 to 0. One query, as `looked_at_each` does it for many lines.

    Args:
        connection: to the database.
        line: (N, 2) degrees of longitude and latitude, N at least 2; its edges are the shortest
            ways over the earth.
        assumed_m: a camera with a place but no known view counts as a circle of this radius, in
            metres; 0: it does not count.
        at: cameras as they stood then; now, unless said.
        without: cameras to leave out, e.g. those that did not work.

    Raises:
        ValueError: `line` has another shape, or fewer than two places.
    """
    return looked_at_each(connection, [line], assumed_m, at=at, without=without)[0]


def looked_at_each(
    connection: Connection,
    lines: Sequence[Floats],
    assumed_m: float,
    *,
    at: datetime | None = None,
    without: Collection[str] = (),
) -> list[list[Looked]]:
    """`looked_at` for each of `lines`, in one query.

    Raises:
        ValueError: a line has another shape, or fewer than two places.
    """
    found: list[list[Looked]] = [[] for _ in lines]
    values = {
        "ways": [written(measured(line)) for line in lines],
        "assumed_m": assumed_m,
        "without": sorted(without),
    }
    rows = (
        connection.execute(_NOW, values)
        if at is None
        else connection.execute(_THEN, {**values, "at": at})
    )
    for number, camera, assumed, starts, ends in rows:
        found[number - 1].append(Looked(camera, float(starts), float(ends), assumed))
    return found
