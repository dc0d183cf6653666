"""The ground a camera sees, from where it stands and how its view is described."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from central.cameras.polygons import check_polygon
from central.cameras.views.calibration import Calibration, fit
from central.cameras.views.model import MAX_REACH_M, View
from central.cameras.views.plane import MAX_LATITUDE, Plane
from central.cameras.views.shape import CORNERS, cut, within_circle
from central.errors import InputError
from central.values import LonLat

Floats = NDArray[np.float64]

_ROUND = 360.0
_SWAPPED = "are longitude and latitude swapped, or do they belong to another camera?"
_UNIT_SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
# So near the horizon nothing is told apart, and a pixel is kilometres.
_HORIZON = 1e-6
# Where one comes to over the WGS 84 ellipsoid.
_PROJECTED = text(
    """
    SELECT ST_X(place), ST_Y(place)
    FROM unnest(
        CAST(:lons AS float8[]), CAST(:lats AS float8[]),
        CAST(:metres AS float8[]), CAST(:azimuths AS float8[])
    ) WITH ORDINALITY AS given (lon, lat, metres, azimuth, number),
    LATERAL (SELECT ST_Project(
        ST_MakePoint(lon, lat)::geography, metres, radians(azimuth)
    )::geometry AS place) AS projected
    ORDER BY number
    """
)


class Standing(NamedTuple):
    """A camera's place, where it looks (degrees clockwise from north), and its view."""

    position: LonLat | None
    azimuth_deg: float | None
    view: View | None


class _Ring(NamedTuple):
    """Places seen from `position`: azimuths in degrees, distances in metres, both (N,)."""

    position: LonLat
    azimuths: Floats
    metres: Floats


def areas(connection: Connection, cameras: Sequence[Standing]) -> list[str | None]:
    """What each of `cameras` sees, as extended well-known text of a polygon; None: not known.

    Raises:
        InputError: one has a polygon that crosses itself, or a polygon or ground points without a
            place, or farther from it than `MAX_REACH_M`, or sees nothing, or is at a pole.
    """
    rings = [_sector(camera) for camera in cameras]
    projected = iter(_projected(connection, [ring for each in rings for ring in each]))
    found: list[str | None] = []
    for camera, sector in zip(cameras, rings, strict=True):
        if sector:
            found.append(_written([next(projected) for _ in sector]))
        elif camera.view is not None and camera.view.is_bound_to_place:
            found.append(_written(_bound(connection, camera.position, camera.view)))
        else:
            found.append(None)
    return found


def check(connection: Connection, camera: Standing) -> None:
    """Refuse what `areas` refuses, without deriving the others.

    Raises:
        InputError: as `areas`.
    """
    _sector(camera)
    if camera.view is not None and camera.view.is_bound_to_place:
        _bound(connection, camera.position, camera.view)


def farthest_m(view: View, position: LonLat) -> float:
    """How far from `position` ground points are to be trusted, in metres."""
    if view.far_m is not None:
        return view.far_m
    reach = np.hypot(*Plane(position).metres(view.places).T)
    return min(2 * float(reach.max()), MAX_REACH_M)


def _sector(camera: Standing) -> list[_Ring]:
    """The outer ring, and the inner one where there is a hole; none: the view is not a sector."""
    position, azimuth, view = camera
    if position is None or view is None or view.is_bound_to_place:
        return []
    if view.fov_deg is None or view.far_m is None:
        return []
    _check_pole(position)
    if view.fov_deg == _ROUND:
        around = np.linspace(0, _ROUND, CORNERS + 1)
        limits = [view.far_m, *([view.near_m] if view.near_m else [])]
        return [_Ring(position, around, np.full(len(around), limit)) for limit in limits]
    return [] if azimuth is None else [_piece(position, azimuth, view)]


def _piece(position: LonLat, azimuth: float, view: View) -> _Ring:
    """A piece of a ring: along its far edge, back along the near one or through the camera."""
    fov, far, near = view.fov_deg or 0, view.far_m or 0, view.near_m or 0
    steps = int(np.ceil(fov / (_ROUND / CORNERS))) + 1
    arc = azimuth + np.linspace(-fov / 2, fov / 2, steps)
    back = arc[::-1] if near else arc[-1:]
    azimuths = np.concatenate([arc, back, arc[:1]])
    return _Ring(
        position, azimuths, np.array([far] * len(arc) + [near] * len(back) + [far], dtype=float)
    )


def _projected(connection: Connection, rings: Sequence[_Ring]) -> list[Floats]:
    """(N, 2) longitudes and latitudes of each ring."""
    if not rings:
        return []
    values = {
        "lons": [ring.position.lon for ring in rings for _ in ring.metres],
        "lats": [ring.position.lat for ring in rings for _ in ring.metres],
        "metres": [float(metres) for ring in rings for metres in ring.metres],
        "azimuths": [float(azimuth) for ring in rings for azimuth in ring.azimuths],
    }
    places = np.array([tuple(row) for row in connection.execute(_PROJECTED, values)])
    ends = np.cumsum([len(ring.metres) for ring in rings])[:-1]
    return list(np.split(places, ends))


def _bound(connection: Connection, position: LonLat | None, view: View) -> list[Floats]:
    """The rings of a polygon by hand, or of the picture on the ground."""
    what = "polygon" if view.polygon is not None else "ground points"
    if position is None:
        raise InputError(f"a view by {what} belongs to a place; give the camera's position with it")
    _check_pole(position)
    if view.polygon is not None:
        rings = [np.array(ring) for ring in view.polygon.coordinates]
        _check_near(position, np.concatenate(rings), "the polygon")
        check_polygon(connection, view.polygon)
        return rings
    _check_near(position, view.places, "the ground points")
    return [_pictured(fit(view.pictured, view.places), position, farthest_m(view, position))]


def _pictured(calibration: Calibration, position: LonLat, far_m: float) -> Floats:
    """The picture on the ground, up to `far_m` from the camera."""
    depth = calibration.depth(_UNIT_SQUARE)
    below = cut(_UNIT_SQUARE, depth - _HORIZON * depth.max())
    plane = calibration.plane
    stands = plane.metres(np.array([[position.lon, position.lat]]))[0]
    corners = within_circle(calibration.metres(below), stands, far_m)
    if not len(corners):
        raise InputError(
            f"by its ground points the camera sees nothing within {far_m:g} m of where it stands; "
            "raise far_m, or measure the points again"
        )
    return plane.degrees(np.concatenate([corners, corners[:1]]))


def _check_near(position: LonLat, places: Floats, what: str) -> None:
    reach = float(np.hypot(*Plane(position).metres(places).T).max())
    if reach > MAX_REACH_M:
        raise InputError(
            f"{what} of the view reach {reach / 1000:.0f} km from the camera, over "
            f"{MAX_REACH_M / 1000:g} km: {_SWAPPED}"
        )


def _check_pole(position: LonLat) -> None:
    if abs(position.lat) > MAX_LATITUDE:
        raise InputError(f"what a camera sees is known up to {MAX_LATITUDE} degrees of latitude")


def _written(rings: Sequence[Floats]) -> str:
    texts = [",".join(f"{lon!r} {lat!r}" for lon, lat in ring.tolist()) for ring in rings]
    return f"SRID=4326;POLYGON({','.join(f'({each})' for each in texts)})"
