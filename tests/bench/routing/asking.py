"""An operator who puts routes together in the made-up city, with three cameras in ten removed.

Somebody was seen once, and everyone in the city is as likely to be asked for. Looked at are all
cameras that work within 800 m of that sighting, from 20 minutes before to 20 minutes after it, for
the same class. The route that is right is all that those cameras saw of the one asked for, in order
of time; who was seen there less than three times, that sighting included, is not asked for.

The candidates are the product's: the search's ladder, the probabilities of its curve (fitted, as
in `tests.bench.laddering`, on actors that nobody asks for), the 400 best that can be reached. Links
know no trips yet: times are the street network's, between the crossings nearest to the cameras.

In each round the operator judges one candidate that is not judged yet: what the suggestion asks
about, the most doubtful one (`doubtful`), or the most probable stop of the best route (`surest`).
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from central.routes.links.transit import cold
from central.routes.suggest.model import MAX_CANDIDATES
from central.routes.suggest.paths import Bools, Floats
from central.routes.suggest.solving import Problem, Solved, doubtful, in_order, solve
from central.routes.suggest.weights import Between, Seen
from central.search.bands import Curve, chances_by
from central.search.ladder.climb import Question, Rungs, climb, middle
from central.search.reach import distances, reach
from deploy.sim.city.world import City
from shared.classes import ObjectClass
from tests.bench.laddering.asking import DEPTH, RADIUS_M, WINDOW_S, Desk, Ints

REMOVED = 0.3
FEWEST = 3
Asks = Literal["doubtful", "surest"]


class Asked(NamedTuple):
    """A query (a row of the sightings), all other rows in its scope, and those that are right."""

    query: int
    scope: Ints
    truth: list[int]


@dataclass(frozen=True)
class Office:
    """A city's desk, and the times between its cameras for a class."""

    desk: Desk
    curve: Curve
    between: Between
    shows: ObjectClass


class Judged(NamedTuple):
    """What the operator has said so far: rows of the sightings."""

    confirmed: list[int]
    rejected: list[int]


class Suggested(NamedTuple):
    """A suggestion: rows of the sightings of all candidates, and what was solved."""

    rows: Ints
    problem: Problem
    solved: Solved

    @property
    def route(self) -> list[int]:
        """The best one's sightings."""
        return [int(self.rows[node]) for node in self.solved.ways[0].nodes]


def without_some(city: City, seed: int) -> City:
    """The city without `REMOVED` of its working cameras, and what they saw."""
    working = np.flatnonzero(city.cameras.on)
    rng = np.random.default_rng(seed)
    gone = rng.choice(working, round(REMOVED * len(working)), replace=False)
    stay = np.ones(len(city.cameras.on), dtype=bool)
    stay[gone] = False
    seen = city.sightings.rows(stay[city.sightings.camera])
    return replace(city, cameras=city.cameras._replace(on=city.cameras.on & stay), sightings=seen)


def questions(desk: Desk, count: int, *, vehicles: bool, seed: int) -> list[Asked]:
    """At most `count` of them, about as many actors."""
    found = desk.sightings
    rng = np.random.default_rng(seed)
    begins, ends = found.first_ms.min(), found.first_ms.max()
    inside = (found.first_ms > begins + WINDOW_S * 1000) & (found.first_ms < ends - WINDOW_S * 1000)
    rows = rng.permutation(np.flatnonzero(inside & (found.vehicle == vehicles)))
    _, first = np.unique(found.actor[rows], return_index=True)
    asked: list[Asked] = []
    for query in rng.permutation(rows[first]).tolist():
        scope = _scope(desk, query)
        right = np.append(scope[found.actor[scope] == found.actor[query]], query)
        if len(right) >= FEWEST:
            asked.append(Asked(query, scope, np.sort(right).tolist()))
        if len(asked) == count:
            break
    return asked


def times_between(city: City, shows: ObjectClass) -> Between:
    """Seconds between cameras on the streets of the city's map."""
    places = city.streets.lon_lat(city.cameras.xy)
    fastest = _seconds(city, city.streets.drive_s)
    usual = _seconds(city, city.streets.walk_s) if shows is ObjectClass.PERSON else fastest
    times = cold(usual, distances(places, places), shows)
    return Between(times, fastest, city.cameras.on)


