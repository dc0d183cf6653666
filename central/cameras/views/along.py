"""Which cameras look at which part of a way."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from central.cameras.views.places import NOW_STANDING, STANDING

Floats = NDArray[np.float64]

# A way is cut into pieces so short that on a map they are as straight as on the earth: at 60
# degrees of latitude the middle of a kilometre is off by 3 cm.
_PIECE_M = 1_000
# Lengths are counted in whole millimetres, so that what is seen of one piece and of the next is
# one stretch where they meet.
_LOOKED_AT = """
WITH way AS MATERIALIZED (
    SELECT number, ST_Segmentize(ST_GeogFromText(written), {piece}) AS way
    FROM unnest(CAST(:ways AS text[])) WITH ORDINALITY AS given (written, number)
), standing AS NOT MATERIALIZED (
    {standing}
), looking AS MATERIALIZED (
    SELECT number, camera, false AS assumed, coverage::geometry AS area
    FROM way JOIN standing ON ST_Intersects(coverage, way)
    WHERE camera <> ALL (CAST(:without AS text[]))
    UNION ALL
    SELECT number, camera, true, ST_Buffer(position, :assumed_m)::geometry
    FROM way JOIN standing ON ST_DWithin(position, way, :assumed_m)
    WHERE coverage IS NULL AND :assumed_m > 0 AND camera <> ALL (CAST(:without AS text[]))
), plain AS (
    SELECT number, camera, assumed,
        CASE WHEN ST_XMax(area) - ST_XMin(area) > 180 THEN ST_ShiftLongitude(area) ELSE area END
            AS area
    FROM looking
), step AS (
    SELECT number, place, a, ST_Length(ST_MakeLine(a, b)::geography) AS metres,
        -- Over the date line, and not around the earth.
        ST_MakeLine(a, ST_Translate(b, -360 * round((ST_X(b) - ST_X(a)) / 360), 0)) AS step
    FROM (
        SELECT number, (dumped).path[1] AS place, (dumped).geom AS a,
            lead((dumped).geom) OVER (PARTITION BY number ORDER BY (dumped).path[1]) AS b
        FROM (SELECT number, ST_DumpPoints(way::geometry) AS dumped FROM way) AS points
    ) AS ends
    WHERE b IS NOT NULL
), measured AS MATERIALIZED (
    SELECT *, sum(metres) OVER (PARTITION BY number ORDER BY place) - metres AS before FROM step
), seen AS (
    SELECT number, camera, assumed, before, metres, step,
        CASE WHEN metres > 0 THEN ST_Intersection(step, near) ELSE a END AS part
    FROM plain JOIN measured USING (number), LATERAL (
        SELECT ST_Translate(area, -360 * round((ST_XMin(area) - ST_X(a)) / 360), 0) AS near
    ) AS moved
    WHERE ST_Intersects(step, near)
), stretch AS (
    SELECT number, camera, assumed, before,
        CASE WHEN metres > 0 THEN metres * ST_LineLocatePoint(step, ST_StartPoint(one.geom)) ELSE 0
        END AS starts,
        CASE WHEN metres > 0 THEN metres * ST_LineLocatePoint(step, ST_EndPoint(one.geom)) ELSE 0
        END AS ends
    FROM seen, ST_Dump(part) AS one
    WHERE ST_Dimension(one.geom) = 1 OR metres = 0
)
SELECT number, camera, assumed, lower(stretches) / 1000.0, (upper(stretches) - 1) / 1000.0
FROM (
    SELECT number, camera, assumed, unnest(range_agg(int8range(
        floor(1000 * (before + least(starts, ends)))::bigint,
        ceil(1000 * (before + greatest(starts, ends)))::bigint, '[]'
    ))) AS stretches
    FROM stretch
    GROUP BY number, camera, assumed
) AS merged
ORDER BY number, lower(stretches), camera
"""
_NOW = text(_LOOKED_AT.format(piece=_PIECE_M, standing=NOW_STANDING))
_THEN = text(_LOOKED_AT.format(piece=_PIECE_M, standing=STANDING))


class Looked(NamedTuple):
    """A camera looks at a way from `from_m` to `to_m`, metres along it to the millimetre.

    `assumed`: what the camera sees is not known, and a circle around it stands for it.
    """

    camera: str
    from_m: float
    to_m: float
    assumed: bool


def looked_at(  # noqa: PLR0913 - the last two are for those who need them
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


def looked_at_each(  # noqa: PLR0913 - the last two are for those who need them
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
        "ways": [_written(line) for line in lines],
        "assumed_m": assumed_m,
        "without": sorted(without),
    }
    rows = connection.execute(_NOW, values) if at is None else connection.execute(
        _THEN, {**values, "at": at}
    )
    for number, camera, assumed, starts, ends in rows:
        found[number - 1].append(Looked(camera, float(starts), float(ends), assumed))
    return found


def _written(line: Floats) -> str:
    """`line` as well-known text."""
    if line.ndim != 2 or line.shape[0] < 2 or line.shape[1] != 2:  # noqa: PLR2004 - see `looked_at`
        raise ValueError(f"a line has the shape (N, 2), N at least 2, not {line.shape}")
    return f"LINESTRING({','.join(f'{lon!r} {lat!r}' for lon, lat in line.tolist())})"
