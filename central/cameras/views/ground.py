"""Where on the ground a sighting was, by the picture of a calibrated camera."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Row, func, select, text

from central.cameras.views.calibration import Calibration
from central.cameras.views.derive import farthest_m
from central.cameras.views.model import STORED, View
from central.days import day_of
from central.db.tables import sightings
from central.sightings.times import correction
from central.values import LonLat
from shared.ids import uuid7_ms

Sides = Sequence[float]
# A centimetre.
_DIGITS = 7
# Calibrated cameras as they stand, and as they stood; null: no end.
_CALIBRATED = text(
    """
    SELECT id, NULL::timestamptz AS from_at, NULL::timestamptz AS until_at, view,
        ST_X(position::geometry) AS lon, ST_Y(position::geometry) AS lat
    FROM cameras
    WHERE id = ANY(CAST(:ids AS text[])) AND view ? 'ground_points' AND position IS NOT NULL
        AND NOT EXISTS (SELECT FROM camera_places WHERE camera = id)
    UNION ALL
    SELECT camera, nullif(from_at, '-infinity'), nullif(until_at, 'infinity'), view,
        ST_X(position::geometry), ST_Y(position::geometry)
    FROM camera_places
    WHERE camera = ANY(CAST(:ids AS text[])) AND view ? 'ground_points' AND position IS NOT NULL
    """
)
_SEEN = tuple(
    sightings.c[name]
    for name in (
        *("id", "camera", "first_seen", "shot", "last_seen", "clock_offset_ms"),
        *("frame_width", "frame_height", "first_rect", "rect", "last_rect"),
    )
)


class Ground(NamedTuple):
    """Where a sighting was when it came into view, in its picture, and when it left.

    Each is None where the foot of its rectangle is on or above the horizon, or too far away.
    """

    first: LonLat | None
    shot: LonLat | None
    last: LonLat | None


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A calibrated camera as it stood from one moment to another (not included)."""

    from_at: datetime | None
    until_at: datetime | None
    stands: LonLat
    far_m: float
    calibration: Calibration

    def is_at(self, moment: datetime) -> bool:
        """Whether it stood so then."""
        return (self.from_at is None or self.from_at <= moment) and (
            self.until_at is None or moment < self.until_at
        )

    def position(self, rect: Sides, frame_size: tuple[int, int]) -> LonLat | None:
        """As the function of that name."""
        left, _, right, bottom = rect
        foot = np.array([[(left + right) / 2 / frame_size[0], bottom / frame_size[1]]])
        if self.calibration.depth(foot)[0] <= 0:
            return None
        plane = self.calibration.plane
        metres = self.calibration.metres(foot)
        stands = plane.metres(np.array([[self.stands.lon, self.stands.lat]]))
        if np.hypot(*(metres - stands)[0]) > self.far_m:
            return None
        lon, lat = plane.degrees(metres)[0]
        return LonLat(lon=round(float(lon), _DIGITS), lat=round(float(lat), _DIGITS))


class Calibrated(dict[str, list[_Fitted]]):
    """Calibrated cameras by id, each as it stood at different times."""

    def position(
        self, camera: str, moment: datetime, rect: Sides, frame_size: tuple[int, int]
    ) -> LonLat | None:
        """Where `rect` stood on the ground at `moment`; None where that is not known."""
        found = next((each for each in self.get(camera, ()) if each.is_at(moment)), None)
        return None if found is None else found.position(rect, frame_size)


def position(view: View, rect: Sides, frame_size: tuple[int, int], stands: LonLat) -> LonLat | None:
    """The ground under a rectangle: where the middle of its lower edge is.

    That is where feet and wheels are, unless something hides them, or the picture's edge cuts
    them off: then it is the nearest ground that was seen.

    Args:
        view: of the camera. Only ground points calibrate it.
        rect: left, top, right, bottom in pixels.
        frame_size: width and height of that picture in pixels; it may be another stream's than
            the one in which the ground points were taken, of the same picture.
        stands: the camera's position.

    Returns:
        None where the camera is not calibrated, or the place is on or above the horizon or
        farther from the camera than its view reaches.
    """
    calibration = view.calibration
    if calibration is None:
        return None
    fitted = _Fitted(None, None, stands, farthest_m(view, stands), calibration)
    return fitted.position(rect, frame_size)


def calibrated(connection: Connection, cameras: Collection[str]) -> Calibrated:
    """Those of `cameras` that are calibrated, or were, in one query."""
    found = Calibrated()
    for row in connection.execute(_CALIBRATED, {"ids": list(cameras)}):
        view = View.model_validate(row.view, context=STORED)
        stands = LonLat(lon=row.lon, lat=row.lat)
        if (calibration := view.calibration) is not None:
            fitted = _Fitted(
                row.from_at, row.until_at, stands, farthest_m(view, stands), calibration
            )
            found.setdefault(row.id, []).append(fitted)
    return found


def of_sightings(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Ground]:
    """The ground positions of those of `ids` that calibrated cameras saw, in two queries."""
    days = sorted({day_of(uuid7_ms(each)) for each in ids})
    query = select(*_SEEN).where(
        sightings.c.day == func.any(days), sightings.c.id == func.any(list(ids))
    )
    rows = connection.execute(query).all()
    known = calibrated(connection, {row.camera for row in rows})
    return {row.id: _ground(row, known) for row in rows if row.camera in known}


def _ground(row: Row[Any], known: Calibrated) -> Ground:
    size = (row.frame_width, row.frame_height)
    # Cameras are moved by the centre's clock.
    ahead = correction(row.clock_offset_ms)
    return Ground(
        known.position(row.camera, row.first_seen + ahead, row.first_rect, size),
        known.position(row.camera, row.shot + ahead, row.rect, size),
        known.position(row.camera, row.last_seen + ahead, row.last_rect, size),
    )
