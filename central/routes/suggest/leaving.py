"""Why a candidate is on no way: what it would change, and the words for it."""

from bisect import bisect_left
from enum import StrEnum
from typing import NamedTuple

from central.routes.suggest.paths import Floats, Way
from central.routes.suggest.solving import Problem, Solved


class Why(StrEnum):
    """What speaks against a candidate most."""

    SAME_CAMERA = "same_camera"
    UNREACHABLE = "unreachable"
    LOOKS = "looks"
    TIME = "time"
    SKIPPED = "skipped"


class Left(NamedTuple):
    """A candidate (a row), why, and the stop of the way (from 1) that says so, None for none.

    `loses`: by how much the way's score would fall with it; None: it cannot be on it.
    """

    row: int
    why: Why
    stop: int | None
    loses: float | None
    text: str


def left_out(row: int, way: Way, problem: Problem, solved: Solved) -> Left:
    """Why `row` is not on `way`."""
    place = bisect_left(way.nodes, row)
    before = way.nodes[place - 1] if place else None
    after = way.nodes[place] if place < len(way.nodes) else None
    found = _impossible(row, (before, after), place, problem, solved)
    return found or _worse(row, (before, after), place, problem, solved)


_Sides = tuple[int | None, int | None]


def _impossible(
    row: int, sides: _Sides, place: int, problem: Problem, solved: Solved
) -> Left | None:
    """The stop before or after that rules it out, if one does."""
    possible = solved.weights.possible
    for node, number, ways in (
        (sides[0], place, "cannot be reached from stop {}"),
        (sides[1], place + 1, "stop {} cannot be reached from it"),
    ):
        if node is None or possible[min(node, row), max(node, row)]:
            continue
        if problem.seen.camera[node] == problem.seen.camera[row]:
            text = f"at the same time at the same camera as stop {number}, who is somebody else"
            return Left(row, Why.SAME_CAMERA, number, None, text)
        return Left(row, Why.UNREACHABLE, number, None, ways.format(number))
    return None


def _worse(row: int, sides: _Sides, place: int, problem: Problem, solved: Solved) -> Left:
    """What the way would lose by passing it, and by what of it most."""
    looks = float(solved.graph.nodes[row])
    time = _changed(solved.weights.time, row, sides)
    passed = _changed(solved.weights.passed, row, sides)
    loses = -(looks + time + passed)
    percent = 100 * float(problem.looks[row])
    if looks <= min(time, passed) or looks <= 0:
        return Left(row, Why.LOOKS, None, loses, f"not alike enough: {percent:.0f} % by looks")
    stop = place if sides[0] is not None else place + 1
    if time <= passed:
        text = f"an unusual time from stop {stop} or to the next, for {percent:.0f} % by looks"
        return Left(row, Why.TIME, stop, loses, text)
    text = f"cameras on the way to or from stop {stop} saw nobody"
    return Left(row, Why.SKIPPED, stop, loses, text)


def _changed(weights: Floats, row: int, sides: _Sides) -> float:
    """What an edge's weights change by when `row` comes between `sides`."""
    before, after = sides
    found = 0.0
    if before is not None:
        found += float(weights[before, row])
    if after is not None:
        found += float(weights[row, after])
    if before is not None and after is not None:
        found -= float(weights[before, after])
    return found
