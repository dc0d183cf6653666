"""The demo in the operator's chair: picks a person who crosses and confirms where they went.

A person at the console looks at the pictures. The demo has only what the API answers, so it
confirms by a rule that is written down here: in the order of their rank, the candidates that look
alike enough and that someone on foot can have reached in time from all that is confirmed before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import cos, hypot, radians
from uuid import UUID

from deploy.demo.centre import Candidate, Sighting

# A brisk run; whoever needs more than this between two cameras was not there.
MAX_SPEED_M_S = 4.0
# Views that touch show a person at both cameras for a moment.
MAX_OVERLAP_S = 2.0
# Sightings this short are people who only brush the edge of a view.
MIN_SEEN_S = 1.0

_M_PER_DEGREE = 111_320.0

Place = tuple[float, float]
Search = Callable[[UUID], Sequence[Candidate]]


@dataclass(frozen=True)
class Crossing:
    """A query, everything that was found for it, and what was confirmed (query included)."""

    query: Sighting
    candidates: Sequence[Candidate]
    confirmed: Sequence[Candidate]

    @property
    def stops(self) -> list[Sighting]:
        """The confirmed sightings and the query, in time order."""
        seen = [self.query, *(candidate.sighting for candidate in self.confirmed)]
        return sorted(seen, key=lambda sighting: sighting.first_seen)

    @property
    def cameras(self) -> int:
        """How many cameras saw them."""
        return len({stop.camera for stop in self.stops})

    @property
    def searched(self) -> str:
        """How the stops were found, in a sentence for the report."""
        query = self.query
        return (
            f"Searched with the sighting at {query.camera}, {query.first_seen:%Y-%m-%d %H:%M:%S} "
            f"UTC; all cameras; any time; {len(self.candidates)} candidates, of which "
            f"{len(self.confirmed)} confirmed by a rule: alike enough, and to be reached on foot "
            "from all that were confirmed before."
        )

    @property
    def strength(self) -> tuple[int, float]:
        """How many cameras, then how alike the least alike stop is."""
        return self.cameras, min((found.score for found in self.confirmed), default=0.0)


def find_crossing(
    sightings: Iterable[Sighting], places: Mapping[str, Place], search: Search, same_person: float
) -> Crossing | None:
    """The person seen by most cameras with most certainty, or None when nobody crosses.

    Args:
        sightings: everything the centre holds.
        places: longitude and latitude of each camera.
        search: the candidates for a sighting, best first.
        same_person: cosine above which a candidate counts as the same person.
    """
    people = [
        sighting
        for sighting in sightings
        if sighting.object_class == "person"
        and sighting.last_seen - sighting.first_seen >= timedelta(seconds=MIN_SEEN_S)
    ]
    crossings = [_crossing(person, places, search(person.id), same_person) for person in people]
    found = [crossing for crossing in crossings if crossing.cameras > 1]
    return max(found, key=lambda crossing: crossing.strength, default=None)


def _crossing(
    query: Sighting,
    places: Mapping[str, Place],
    candidates: Sequence[Candidate],
    same_person: float,
) -> Crossing:
    confirmed: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda found: found.rank):
        seen = [query, *(other.sighting for other in confirmed)]
        if candidate.score >= same_person and all(
            reachable(candidate.sighting, other, places) for other in seen
        ):
            confirmed.append(candidate)
    return Crossing(query, candidates, confirmed)


def reachable(a: Sighting, b: Sighting, places: Mapping[str, Place]) -> bool:
    """Whether one person on foot can be both: not at two places at once, and never too fast."""
    if a.camera == b.camera:
        return gap_s(a, b) > 0
    between_shots = abs((a.shot - b.shot).total_seconds())
    reach_m = MAX_SPEED_M_S * max(between_shots, 1.0)
    return (
        gap_s(a, b) >= -MAX_OVERLAP_S and distance_m(places[a.camera], places[b.camera]) <= reach_m
    )


def gap_s(a: Sighting, b: Sighting) -> float:
    """Seconds between the end of the earlier and the start of the later; negative: overlap."""
    return (max(a.first_seen, b.first_seen) - min(a.last_seen, b.last_seen)).total_seconds()


def distance_m(a: Place, b: Place) -> float:
    """Metres between two places a few streets apart (plane approximation)."""
    north = (b[1] - a[1]) * _M_PER_DEGREE
    east = (b[0] - a[0]) * _M_PER_DEGREE * cos(radians((a[1] + b[1]) / 2))
    return hypot(north, east)
