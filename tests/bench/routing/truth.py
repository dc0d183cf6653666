"""What the legs between the made-up city's sightings really were: from the ways that were taken.

Between two sightings of one in a row, that one may have been in the view of a working camera that
missed it (one in ten, or everybody in a bus): UNOBSERVED. Else the way led from view to view: with
hardly anything between them the leg is OBSERVED, with more a COVERAGE_GAP. Hardly anything is what
the judgement of legs takes for it, too, and half a minute.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.cameras import views
from deploy.sim.city.passing import Passages, passages
from deploy.sim.city.trips import Trip
from deploy.sim.city.world import BEGINS_MS, City

Floats = NDArray[np.float64]

NEARLY_M = 30.0
NEARLY_S = 30.0
_MATCH_S = 0.01


@dataclass(frozen=True)
class Truth:
    """All passages of working cameras' views, noticed or not, and the trips of each actor."""

    city: City
    passed: Passages
    trips: dict[int, list[Trip]]

    def type_of(self, before: int, after: int) -> str:
        """The true type of the leg between two sightings (rows) of one actor in a row."""
        found = self.city.sightings
        actor = int(found.actor[before])
        left, came = self._second(before, found.last_ms), self._second(after, found.first_ms)
        own = self.passed.rows(self.passed.actor == actor)
        between = (own.start >= left - _MATCH_S) & (own.end <= came + _MATCH_S)
        if between.any():
            return "UNOBSERVED"
        metres = self._metres(actor, left, came)
        near = metres <= NEARLY_M and came - left <= NEARLY_S
        return "OBSERVED" if near else "COVERAGE_GAP"

    def _second(self, row: int, moments: NDArray[np.int64]) -> float:
        """True seconds since the beginning: the clock of the camera's box is taken away."""
        clock = self.city.cameras.clock_s[self.city.sightings.camera[row]]
        return float((moments[row] - BEGINS_MS) / 1000 - clock)

    def _metres(self, actor: int, start_s: float, end_s: float) -> float:
        """How far the actor went meanwhile."""
        found = 0.0
        for trip in self.trips.get(actor, []):
            xy = self.city.streets.xy[trip.nodes]
            steps = np.linalg.norm(np.diff(xy, axis=0), axis=1)
            along = np.concatenate([[0.0], np.cumsum(steps)])
            first, last = np.interp([start_s, end_s], trip.times, along)
            found += float(max(last - first, 0.0))
        return found


def true_ways(city: City) -> Truth:
    """The truth of a city: cameras that are off see nothing."""
    trips: dict[int, list[Trip]] = {}
    for trip in city.population.trips:
        trips.setdefault(trip.actor, []).append(trip)
    # Those in a bus pass views, too.
    all_seen = [trip._replace(seen=True) for trip in city.population.trips]
    seen = views(city.streets, city.cameras)
    return Truth(city, passages(city.streets, city.cameras, seen, all_seen), trips)
