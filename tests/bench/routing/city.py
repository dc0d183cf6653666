"""Suggested routes in the made-up city against the truth, on seeds that nothing was tuned on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np

from deploy.sim.city.level import LevelName
from deploy.sim.city.streets import Streets
from deploy.sim.city.world import make_city
from shared.classes import ObjectClass
from tests.bench.laddering.asking import Asked as InScope
from tests.bench.laddering.asking import open_desk
from tests.bench.laddering.city import curve_of_others
from tests.bench.routing.asking import (
    Asked,
    Asks,
    Judged,
    Office,
    by_cosine,
    judge,
    questions,
    suggest,
    times_between,
    without_some,
)

SEEDS = (31, 32, 33)
"""Weights were chosen on seeds 901 and 902."""

QUESTIONS = 20
"""People a seed, and as many vehicles."""

ROUNDS = 3
ASKS: tuple[Asks, ...] = ("doubtful", "surest")
_WORKERS = 2
Say = Callable[[str], None]


class Figures(NamedTuple):
    """Of one suggestion: F1 of its stops in order, its precision, its recall, and of its legs.

    Stops in order are the longest common subsequence with the truth; precision is its part of the
    suggestion, recall its part of the truth. A leg is right when it leads from one of the truth's
    stops to its next; NaN where there is none.
    """

    stop_f1: float
    precision: float
    recall: float
    leg_precision: float


def score(route: Sequence[int], truth: Sequence[int]) -> Figures:
    """How good a route is."""
    common = _common(route, truth)
    precision, recall = common / max(1, len(route)), common / max(1, len(truth))
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    right = set(pairwise(truth))
    legs = [leg in right for leg in pairwise(route)]
    return Figures(f1, precision, recall, float(np.mean(legs)) if legs else float("nan"))


def measure_city(streets: Streets, say: Say) -> list[dict[str, Any]]:
    """A row for each way of asking and number of judgements, of all seeds together."""
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:
        tasks = {pool.submit(measure_seed, streets, seed): seed for seed in SEEDS}
        for task in as_completed(tasks):
            say(f"city {tasks[task]} done")
        found = [part for task in tasks for part in task.result()]
    rows = []
    for name in dict.fromkeys(each[0] for each in found):
        of_name = [each for each in found if each[0] == name]
        for kind in ("people", "vehicles", "both"):
            figures = [each[2] for each in of_name if kind in (each[1], "both")]
            means = np.nanmean(np.array(figures), axis=0)
            shown = zip(Figures._fields, means.tolist(), strict=True)
            rows.append(
                {
                    "asked": name,
                    "of": kind,
                    "routes": len(figures),
                    "with_legs": int(np.isfinite(np.array(figures)[:, -1]).sum()),
                    **{field: round(value, 3) for field, value in shown},
                }
            )
    return rows


def measure_seed(streets: Streets, seed: int) -> list[tuple[str, str, Figures]]:
    """What was asked, of which class, and how good the answer was."""
    city = without_some(make_city(streets, LevelName.HARD, seed), seed)
    desk = open_desk(city)
    found = []
    for vehicles in (False, True):
        shows = ObjectClass.VEHICLE if vehicles else ObjectClass.PERSON
        asked = questions(desk, QUESTIONS, vehicles=vehicles, seed=seed)
        in_scope = [InScope(each.query, each.scope) for each in asked]
        curve = curve_of_others(desk, in_scope, vehicles=vehicles, seed=seed)
        office = Office(desk, curve, times_between(city, shows), shows)
        kind = "vehicles" if vehicles else "people"
        for each in asked:
            found.append(("baseline", kind, score(by_cosine(office, each), each.truth)))
            for asks in ASKS:
                found += [(name, kind, value) for name, value in _rounds(office, each, asks)]
    return found


def _rounds(office: Office, asked: Asked, asks: Asks) -> Iterator[tuple[str, Figures]]:
    """The answer at first and after each judgement; again without what the operator gave."""
    judged = Judged([], [])
    for number in range(ROUNDS + 1):
        given = suggest(office, asked, judged)
        yield f"{asks}, {number} judged", score(given.route, asked.truth)
        known = {asked.query, *judged.confirmed}
        route, truth = (
            [row for row in rows if row not in known] for rows in (given.route, asked.truth)
        )
        if truth:
            yield f"{asks}, {number} judged, the rest", score(route, truth)
        judged = judge(office, asked, judged, given, asks)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of the longest common subsequence."""
    lengths = [0] * (len(other) + 1)
    for left in one:
        before = 0
        for place, right in enumerate(other, start=1):
            kept = lengths[place]
            lengths[place] = before + 1 if left == right else max(kept, lengths[place - 1])
            before = kept
    return lengths[-1]
