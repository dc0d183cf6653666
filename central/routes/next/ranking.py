"""Which camera sees the target next, and when: what is left after it has not come for so long.

Before anything is known, the next camera is one that no other lies before on the way there, or one
to which certain trips led; where to is known of some, so cameras on the way there count more. A
camera that should have had the target by now and has not loses what it had to the others, all but
the chance that it missed it (Bayes). No input or output here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from central.routes.links.transit import Times, log_density

Floats = NDArray[np.float64]

MISSED = 0.1
"""How often a working camera does not report whoever passes: the part that the made-up city's hard
level leaves out (`deploy.sim.city.level`)."""

LOST = 0.15
"""The chance that no camera here sees the target next: it went inside, or away between them."""

BEHIND = 0.35
"""How much less probable a camera is for each other that lies on the way to it."""

NEAR_S = 300.0
"""Of cameras with nothing between, one so far away is half as probable as one right here."""

SMOOTHED = 4.0
"""Certain trips that what is expected without any is worth (Dirichlet)."""

TOWARDS_S = 120.0
"""A detour of so many seconds on the way to a destination makes a camera e times less probable."""

_LONGEST_S = 7_200
_GRID = 400


@dataclass(frozen=True, slots=True, eq=False)
class Onward:
    """What is known of C cameras, seen from where the target was last.

    `times` (C,) from there; `passed` (C,) other cameras on the way; `trips` (C,) certain trips
    that led there next; `detours_s` (D, C) seconds that passing there adds to the way to each
    destination, NaN: not known; `weights` (D,) how probable each destination is, 1 at most in all.
    """

    times: Times
    passed: Floats
    trips: Floats
    detours_s: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """By camera: `chance` that it is the next to see the target, `soon` that within the horizon.

    `first_s`, `likely_s`, `last_s`: seconds from now, the 5th, 50th and 95th percentile of when, if
    it does. `lost` is the chance that none does.
    """

    chance: Floats
    soon: Floats
    first_s: Floats
    likely_s: Floats
    last_s: Floats
    lost: float


def rank(onward: Onward, elapsed_s: float, horizon_s: float) -> Ranked:
    """What is to be expected `elapsed_s` after the target left, none having seen it since."""
    before = prior(onward)
    seconds, arrived = _arrivals(onward.times)
    by_now = _at(seconds, arrived, elapsed_s)
    coming = before * (1 - MISSED) * (1 - by_now)
    silent = before * (1 - (1 - MISSED) * by_now)
    total = float(silent.sum()) + LOST
    later = _at(seconds, arrived, elapsed_s + horizon_s)
    first, likely, last = (
        _when(seconds, arrived, by_now + part * (1 - by_now)) - elapsed_s
        for part in (0.05, 0.5, 0.95)
    )
    return Ranked(
        coming / total,
        before * (1 - MISSED) * (later - by_now) / total,
        np.maximum(first, 0.0),
        np.maximum(likely, 0.0),
        np.maximum(last, 0.0),
        1 - float(coming.sum()) / total,
    )


def prior(onward: Onward) -> Floats:
    """That each camera is the next, when the target has only just left, (C,); then comes `LOST`."""
    near = 1 / (1 + onward.times.median_s / NEAR_S)
    expected = np.nan_to_num(near * BEHIND**onward.passed)
    expected = expected / max(float(expected.sum()), 1e-9)
    found = (expected * SMOOTHED + onward.trips) / (SMOOTHED + float(onward.trips.sum()))
    found = found * _towards(onward)
    return np.asarray((1 - LOST) * found / max(float(found.sum()), 1e-9))


def _towards(onward: Onward) -> Floats:
    """How much more probable destinations make each camera, (C,), 1 on the average of nothing."""
    if not len(onward.weights):
        return np.ones(onward.passed.shape)
    pulls = np.exp(-np.nan_to_num(onward.detours_s, nan=np.inf) / TOWARDS_S)
    pulls = pulls / np.maximum(pulls.mean(axis=1, keepdims=True), 1e-9)
    left = max(0.0, 1 - float(onward.weights.sum()))
    return np.asarray(left + onward.weights @ pulls)


def _arrivals(times: Times) -> tuple[Floats, Floats]:
    """A grid of seconds (G,), and the part that has arrived at each camera by then, (C, G)."""
    seconds = np.concatenate([[0.0], np.geomspace(1.0, _LONGEST_S, _GRID)])
    across = Times(times.median_s[:, None], times.spread[:, None])
    density = np.exp(log_density(seconds[None], across))
    steps = (density[:, 1:] + density[:, :-1]) / 2 * np.diff(seconds)
    found = np.concatenate([np.zeros((len(density), 1)), np.cumsum(steps, axis=1)], axis=1)
    return seconds, found / np.maximum(found[:, -1:], 1e-9)


def _at(seconds: Floats, arrived: Floats, moment: float) -> Floats:
    return np.array([np.interp(moment, seconds, row) for row in arrived])


def _when(seconds: Floats, arrived: Floats, part: Floats) -> Floats:
    return np.array(
        [np.interp(each, row, seconds) for each, row in zip(part, arrived, strict=True)]
    )
