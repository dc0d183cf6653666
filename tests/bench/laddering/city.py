"""The rungs on the made-up city: alone and together, on seeds that nothing was tuned on."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np

from central.search.bands import Curve
from central.search.fitting import Labelled, fit, pairs_of
from central.search.ladder.attributes import said as said_of
from central.search.ladder.camera_mean import Rows, centred
from central.search.ladder.climb import Question, Rungs, Sights, climb
from deploy.sim.city.level import LevelName
from deploy.sim.city.streets import Streets
from deploy.sim.city.world import make_city
from tests.bench.laddering.asking import (
    DEPTH,
    Asked,
    Desk,
    answer,
    judge,
    open_desk,
    questions,
    second_round,
    shown,
)
from tests.bench.laddering.calibration import Shown, calibration, joined

SEEDS = (11, 12, 13)
"""Rungs were tuned on seeds 1 and 2, the world on 900 and 901."""

QUESTIONS = 30
_FITTED = 200
"""Actors of whom the curve of the city's space is fitted."""

_TIMED = 5
_OFF = Rungs(**dict.fromkeys(Rungs.__dataclass_fields__, False))
_ORDER = ("camera_mean", "whitening", "reach", "attributes", "recency", "k_reciprocal", "rounds")
Say = Callable[[str], None]


class Rung(NamedTuple):
    """What is climbed, with which vectors (None: the tracklets' means), and whether once more."""

    name: str
    rungs: Rungs
    vectors: str = "vectors"
    again: bool = False


class Row(NamedTuple):
    """One rung's figures, percent, of the seeds; `spread` is the standard deviation of rank-1."""

    rung: str
    rank1: float
    mean_ap: float
    recall20: float
    two_confirms: float | None
    spread: float


class Seed(NamedTuple):
    """What one city gave: by rung and class rank-1, mAP, recall@20 and that after two confirms.

    `shown` are the first answers of the whole ladder by class, `seconds` what one climb took.
    """

    figures: dict[tuple[str, str], list[float]]
    shown: dict[str, Shown]
    seconds: list[float]
    said: str


def ladder() -> list[Rung]:
    """What is measured: single crops, each rung alone, then all up to each.

    "only rounds" beside the tracklet mean, and "+ rounds" beside "+ k_reciprocal", after two
    confirmations, are what steering by judgements adds to confirming alone.
    """
    found = [
        Rung("one random crop", _OFF, "one"),
        Rung("best crop", _OFF, "best"),
        Rung("tracklet mean", _OFF, again=True),
    ]
    # Rounds show only after the operator has judged, and what they add beside the rung before.
    found += [
        Rung(f"only {name}", replace(_OFF, **{name: True}), again=name == _ORDER[-1])
        for name in _ORDER
    ]
    climbed = _OFF
    for name in _ORDER:
        climbed = replace(climbed, **{name: True})
        found.append(Rung(f"+ {name}", climbed, again=name in _ORDER[-2:]))
    return found


def measure_city(streets: Streets, level: LevelName, say: Say) -> dict[str, Any]:
    """Everything of one level; its seeds are measured side by side."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        tasks = [pool.submit(measure_seed, streets, level, seed) for seed in SEEDS]
        for task in as_completed(tasks):
            say(task.result().said)
        seeds = [task.result() for task in tasks]
    rows = {
        kind: [_row(rung.name, [_of(each, rung.name, kind) for each in seeds]) for rung in ladder()]
        for kind in ("all", "people", "vehicles")
    }
    last = rows["all"][-1]
    return {
        "rank1": last.rank1,
        "map": last.mean_ap,
        "recall20": last.recall20,
        "recall20_two_confirms": last.two_confirms,
        "ladder_ms": round(1000 * float(np.median([t for each in seeds for t in each.seconds])), 1),
        "bands": {
            kind: calibration(joined([each.shown[kind] for each in seeds]))
            for kind in ("people", "vehicles")
        },
        "rungs": [row._asdict() for row in rows["all"]],
        "people": [row._asdict() for row in rows["people"]],
        "vehicles": [row._asdict() for row in rows["vehicles"]],
    }


def measure_seed(streets: Streets, level: LevelName, seed: int) -> Seed:
    """One city."""
    figures: dict[tuple[str, str], list[float]] = {}
    sizes = []
    answers = {}
    desk = open_desk(make_city(streets, level, seed))
    for vehicles in (False, True):
        asked = questions(desk, QUESTIONS, vehicles=vehicles, seed=seed)
        sizes.append(round(float(np.mean([len(each.scope) for each in asked]))))
        for rung in ladder():
            kind = "vehicles" if vehicles else "people"
            figures[rung.name, kind] = _measured(desk, asked, rung)
        curve = curve_of_others(desk, asked, vehicles=vehicles, seed=seed)
        answers[kind] = joined([shown(desk, each, Rungs(), curve) for each in asked])
    said = f"{level} {seed}: {sizes[0]} people, {sizes[1]} vehicles in scope"
    return Seed(figures, answers, climbing_seconds(), said)


def curve_of_others(desk: Desk, asked: Sequence[Asked], *, vehicles: bool, seed: int) -> Curve:
    """The curve of the city's space, from actors that nobody asks for."""
    found = desk.sightings
    others = np.setdiff1d(
        found.actor[found.vehicle == vehicles], found.actor[[each.query for each in asked]]
    )
    chosen = np.random.default_rng(seed).choice(others, _FITTED, replace=False)
    rows = np.flatnonzero(np.isin(found.actor, chosen))
    vectors = centred(found.vectors[rows], desk.means[rows])
    names = (found.actor[rows].astype(str), found.camera[rows].astype(str))
    return fit(pairs_of(Labelled(vectors, *names)))


def climbing_seconds() -> list[float]:
    """What the whole ladder takes on this core for 1,000 made-up hits of 256 dimensions."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((DEPTH + 1, 256)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    spoken = [{"upper_colour": {"value": "red", "confidence": 0.8}}]
    means = np.full_like(rows, 0.01)
    query = Sights(rows[:1], means[:1], said_of(spoken, [None]))
    hits = Sights(rows[1:], means[1:], said_of(spoken * DEPTH, [None] * DEPTH))
    asked = Question(query, Sights(rows[:0], means[:0], said_of([], [])))
    taken = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        climb(asked, hits, Rungs(), np.ones(DEPTH, dtype=bool), np.zeros(DEPTH))
        taken.append(time.perf_counter() - began)
    return taken


def _measured(desk: Desk, asked: Sequence[Asked], rung: Rung) -> list[float]:
    vectors: Rows = getattr(desk.sightings, rung.vectors)
    found = []
    for each in asked:
        ranked = answer(desk, each, rung.rungs, vectors)
        later = float("nan")
        if rung.again:
            later = judge(desk, each, second_round(desk, each, rung.rungs, ranked)).recall20
        found.append([*judge(desk, each, ranked), later])
    return [float(value) for value in np.mean(found, axis=0)]


def _of(seed: Seed, rung: str, kind: str) -> list[float]:
    if kind != "all":
        return seed.figures[rung, kind]
    both = (seed.figures[rung, each] for each in ("people", "vehicles"))
    return [float(value) for value in np.mean(list(both), axis=0)]


def _row(name: str, seeds: list[list[float]]) -> Row:
    percent = 100 * np.array(seeds)
    rank1, mean_ap, recall, later = (round(float(value), 1) for value in percent.mean(axis=0))
    return Row(
        name,
        rank1,
        mean_ap,
        recall,
        None if np.isnan(later) else later,
        round(float(percent[:, 0].std()), 1),
    )
