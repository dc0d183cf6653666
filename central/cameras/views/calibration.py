"""From a place in the picture to a place on the ground, by points whose place is known in both.

A picture of a plane and the plane are a homography apart: four points decide it (Hartley and
Zisserman, Multiple View Geometry, 2nd ed., section 4.1). It knows nothing of stairs, hills, or a
lens that bends straight lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from central.cameras.views.plane import MAX_LATITUDE, Plane
from central.values import LonLat

Floats = NDArray[np.float64]

LEAST_POINTS = 4
# Three points are on one line where the triangle's height is under this share of its longest side.
_FLAT = 0.01
# What a point may lie off where the others put it: metres, or a share of how far the points reach.
_OFF_M = 2.0
_OFF_SHARE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How a picture lies on the ground.

    `matrix` (3, 3) takes homogeneous fractions of the picture (x to the right, y down, 0 to 1) to
    homogeneous metres of `plane`. The third coordinate is positive below the horizon, 0 on it.
    """

    plane: Plane
    matrix: Floats

    def depth(self, pictured: Floats) -> Floats:
        """(N,) third coordinates of (N, 2) fractions; not positive: on or above the horizon."""
        return self._mapped(pictured)[:, 2]

    def metres(self, pictured: Floats) -> Floats:
        """(N, 2) fractions, all below the horizon, as (N, 2) metres of `plane`."""
        mapped = self._mapped(pictured)
        return mapped[:, :2] / mapped[:, 2:]

    def _mapped(self, pictured: Floats) -> Floats:
        return np.column_stack([pictured, np.ones(len(pictured))]) @ self.matrix.T


def fit(pictured: Floats, places: Floats) -> Calibration:
    """The calibration by (N, 2) fractions of the picture and their (N, 2) longitudes and latitudes.

    With more than four points it is the one of the least squares.

    Raises:
        ValueError: fewer than four points, too near a pole, three of four on one line, points
            that contradict each other, or an order that no camera sees. The message names points
            as they are numbered, from 1.
    """
    if len(pictured) < LEAST_POINTS:
        raise ValueError(f"{len(pictured)} points are too few; give {LEAST_POINTS} or more")
    if np.abs(places[:, 1]).max() > MAX_LATITUDE:
        raise ValueError(f"ground points lie up to {MAX_LATITUDE} degrees north and south")
    plane = Plane(LonLat(lon=float(places[0, 0]), lat=float(places[0, 1])))
    metres = plane.metres(places)
    _check_spread(pictured, "in the picture")
    _check_spread(metres, "on the ground")
    matrix, _ = cv2.findHomography(pictured, metres, 0)
    if matrix is None or not np.isfinite(matrix).all():
        raise ValueError("no picture of a plane has these points; measure them again")
    found = Calibration(plane, _upright(np.asarray(matrix, dtype=np.float64), pictured))
    _check_sides(found, pictured)
    _check_off(found, pictured, metres)
    return found


def _upright(matrix: Floats, pictured: Floats) -> Floats:
    """`matrix` of the sign by which most points lie below the horizon."""
    depth = Calibration(Plane(LonLat(lon=0, lat=0)), matrix).depth(pictured)
    return matrix if np.median(depth) > 0 else -matrix


def _check_sides(found: Calibration, pictured: Floats) -> None:
    above = np.flatnonzero(found.depth(pictured) <= 0)
    if len(above):
        raise ValueError(
            f"by the others, {_named(above)} would lie above the horizon: two points are probably "
            "exchanged; give each its own place"
        )
    # From above, with y down in the picture, and north up on the ground.
    if np.linalg.det(found.matrix) > 0:
        raise ValueError(
            "the points run the other way around on the ground than in the picture: are longitude "
            "and latitude swapped, or is the picture mirrored?"
        )


def _check_off(found: Calibration, pictured: Floats, metres: Floats) -> None:
    off = np.hypot(*(found.metres(pictured) - metres).T)
    reach = max(np.hypot(*(a - b)) for a, b in combinations(metres, 2))
    allowed = max(_OFF_M, _OFF_SHARE * reach)
    worst = int(np.argmax(off))
    if off[worst] > allowed:
        raise ValueError(
            f"point {worst + 1} lies {off[worst]:.1f} m from where the others put it, more than "
            f"{allowed:.1f} m; measure it again"
        )


def _check_spread(points: Floats, where: str) -> None:
    """Some four of the points must have no three on a line."""
    flat = {three for three in combinations(range(len(points)), 3) if _is_flat(points[[*three]])}
    if not any(
        flat.isdisjoint(combinations(four, 3)) for four in combinations(range(len(points)), 4)
    ):
        three = min(flat)
        raise ValueError(
            f"{_named(three)} lie on one line {where} (or two of them on one spot); choose four "
            "points like the corners of a field"
        )


def _is_flat(three: Floats) -> bool:
    a, b, c = three
    sides = [float(np.hypot(*side)) for side in (b - a, c - b, a - c)]
    twice_area = abs((b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0])
    return min(sides) == 0 or bool(twice_area < _FLAT * max(sides) ** 2)


def _named(points: Sequence[int] | NDArray[np.intp]) -> str:
    numbers = [str(int(point) + 1) for point in points]
    return f"point{'s' * (len(numbers) > 1)} {', '.join(numbers)}"
