"""The rungs on the made-up city: alone and together, on seeds that nothing was tuned on."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np

from central.search.ladder.camera_mean import Rows
from central.search.ladder.climb import Rungs
from deploy.sim.city.level import LevelName
from deploy.sim.city.streets import Streets
from deploy.sim.city.world import make_city
from tests.bench.laddering.asking import (
    Asked,
    Desk,
    answer,
    judge,
    open_desk,
    questions,
    second_round,
)

SEEDS = (11, 12, 13)
"""Rungs were tuned on seeds 1 and 2, the world on 900 and 901."""

QUESTIONS = 60
_OFF = Rungs(**dict.fromkeys(Rungs.__dataclass_fields__, False))
_ORDER = ("camera_mean", "reach", "attributes", "recency", "k_reciprocal", "rounds")
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
    """What one city gave: by rung and class rank-1, mAP, recall@20 and that after two confirms."""

    figures: dict[tuple[str, str], list[float]]
    said: str


def ladder() -> list[Rung]:
    """What is measured: single crops, each rung alone, then all up to each."""
    found = [
        Rung("one random crop", _OFF, "one"),
        Rung("best crop", _OFF, "best"),
        Rung("tracklet mean", _OFF, again=True),
    ]
    alone = [name for name in _ORDER if name != "rounds"]
    found += [Rung(f"only {name}", replace(_OFF, **{name: True})) for name in alone]
    climbed = _OFF
    for name in _ORDER:
        climbed = replace(climbed, **{name: True})
        found.append(Rung(f"+ {name}", climbed, again=name == _ORDER[-1]))
    return found


def measure_city(streets: Streets, level: LevelName, say: Say) -> dict[str, Any]:
    """Everything of one level; its seeds are measured side by side."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        tasks = [pool.submit(measure_seed, streets, level, seed) for seed in SEEDS]
        seeds = [task.result() for task in tasks]
    for found in seeds:
        say(found.said)
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
        "rungs": [row._asdict() for row in rows["all"]],
        "people": [row._asdict() for row in rows["people"]],
        "vehicles": [row._asdict() for row in rows["vehicles"]],
    }


def measure_seed(streets: Streets, level: LevelName, seed: int) -> Seed:
    """One city."""
    figures: dict[tuple[str, str], list[float]] = {}
    sizes = []
    desk = open_desk(make_city(streets, level, seed))
    for vehicles in (False, True):
        asked = questions(desk, QUESTIONS, vehicles=vehicles, seed=seed)
        sizes.append(round(float(np.mean([len(each.scope) for each in asked]))))
        for rung in ladder():
            kind = "vehicles" if vehicles else "people"
            figures[rung.name, kind] = _measured(desk, asked, rung)
    return Seed(figures, f"{level} {seed}: {sizes[0]} people, {sizes[1]} vehicles in scope")


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
