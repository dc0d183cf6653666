"""What some trips between two cameras come to: decayed, and steadied where they are few.

A trip counts half as much for each `HALF_LIFE` that it is older than the newest, so that a street
that was closed is learnt anew. All weights shrink alike as time passes, which changes no
percentile: only whether they are still trusted.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from central.routes.links.transit import SPREAD, Times
from shared.classes import ObjectClass

Floats = NDArray[np.float64]

HALF_LIFE = timedelta(days=30)
TRUSTED = 3
"""So many trips, and ..."""

LEAST_WEIGHT = 0.75
"""... so much of them left: three trips of two months ago are just trusted, older ones are not."""

STEADY = 3.0
"""As many made-up trips, spread as usual around the median, steady the percentiles of few."""

_MADE_UP = 9
_PLACES = np.array([0.05, 0.5, 0.95])
_NINETY = 3.2897
"""Standard deviations of a normal distribution from its 5th to its 95th percentile."""


class Learnt(NamedTuple):
    """Percentiles in seconds (5th, 50th, 95th), how many trips, and their weight at the newest."""

    p05_s: float
    p50_s: float
    p95_s: float
    samples: int
    weight: float
    newest: datetime


def learnt(seconds: Floats, at: list[datetime], shows: ObjectClass) -> Learnt:
    """What trips of `seconds` (N,), N at least 1, that were travelled `at`, come to."""
    newest = max(at)
    ages = np.array([(newest - each) / HALF_LIFE for each in at])
    weights = 0.5**ages
    logs = np.log(np.maximum(seconds, 1.0))
    (median,) = _quantiles(logs, weights, np.array([0.5]))
    made_up = median + SPREAD[shows] * ndtri((np.arange(_MADE_UP) + 0.5) / _MADE_UP)
    found = np.exp(
        _quantiles(
            np.concatenate([logs, made_up]),
            np.concatenate([weights, np.full(_MADE_UP, STEADY / _MADE_UP)]),
            _PLACES,
        )
    )
    low, middle, high = (float(each) for each in found)
    return Learnt(low, middle, high, len(seconds), float(weights.sum()), newest)


def is_trusted(samples: int, weight: float, newest: datetime, now: datetime) -> bool:
    """Whether there are enough trips, and they are not too long ago."""
    return samples >= TRUSTED and decayed(weight, newest, now) >= LEAST_WEIGHT


def decayed(weight: float, newest: datetime, now: datetime) -> float:
    """What is left of `weight` at `now`."""
    return float(weight * 0.5 ** max(0.0, (now - newest) / HALF_LIFE))


def as_times(p05_s: Floats, p50_s: Floats, p95_s: Floats) -> Times:
    """The log-normal times with these medians, and as wide."""
    spread = np.log(np.maximum(p95_s, 1.0) / np.maximum(p05_s, 1.0)) / _NINETY
    return Times(np.maximum(p50_s, 1.0), np.maximum(spread, 0.05))


def _quantiles(values: Floats, weights: Floats, places: Floats) -> Floats:
    """Weighted quantiles, linear between the middles of the weights."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    middles = (np.cumsum(weights) - weights / 2) / weights.sum()
    return np.asarray(np.interp(places, middles, values))
