"""Who can have been where: from a confirmed stop to a candidate in the time between.

The mask is hard: what is impossible is left out, and nothing else is said of the rest, because a
prior that prefers usual transit times loses those who wait, ride or turn around. So speeds are
generous: someone on foot may take a car. A camera's place stands for all of its view, and clocks
are only so good, which is allowed for on both sides.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.classes import ObjectClass

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FASTEST_M_S = {
    ObjectClass.PERSON: 20.0,
    ObjectClass.TWO_WHEELER: 30.0,
    ObjectClass.VEHICLE: 40.0,
}
"""Metres a second as the crow flies that nobody keeps up in a city: 72 (a car that someone on foot
got into), 108 and 144 km/h."""

FASTER_THAN_TOLD = 2.0
"""How many times faster than the network's travel time a driver may be."""

VIEW_M = 50.0
"""How far from its camera an object may be seen, unless its view is known to reach farther."""

CLOCK_S = 5.0
"""How far two clocks may be apart after what boxes measured is allowed for."""

UNMEASURED_S = 60.0
"""The same where a box never measured its clock: without a time server it drifts by seconds a
day."""

ON_FOOT_M_S = (1.0, 1.7)
BY_CAR_M_S = (4.0, 14.0)
DETOUR = 1.3
"""Streets are longer than straight lines: 1.2 to 1.4 (Boscoe et al., The Professional Geographer
64(2), 2012)."""

EARTH_M = 6_371_008.8
"""The mean radius of the earth (IUGG)."""


class Places(NamedTuple):
    """Where and when something was in view, a row each.

    `lon_lat` (N, 2) in degrees, NaN where the camera is not placed; seconds since the epoch, by
    the centre's clock. `clock_s` (N,): how far they may be off; None: `CLOCK_S`. `view_m` (N,):
    how far from its camera it may have been; None: `VIEW_M`.
    """

    lon_lat: Floats
    first_s: Floats
    last_s: Floats
    clock_s: Floats | None = None
    view_m: Floats | None = None


class Reach(NamedTuple):
    """From each stop (rows, S) to each candidate (columns, N).

    `gap_s`: seconds between leaving the one and coming to the other, whichever is first; 0 where
    they overlap. `metres`: straight, NaN where one is not placed. `needed_s`: the least it takes.
    """

    possible: Bools
    gap_s: Floats
    metres: Floats
    needed_s: Floats


class Span(NamedTuple):
    """From so many minutes to so many."""

    least: int
    most: int


def reach(
    stops: Places, candidates: Places, object_class: ObjectClass, network_s: Floats | None = None
) -> Reach:
    """Whether each candidate can be the one seen at each stop.

    `network_s` (S, N): seconds by the fastest way there is, a car's, as the network has them; NaN
    where it has none: then the distance decides. A place that is not known masks nothing.
    """
    metres = _metres(stops.lon_lat, candidates.lon_lat)
    after = candidates.first_s[None] - stops.last_s[:, None]
    before = stops.first_s[:, None] - candidates.last_s[None]
    gap = np.maximum(np.maximum(after, before), 0.0)
    views = _or(stops.view_m, VIEW_M, stops)[:, None] + _or(candidates.view_m, VIEW_M, candidates)
    free = np.maximum(metres - views, 0.0)
    needed = free / FASTEST_M_S[object_class]
    if network_s is not None:
        # A view's length at the same speed is allowed for as well.
        part = free / np.maximum(metres, 1.0)
        told = network_s / FASTER_THAN_TOLD * part
        needed = np.where(np.isnan(told), needed, told)
    clocks = (_or(each.clock_s, CLOCK_S, each) for each in (stops, candidates))
    apart = np.maximum.outer(*clocks)
    possible = np.isnan(needed) | (needed <= gap + apart)
    return Reach(possible, gap, metres, needed)


def _or(known: Floats | None, usual: float, places: Places) -> Floats:
    return np.full(len(places.first_s), usual) if known is None else known


def _metres(a: Floats, b: Floats) -> Floats:
    """As `distances`: many were at the same cameras, so that few are worth reckoning."""
    here, row = np.unique(a, axis=0, return_inverse=True)
    there, column = np.unique(b, axis=0, return_inverse=True)
    return np.asarray(distances(here, there)[np.ix_(row, column)])


def distances(a: Floats, b: Floats) -> Floats:
    """Metres over a sphere between places in degrees, (S, 2) and (N, 2) to (S, N).

    The haversine; against the ellipsoid wrong by up to 0.6 %, which `VIEW_M` more than covers.
    """
    one, two = np.radians(a)[:, None], np.radians(b)[None]
    half = np.sin((two - one) / 2) ** 2
    across = np.cos(one[..., 1]) * np.cos(two[..., 1])
    found = half[..., 1] + across * half[..., 0]
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.clip(found, 0, 1))))


def minutes(metres: float, speeds: tuple[float, float]) -> Span:
    """How many minutes so many metres straight take, at the least and the most usual."""
    slow, fast = speeds
    least = max(0.0, metres - VIEW_M) / fast / 60
    return Span(int(least), max(1, int(np.ceil(metres * DETOUR / slow / 60))))
