"""Suggested routes as they are answered."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from uuid import UUID

import numpy as np

from central.routes.suggest.gathering import Gathered, ids_of
from central.routes.suggest.leaving import left_out
from central.routes.suggest.model import (
    MAX_LEFT_OUT,
    Clash,
    LeftOut,
    SuggestedLeg,
    SuggestedPath,
    SuggestedStop,
)
from central.routes.suggest.solving import Solved
from central.routes.suggest.weights import PASSED
from central.sightings.model import Sighting

_DIGITS = 3
WORTH = 0.02
"""Candidates that are less probable both by looks and by all are left out without a word."""


def path_of(
    rank: int, solved: Solved, gathered: Gathered, shown: Mapping[UUID, Sighting]
) -> SuggestedPath:
    """The route of that rank. `shown` has the sightings of all routes."""
    way, best = solved.ways[rank - 1], solved.ways[0]
    adds = sorted(set(way.nodes) - set(best.nodes))
    drops = sorted(set(best.nodes) - set(way.nodes))
    left, more = _left_out(rank, solved, gathered)
    return SuggestedPath(
        rank=rank,
        score=round(way.score, _DIGITS),
        share=round(float(np.exp(way.score - solved.chances.total)), _DIGITS),
        stops=[
            _stop(number, row, (solved, gathered), shown)
            for number, row in enumerate(way.nodes, start=1)
        ],
        legs=[
            _leg(number, pair, solved, gathered)
            for number, pair in enumerate(pairwise(way.nodes), start=1)
        ],
        adds=ids_of(gathered, adds),
        drops=ids_of(gathered, drops),
        differs=_differs(adds, drops, gathered) if rank > 1 else None,
        left_out=left,
        left_out_more=more,
    )


def clashes_of(solved: Solved, gathered: Gathered) -> list[Clash]:
    """The confirmed pairs that cannot be one."""
    found = []
    for one, two in solved.clashes:
        first, second = gathered.views[one], gathered.views[two]
        gap = max(0.0, second.first_s - first.last_s)
        text = f"nobody gets from {first.camera} to {second.camera} in {gap:.0f} s"
        if first.camera == second.camera:
            text = f"two who were at {first.camera} at the same time"
        found.append(Clash(first=first.id, second=second.id, text=text))
    return found


def _stop(
    number: int, row: int, of: tuple[Solved, Gathered], shown: Mapping[UUID, Sighting]
) -> SuggestedStop:
    solved, gathered = of
    confirmed = bool(gathered.problem.forced[row])
    return SuggestedStop(
        number=number,
        confirmed=confirmed,
        chance=round(float(solved.chances.of_nodes[row]), _DIGITS),
        looks=None if confirmed else round(float(gathered.problem.looks[row]), _DIGITS),
        sighting=shown[gathered.views[row].id],
    )


def _leg(number: int, pair: tuple[int, int], solved: Solved, gathered: Gathered) -> SuggestedLeg:
    seen, times = gathered.problem.seen, gathered.problem.between.times
    at = (seen.camera[pair[0]], seen.camera[pair[1]])
    low, high = (float(each[at]) for each in times.within)
    known = bool(np.isfinite(times.median_s[at])) and at[0] != at[1]
    return SuggestedLeg(
        from_=number,
        to=number + 1,
        seconds=round(float(seen.middle_s[pair[1]] - seen.middle_s[pair[0]]), 1),
        usual_s=(round(low, 1), round(high, 1)) if known else None,
        learnt=bool(gathered.learnt[at]),
        passed=round(float(solved.weights.passed[pair]) / PASSED),
    )


def _left_out(rank: int, solved: Solved, gathered: Gathered) -> tuple[list[LeftOut], int]:
    way, problem = solved.ways[rank - 1], gathered.problem
    worth = np.maximum(problem.looks, solved.chances.of_nodes)
    worth[list(way.nodes)] = -1
    rows = [int(row) for row in np.argsort(-worth, kind="stable") if worth[row] >= WORTH]
    found = []
    for row in rows[:MAX_LEFT_OUT]:
        why = left_out(row, way, problem, solved)
        found.append(
            LeftOut(
                sighting_id=gathered.views[row].id,
                camera=gathered.views[row].camera,
                looks=round(float(problem.looks[row]), _DIGITS),
                chance=round(float(solved.chances.of_nodes[row]), _DIGITS),
                why=why.why,
                stop=why.stop,
                loses=None if why.loses is None else round(why.loses, _DIGITS),
                text=why.text,
            )
        )
    return found, len(problem.looks) - len(way.nodes) - len(found)


def _differs(adds: Sequence[int], drops: Sequence[int], gathered: Gathered) -> str:
    """What the way has besides the best one, and lacks of it."""
    parts = [
        f"{word} {', '.join(gathered.views[row].camera for row in rows)}"
        for word, rows in (("with", adds), ("without", drops))
        if rows
    ]
    return " and ".join(parts)
