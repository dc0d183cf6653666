"""Lines of longitude and latitude: how long, parts of them, GeoJSON. No input or output here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from central.search.reach import EARTH_M
from central.values import LonLat

Floats = NDArray[np.float64]

_HALF_TURN = 180.0
# A centimetre: streets are drawn no better.
_DIGITS = 7


def straight(start: LonLat, end: LonLat) -> Floats:
    """The line from `start` to `end`, (2, 2)."""
    return np.array([[start.lon, start.lat], [end.lon, end.lat]])


def along(line: Floats) -> Floats:
    """How far along each of its places is, (N,) metres from 0, over a sphere (the haversine)."""
    radians = np.radians(line)
    half = np.sin(np.diff(radians, axis=0) / 2) ** 2
    across = np.cos(radians[:-1, 1]) * np.cos(radians[1:, 1]) * half[:, 0]
    steps = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half[:, 1] + across, 0, 1)))
    return np.concatenate([[0.0], np.cumsum(steps)])


def part(line: Floats, from_m: float, to_m: float) -> Floats:
    """The part of `line` from so many metres to so many, (M, 2) with M at least 2."""
    at, unrolled = along(line), line.copy()
    unrolled[:, 0] = np.unwrap(line[:, 0], period=2 * _HALF_TURN)
    inside = unrolled[(at > from_m) & (at < to_m)]
    ends = [[np.interp(m, at, unrolled[:, axis]) for axis in (0, 1)] for m in (from_m, to_m)]
    found = np.concatenate([ends[:1], inside, ends[1:]])
    found[:, 0] -= 2 * _HALF_TURN * np.round(found[:, 0] / (2 * _HALF_TURN))
    return np.asarray(found)


def to_geojson(line: Floats) -> dict[str, Any]:
    """`line` as GeoJSON; one of two places is cut where it crosses the date line.

    A longer one comes from the street network, which ends there.
    """
    if len(line) == 2 and abs(line[1, 0] - line[0, 0]) > _HALF_TURN:  # noqa: PLR2004 - two ends
        return _cut(line)
    return {"type": "LineString", "coordinates": np.round(line, _DIGITS).tolist()}


def _cut(line: Floats) -> dict[str, Any]:
    """The short way around, cut in two (RFC 7946, section 3.1.9)."""
    (start_lon, start_lat), (end_lon, end_lat) = line.tolist()
    side = _HALF_TURN if start_lon > 0 else -_HALF_TURN
    unrolled = end_lon + 2 * side
    latitude = start_lat + (side - start_lon) / (unrolled - start_lon) * (end_lat - start_lat)
    return {
        "type": "MultiLineString",
        "coordinates": [
            [[start_lon, start_lat], [side, latitude]],
            [[-side, latitude], [end_lon, end_lat]],
        ],
    }
