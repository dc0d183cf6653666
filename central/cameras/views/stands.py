"""Where cameras stood from when to when, and how far from there they saw: short, for many rows."""

from collections import defaultdict
from collections.abc import Collection
from math import inf
from typing import NamedTuple

from sqlalchemy import Connection, text

# A polygon by hand is as far as its bounds' farthest corner at most; of other views it is told.
# Over the date line its bounds are those of its longitudes from 0 to 360. Metres over a sphere are
# too few by up to 0.5 %.
_STANDS = text(
    """
    WITH standing AS (
        SELECT id AS camera, '-infinity'::timestamptz AS from_at, 'infinity'::timestamptz
            AS until_at, position::geometry AS place, view, coverage::geometry AS area
        FROM cameras
        WHERE id = ANY(CAST(:ids AS text[]))
            AND NOT EXISTS (SELECT FROM camera_places WHERE camera = id)
        UNION ALL
        SELECT camera, from_at, until_at, position::geometry, view, coverage::geometry
        FROM camera_places WHERE camera = ANY(CAST(:ids AS text[]))
    )
    SELECT camera, extract(epoch FROM from_at)::float8 AS from_s,
        extract(epoch FROM until_at)::float8 AS until_s, ST_X(place) AS lon, ST_Y(place) AS lat,
        coalesce(
            CASE WHEN NOT view ? 'polygon' THEN (view ->> 'far_m')::float8 END,
            (
                SELECT 1.005 * max(ST_DistanceSphere(place, ST_MakePoint(x, y)))
                FROM unnest(ARRAY[ST_XMin(whole), ST_XMax(whole)]) AS x,
                    unnest(ARRAY[ST_YMin(whole), ST_YMax(whole)]) AS y
            )
        ) AS far_m
    FROM standing, LATERAL (
        SELECT CASE WHEN ST_XMax(area) - ST_XMin(area) > 180 THEN ST_ShiftLongitude(area)
            ELSE area END AS whole
    ) AS joined
    ORDER BY camera, from_at
    """
)


class Stand(NamedTuple):
    """A camera from one moment to another, the latter not included: seconds since the epoch.

    `lon_lat` in degrees, None where it was not placed. `far_m` is how far from there it may have
    seen somebody, None where nobody said; no less than it is, and of a polygon by hand some more.
    """

    from_s: float
    until_s: float
    lon_lat: tuple[float, float] | None
    far_m: float | None


class Stands(dict[str, list[Stand]]):
    """Cameras by id, each as it stood at different times, the newest last."""

    def at(self, camera: str, moment_s: float) -> Stand | None:
        """How it stood then; None: there is no such camera."""
        found = self.get(camera, ())
        return next((each for each in found if each.from_s <= moment_s < each.until_s), None)

    def never_moved(self, camera: str) -> bool:
        """Whether `at` says the same of it at all times."""
        return all(each.from_s == -inf and each.until_s == inf for each in self.get(camera, ()))

    def stands_there_now(self, camera: str, stand: Stand) -> bool:
        """Whether it is today where it was by `stand`."""
        return self[camera][-1].lon_lat == stand.lon_lat


def of_cameras(connection: Connection, ids: Collection[str]) -> Stands:
    """Those of the cameras `ids` that there are, in one query."""
    found: dict[str, list[Stand]] = defaultdict(list)
    for row in connection.execute(_STANDS, {"ids": list(ids)}):
        place = None if row.lon is None else (row.lon, row.lat)
        found[row.camera].append(Stand(row.from_s, row.until_s, place, row.far_m))
    return Stands(found)