def suggest(office: Office, asked: Asked, judged: Judged) -> Suggested:
    """What is suggested, given what was judged."""
    desk, found = office.desk, office.desk.sightings
    stops = np.array([asked.query, *judged.confirmed], dtype=np.intp)
    best, probable, possible = _candidates(office, asked, judged)
    fits = possible & ~np.isin(best, [*stops, *judged.rejected])
    best, probable = best[fits], probable[fits]
    first = np.argsort(-probable, kind="stable")[: MAX_CANDIDATES - len(stops)]
    rows = np.concatenate([stops, best[first]])
    looks = np.concatenate([np.ones(len(stops)), probable[first]])
    places = desk.places(rows)
    order = np.argsort(places.first_s + places.last_s, kind="stable")
    rows = rows[order]
    seen = Seen(desk.places(rows), found.camera[rows])
    problem = Problem(seen, looks[order], order < len(stops), office.between, office.shows)
    return Suggested(rows, problem, solve(problem, 1))


def judge(office: Office, asked: Asked, judged: Judged, given: Suggested, asks: Asks) -> Judged:
    """One more judgement; the same where there is nothing to ask."""
    if asks == "doubtful":
        picked = doubtful(given.solved, given.problem, 1)
    else:
        chances, forced = given.solved.chances.of_nodes, given.problem.forced
        open_ones = [node for node in given.solved.ways[0].nodes if not forced[node]]
        picked = sorted(open_ones, key=lambda node: -chances[node])[:1]
    if not picked:
        return judged
    row = int(given.rows[picked[0]])
    if row in asked.truth:
        return Judged([*judged.confirmed, row], judged.rejected)
    return Judged(judged.confirmed, [*judged.rejected, row])


def by_cosine(office: Office, asked: Asked) -> list[int]:
    """The baseline: the most alike by the plain cosine, from each to the nearest in time.

    As many as are right, which nobody knows who asks.
    """
    found = office.desk.sightings
    cosines = found.vectors[asked.scope] @ found.vectors[asked.query]
    best = asked.scope[np.argsort(-cosines, kind="stable")[: len(asked.truth) - 1]]
    return sorted([asked.query, *best.tolist()])


def _candidates(office: Office, asked: Asked, judged: Judged) -> tuple[Ints, Floats, Bools]:
    """The index's best as the ladder has them: rows, how probable, and whether possible."""
    desk, found = office.desk, office.desk.sightings
    stops = np.array([asked.query, *judged.confirmed], dtype=np.intp)
    question = Question(desk.sights(stops), desk.sights(np.array(judged.rejected, dtype=np.intp)))
    cosines = found.vectors[asked.scope] @ middle(question.positives, Rungs())
    best = asked.scope[np.argsort(-cosines, kind="stable")[:DEPTH]]
    reached = reach(desk.places(stops), desk.places(best), office.shows)
    possible = np.asarray(reached.possible.all(axis=0))
    climbed = climb(question, desk.sights(best), Rungs(), possible, reached.gap_s.min(axis=0))
    probable = np.array(chances_by(office.curve, climbed, len(asked.scope)))
    return best, in_order(probable, climbed.order), possible


def _scope(desk: Desk, query: int) -> Ints:
    found, xy = desk.sightings, desk.city.cameras.xy
    near = np.linalg.norm(xy - xy[found.camera[query]], axis=1) <= RADIUS_M
    chosen = near[found.camera] & (found.vehicle == found.vehicle[query])
    chosen &= np.abs(found.first_ms - found.first_ms[query]) <= WINDOW_S * 1000
    chosen[query] = False
    return np.flatnonzero(chosen)


def _seconds(city: City, edge_s: Floats) -> Floats:
    """Between the crossings nearest to the cameras, (C, C); NaN where there is no way."""
    nodes = city.streets.connected(edge_s)
    _, nearest = cKDTree(city.streets.xy[nodes]).query(city.cameras.xy)
    crossings = nodes[nearest]
    found = dijkstra(city.streets.graph(edge_s), indices=crossings)[:, crossings]
    return np.where(np.isinf(found), np.nan, found)
