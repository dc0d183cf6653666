"""From candidates and what is known between cameras to the best ways. No input or output here."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from central.routes.suggest.paths import Bools, Chances, Floats, Graph, Way, chances, k_best
from central.routes.suggest.weights import Between, Ints, Seen, Weights, weigh
from shared.classes import ObjectClass

EXPECTED = 0.9
CONFIRMED = 0.4
"""Added to the log-odds of looks: somebody is somewhere at all times, which speaks for each. Less
by the second times the logarithm of how many are confirmed: to the mean of many pictures
everybody is more alike than the curve of single pairs knows."""

SHARPER = 1.3
"""How much more the ladder tells than the plain cosines, of which the curve is.

These were chosen, with the bounds of `weights`, on the made-up city's seeds 901 and 902.
"""

SUREST = 6.0
"""Looks alone say no more than this, ln of odds: 400 to 1."""

_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Candidates in order of time (N rows).

    `looks` (N,): how probable each is by its looks; `forced` (N,): confirmed.
    """

    seen: Seen
    looks: Floats
    forced: Bools
    between: Between
    shows: ObjectClass


class Solved(NamedTuple):
    """The best ways first. `clashes` are confirmed pairs that cannot be one, held to by no way."""

    ways: list[Way]
    chances: Chances
    weights: Weights
    graph: Graph
    clashes: list[tuple[int, int]]


def solve(problem: Problem, k: int) -> Solved:
    """The `k` best ways that pass everything that is confirmed, as far as that can be."""
    weights = weigh(problem.seen, problem.between, problem.shows)
    forced, clashes = _held(problem.forced, weights.possible)
    expected = EXPECTED - CONFIRMED * float(np.log(max(1, problem.forced.sum())))
    nodes = np.where(problem.forced, SUREST, SHARPER * odds(problem.looks) + expected)
    edges = np.where(weights.possible, weights.time + weights.passed, -np.inf)
    # What is on every way tells none from another.
    graph = Graph(np.where(forced, 0.0, nodes), edges, forced)
    return Solved(k_best(graph, k), chances(graph), weights, graph, clashes)


def odds(looks: Floats) -> Floats:
    """The natural log of the odds of probabilities, within `SUREST`."""
    sure = np.clip(looks, _TINY, 1 - _TINY)
    return np.asarray(np.minimum(np.log(sure / (1 - sure)), SUREST))


def in_order(probable: Floats, order: Ints) -> Floats:
    """The same probabilities, handed out anew in the ladder's order, by row.

    Curves are of plain cosines, so they say well how many are right; which ones they are the whole
    ladder knows better.
    """
    found = np.empty_like(probable)
    found[order] = np.sort(probable)[::-1]
    return found


def doubtful(solved: Solved, problem: Problem, most: int) -> list[int]:
    """Up to `most` whose judgement tells most: those that may as well be on the way as not."""
    unsure = np.abs(solved.chances.of_nodes - 0.5)
    order = np.argsort(unsure, kind="stable")
    return [int(row) for row in order if not problem.forced[row] and unsure[row] < _NO_DOUBT][:most]


_NO_DOUBT = 0.45
"""Those that are 5 or 95 % probable need not be asked about."""


def _held(forced: Bools, possible: Bools) -> tuple[Bools, list[tuple[int, int]]]:
    """The confirmed ones that ways are held to, and pairs of them that cannot be one."""
    held = np.flatnonzero(forced).tolist()
    clashes: list[tuple[int, int]] = []
    while new := [pair for pair in pairwise(held) if not possible[pair]]:
        clashes += new
        held = [row for row in held if all(row not in pair for pair in new)]
    found = np.zeros_like(forced)
    found[held] = True
    return found, clashes
