"""Who is out in the city: people who walk, some of whom ride a part, and vehicles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.streets import Streets
from deploy.sim.city.trips import Traveller, Trip
from shared.classes import ObjectClass

_WALK_SPREAD = 0.19
"""Weidmann's 0.26 of 1.34 m/s."""

_RIDES = 0.15
_RIDE_PACE = 0.25
"""A bus with its stops: 19 km/h, on the way one would have walked."""

_AGAIN = 0.5
_MOST_TRIPS = 5
_MEAN_STAY_S = 420.0


class Population(NamedTuple):
    """Actors by number: what they are, and all their trips."""

    vehicle: NDArray[np.bool_]
    trips: list[Trip]

    def object_class(self, actor: int) -> ObjectClass:
        """What `actor` is."""
        return ObjectClass.VEHICLE if self.vehicle[actor] else ObjectClass.PERSON


def populate(
    streets: Streets, counts: tuple[int, int], lasts_s: float, rng: np.random.Generator
) -> Population:
    """`counts` people and vehicles that set out at some time of `lasts_s` seconds."""
    people, vehicles = counts
    walking = Traveller(streets, streets.walk_s, rng)
    driving = Traveller(streets, streets.drive_s, rng)
    vehicle = np.arange(people + vehicles) >= people
    trips: list[Trip] = []
    for actor, start in enumerate(rng.uniform(0, lasts_s, people + vehicles)):
        kind, rides = (driving, 0.0) if vehicle[actor] else (walking, _RIDES)
        trips.extend(_outing(actor, float(start), kind, rides, rng))
    return Population(vehicle, [trip for trip in trips if trip.times[0] < lasts_s])


def _outing(
    actor: int, start_s: float, kind: Traveller, rides: float, rng: np.random.Generator
) -> list[Trip]:
    """Some ways, each from where the last one ended, after a stay there."""
    pace = float(np.clip(1 / rng.normal(1, _WALK_SPREAD), 0.6, 2.0))
    trips: list[Trip] = []
    now, place = start_s, None
    for number in range(_MOST_TRIPS):
        on_bus = number > 0 and rng.random() < rides
        trip = kind.trip(actor, now, place, _RIDE_PACE if on_bus else pace)
        if trip is None:
            break
        trips.append(trip._replace(seen=not on_bus))
        place = trip.end
        now = float(trip.times[-1]) + (0.0 if on_bus else rng.exponential(_MEAN_STAY_S))
        if rng.random() > _AGAIN and not on_bus:
            break
    return trips
