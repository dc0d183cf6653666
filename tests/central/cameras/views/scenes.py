"""Cameras over a field at Gangnam, and what they see of it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from central.cameras.views.plane import Plane
from central.values import LonLat

Floats = NDArray[np.float64]

HERE = LonLat(lon=127.0276, lat=37.4979)
PLANE = Plane(HERE)
WIDTH, HEIGHT = 1280, 720
# A camera 6 m high that looks north and 20 degrees down, 60 degrees wide.
_HEIGHT_M = 6.0
_TILT = np.radians(20)
_FOCAL = WIDTH / 2 / np.tan(np.radians(30))


def place(east: float, north: float) -> LonLat:
    """So many metres from `HERE`."""
    lon, lat = PLANE.degrees(np.array([[east, north]]))[0]
    return LonLat(lon=float(lon), lat=float(lat))


def pixel(east: float, north: float) -> tuple[float, float]:
    """Where the camera sees that spot of the ground: a pinhole's picture, worked out by hand."""
    depth = north * np.cos(_TILT) + _HEIGHT_M * np.sin(_TILT)
    down = -north * np.sin(_TILT) + _HEIGHT_M * np.cos(_TILT)
    return WIDTH / 2 + _FOCAL * east / depth, HEIGHT / 2 + _FOCAL * down / depth


def ground_point(east: float, north: float) -> dict[str, float]:
    """A spot of the ground as it is sent, in pixels."""
    x, y = pixel(east, north)
    spot = place(east, north)
    return {"x": x, "y": y, "lon": spot.lon, "lat": spot.lat}


CORNERS = ((-4.0, 10.0), (4.0, 10.0), (8.0, 30.0), (-8.0, 30.0))


def calibrated(*spots: tuple[float, float], **more: object) -> dict[str, Any]:
    """A view by ground points in pixels: the `CORNERS` of a field, unless said."""
    points = [ground_point(*spot) for spot in spots or CORNERS]
    return {"ground_points": points, "picture": {"width": WIDTH, "height": HEIGHT}, **more}


def camera(identifier: str, view: object, at: LonLat = HERE, **fields: object) -> dict[str, Any]:
    """A camera to register."""
    position = {"lon": at.lon, "lat": at.lat}
    return {"id": identifier, "name": identifier, "position": position, "view": view, **fields}


def ring(*spots: tuple[float, float]) -> dict[str, Any]:
    """A polygon through spots in metres east and north."""
    corners = [[place(*spot).lon, place(*spot).lat] for spot in spots]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def metres_of(polygon: dict[str, Any]) -> Floats:
    """The outer ring of a GeoJSON Polygon, (N, 2) metres east and north."""
    return PLANE.metres(np.array(polygon["coordinates"][0]))
