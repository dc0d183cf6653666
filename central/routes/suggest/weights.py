"""What speaks for one candidate after another: reach, the time it took, what lies between.

Only reach excludes. The time taken and the cameras on the way that saw nobody move a way up or
down by a little: those who wait or go another way are not lost by them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.routes.links.transit import Times, log_density
from central.routes.suggest.paths import Bools, Floats
from central.search.reach import Places, reach
from shared.classes import ObjectClass

Ints = NDArray[np.int64]

BEFORE_S = 600.0
"""How long anybody who is none of the route may have been seen before: ten minutes."""

MOST_TIME = 2.5
LEAST_TIME = -1.5
"""Bounds of what the time between two says, ln of a likelihood ratio."""

PASSED = -1.0
"""What each camera on the way says that saw nobody: ln of the chance that it missed them, or that
they went another way."""

MOST_PASSED = 3
NEAR = 12
"""Cameras on the way are looked for among so many, the nearest to where it ends."""

ASIDE = 0.10
ASIDE_S = 10.0
"""On the way is what makes it longer by no more than this part and so many seconds."""


class Seen(NamedTuple):
    """Candidates in order of time: places and times, and their cameras by number from 0."""

    places: Places
    camera: Ints

    @property
    def middle_s(self) -> Floats:
        """When each was in the middle of its view."""
        return np.asarray((self.places.first_s + self.places.last_s) / 2)


class Between(NamedTuple):
    """Between cameras by number, (C, C): what is usual, and seconds by the fastest way.

    `fastest_s` is NaN where the network has none. `works` (C,): whether a camera saw anything; one
    that did not may have been off.
    """

    times: Times
    fastest_s: Floats
    works: Bools


class Weights(NamedTuple):
    """From each candidate (rows) to each later one (columns), (N, N); -inf only in `possible`."""

    possible: Bools
    time: Floats
    passed: Floats


def weigh(seen: Seen, between: Between, shows: ObjectClass) -> Weights:
    """What speaks for each pair."""
    at = np.ix_(seen.camera, seen.camera)
    possible = reach(seen.places, seen.places, shows, between.fastest_s[at]).possible
    # One camera that sees two at once sees two.
    same = seen.camera[:, None] == seen.camera[None]
    together = seen.places.first_s[None] < seen.places.last_s[:, None]
    possible = possible & ~(same & together)
    time = _time(seen, between.times, np.triu(possible & ~same, 1))
    return Weights(possible, time, PASSED * passed(between)[at])


def _time(seen: Seen, times: Times, asked: Bools) -> Floats:
    """What the time taken says of the pairs that are `asked`, (N, N); 0 of others."""
    first, second = np.nonzero(asked)
    took = seen.middle_s[second] - seen.middle_s[first]
    ways = (seen.camera[first], seen.camera[second])
    told = log_density(took, Times(times.median_s[ways], times.spread[ways])) + np.log(BEFORE_S)
    found = np.zeros((len(seen.camera), len(seen.camera)))
    found[first, second] = np.clip(told, LEAST_TIME, MOST_TIME)
    return found


def passed(between: Between) -> Floats:
    """How many working cameras lie on the way between two, (C, C), up to `MOST_PASSED`."""
    seconds = between.times.median_s.copy()
    count = len(seconds)
    np.fill_diagonal(seconds, np.inf)
    seconds = np.where(between.works[:, None] & ~np.isnan(seconds), seconds, np.inf)
    near = min(NEAR, count)
    # (near, C): for each end the cameras from which one is soonest there.
    ways = np.argpartition(seconds, near - 1, axis=0)[:near]
    ends = np.arange(count)
    direct = between.times.median_s
    found = np.zeros((count, count))
    for row in ways:
        around = direct[:, row] + seconds[row, ends]
        on_way = around <= direct * (1 + ASIDE) + ASIDE_S
        on_way[row, ends] = False
        found += on_way
    np.fill_diagonal(found, 0.0)
    return np.minimum(found, MOST_PASSED)
