"""An operator's questions to the made-up city, and the answers of each rung.

Somebody was seen once; everyone in the city is as likely to be asked for. Looked at are all
cameras that are switched on within 800 m of that sighting, from 20 minutes before to 20 minutes
after it, for the same class of object; that has some thousands of sightings. As in the standard
protocol, what the query's own camera saw of the one looked for does not count, and whoever no
other camera saw in that scope is not asked for. The `DEPTH` best by the vector that the index
would be asked for are re-ranked; what is not among them counts as not found.

In the second round the operator has confirmed the first two right ones among the first twenty and
rejected the first two wrong ones above the last of those. What she confirmed stays at the top.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.search.bands import Curve, chances_by
from central.search.ladder.attributes import Said
from central.search.ladder.camera_mean import Mean, Rows, shrunk
from central.search.ladder.climb import Found, Question, Rungs, Sights, climb, middle
from central.search.reach import Places, reach
from deploy.sim.city.told import Told
from deploy.sim.city.world import City, Sightings
from shared.classes import ObjectClass
from tests.bench.laddering.calibration import Shown

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

RADIUS_M = 800.0
WINDOW_S = 1200.0
DEPTH = 1_000
SHOWN = 20
CONFIRMED = 2


class Asked(NamedTuple):
    """A query (a row of the sightings), and the rows in its scope."""

    query: int
    scope: Ints


class Judged(NamedTuple):
    """Of one question, in parts of 1."""

    rank1: float
    mean_ap: float
    recall20: float


@dataclass(frozen=True)
class Desk:
    """The city as the centre has it: sightings, and the means of their cameras and hours."""

    city: City
    means: Rows

    @property
    def sightings(self) -> Sightings:
        """All of them."""
        return self.city.sightings

    def sights(self, rows: Ints, vectors: Rows | None = None) -> Sights:
        """Some of them, as the ladder takes them."""
        found = self.sightings
        said = Told(found.attributes[rows], found.confidences[rows], found.plates[rows])
        chosen = found.vectors if vectors is None else vectors
        return Sights(
            chosen[rows], self.means[rows], Said(said.values, said.confidences, list(said.plates))
        )

    def places(self, rows: Ints) -> Places:
        """Where and when some were seen."""
        found, cameras = self.sightings, self.city.cameras
        lon_lat = self.city.streets.lon_lat(cameras.xy[found.camera[rows]])
        return Places(lon_lat, found.first_ms[rows] / 1000, found.last_ms[rows] / 1000)


def open_desk(city: City) -> Desk:
    """The city with its running means, as a centre that has seen these hours would have them."""
    found = city.sightings
    means = np.zeros_like(found.vectors)
    hours = found.first_ms // 3_600_000 % 24
    for vehicle in (False, True):
        of_class = found.vehicle == vehicle
        everywhere = _mean(found.vectors[of_class])
        for camera in np.unique(found.camera[of_class]):
            here = of_class & (found.camera == camera)
            of_camera = _mean(found.vectors[here])
            for hour in np.unique(hours[here]):
                now = here & (hours == hour)
                means[now] = shrunk(_mean(found.vectors[now]), of_camera, everywhere)
    return Desk(city, means)


def questions(desk: Desk, count: int, *, vehicles: bool, seed: int) -> list[Asked]:
    """At most `count` of them, about as many actors."""
    found = desk.sightings
    rng = np.random.default_rng(seed)
    begins, ends = found.first_ms.min(), found.first_ms.max()
    inside = (found.first_ms > begins + WINDOW_S * 1000) & (found.first_ms < ends - WINDOW_S * 1000)
    rows = rng.permutation(np.flatnonzero(inside & (found.vehicle == vehicles)))
    # The first of each actor in a random order: a random sighting of a random actor.
    _, first = np.unique(found.actor[rows], return_index=True)
    asked: list[Asked] = []
    for query in rng.permutation(rows[first]):
        scope = _scope(desk, int(query))
        if (found.actor[scope] == found.actor[query]).any():
            asked.append(Asked(int(query), scope))
        if len(asked) == count:
            break
    return asked


def answer(desk: Desk, asked: Asked, rungs: Rungs, vectors: Rows | None = None) -> Ints:
    """The rows in scope as the operator gets them at first, best first."""
    best, climbed = _ranked(desk, asked, [asked.query], [], (rungs, vectors))
    return best[climbed.order]


def shown(desk: Desk, asked: Asked, rungs: Rungs, curve: Curve) -> Shown:
    """How probable a curve says the first answers are, and whether they are right."""
    best, climbed = _ranked(desk, asked, [asked.query], [], (rungs, None))
    first = climbed.order[:SHOWN]
    actors = desk.sightings.actor
    return Shown(
        np.array(chances_by(curve, climbed, len(asked.scope)))[first],
        actors[best[first]] == actors[asked.query],
    )


def second_round(desk: Desk, asked: Asked, rungs: Rungs, first: Ints) -> Ints:
    """The rows after the operator has looked at the answer `first`, confirmed ones on top."""
    found = desk.sightings
    right = found.actor[first[:SHOWN]] == found.actor[asked.query]
    confirmed = first[:SHOWN][right][:CONFIRMED].tolist()
    wrong = first[:SHOWN][~right][:CONFIRMED].tolist()
    if not confirmed:
        return first
    best, climbed = _ranked(desk, asked, [asked.query, *confirmed], wrong, (rungs, None))
    again = best[climbed.order]
    rest = again[~np.isin(again, [*confirmed, *wrong])]
    return np.concatenate([np.array(confirmed, dtype=np.intp), rest])


def judge(desk: Desk, asked: Asked, ranked: Ints) -> Judged:
    """How good an answer is; right ones that are not in it were not found."""
    actors = desk.sightings.actor
    right = np.flatnonzero(actors[ranked] == actors[asked.query])
    total = int((actors[asked.scope] == actors[asked.query]).sum())
    precisions = np.arange(1, len(right) + 1) / (right + 1)
    return Judged(
        float(bool(len(right)) and right[0] == 0),
        float(precisions.sum() / total),
        float((right < SHOWN).sum() / min(total, SHOWN)),
    )


def _ranked(
    desk: Desk,
    asked: Asked,
    positives: list[int],
    negatives: list[int],
    how: tuple[Rungs, Rows | None],
) -> tuple[Ints, Found]:
    """The index's answers, and how they were climbed."""
    rungs, vectors = how
    wanted, unwanted = (np.array(rows, dtype=np.intp) for rows in (positives, negatives))
    asking = Question(desk.sights(wanted, vectors), desk.sights(unwanted, vectors))
    best = _index(desk, asking, asked.scope, (rungs, vectors))
    found = desk.sightings
    shows = ObjectClass.VEHICLE if found.vehicle[asked.query] else ObjectClass.PERSON
    reached = reach(desk.places(wanted), desk.places(best), shows)
    climbed = climb(
        asking,
        desk.sights(best, vectors),
        rungs,
        np.asarray(reached.possible.all(axis=0)),
        reached.gap_s.min(axis=0),
    )
    return best, climbed


def _index(desk: Desk, asking: Question, scope: Ints, how: tuple[Rungs, Rows | None]) -> Ints:
    """What the index gives: the best by cosine with the mean of what is asked for."""
    rungs, vectors = how
    kept = desk.sightings.vectors if vectors is None else vectors
    cosines = kept[scope] @ middle(asking.positives, rungs)
    return scope[np.argsort(-cosines, kind="stable")[:DEPTH]]


def _scope(desk: Desk, query: int) -> Ints:
    found, xy = desk.sightings, desk.city.cameras.xy
    near = np.linalg.norm(xy - xy[found.camera[query]], axis=1) <= RADIUS_M
    chosen = near[found.camera] & (found.vehicle == found.vehicle[query])
    chosen &= np.abs(found.first_ms - found.first_ms[query]) <= WINDOW_S * 1000
    own = (found.actor == found.actor[query]) & (found.camera == found.camera[query])
    return np.flatnonzero(chosen & ~own)


def _mean(rows: Rows) -> Mean:
    return Mean(rows.sum(axis=0, dtype=np.float64), len(rows))
