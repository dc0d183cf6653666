"""Degrees as metres, where a plane is as good as the earth.

Metres per degree are those of the WGS 84 ellipsoid at a latitude: its radii of curvature in the
meridian and in the prime vertical (e.g. Torge and Müller, Geodesy, 4th ed., section 4.1.3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from central.values import LonLat

Floats = NDArray[np.float64]

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_ECCENTRICITY_2 = _FLATTENING * (2 - _FLATTENING)
# The poles are left out: there a degree of longitude has no length.
MAX_LATITUDE = 89.9


def metres_per_degree(latitudes: Floats) -> tuple[Floats, Floats]:
    """Metres per degree of longitude and of latitude, at each of `latitudes` (degrees)."""
    phi = np.radians(latitudes)
    root = np.sqrt(1 - _ECCENTRICITY_2 * np.sin(phi) ** 2)
    meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / root**3
    vertical = _SEMI_MAJOR_M / root
    return np.radians(vertical * np.cos(phi)), np.radians(meridian)


def half_turns_off(degrees: Floats) -> Floats:
    """`degrees` of longitude brought to between -180 and 180 by whole turns."""
    return degrees - 360 * np.round(degrees / 360)


@dataclass(frozen=True, slots=True)
class Plane:
    """The ground around `origin` as a plane: metres to the east and to the north.

    A kilometre away it is wrong by about 0.1 m, as meridians meet and the earth is round; what is
    brought there and back by the same plane is not.
    """

    origin: LonLat

    def metres(self, places: Floats) -> Floats:
        """(N, 2) degrees of longitude and latitude as (N, 2) metres."""
        off = places - (self.origin.lon, self.origin.lat)
        return np.column_stack([half_turns_off(off[:, 0]), off[:, 1]]) * self._scale()

    def degrees(self, metres: Floats) -> Floats:
        """The inverse of `metres`; longitudes between -180 and 180."""
        places = metres / self._scale() + (self.origin.lon, self.origin.lat)
        return np.column_stack([half_turns_off(places[:, 0]), places[:, 1]])

    def _scale(self) -> Floats:
        latitude = min(max(self.origin.lat, -MAX_LATITUDE), MAX_LATITUDE)
        return np.concatenate(metres_per_degree(np.array([latitude])))
