"""What some trips come to."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from central.routes.links.percentiles import HALF_LIFE, as_times, decayed, is_trusted, learnt
from central.routes.links.transit import Times, cold, log_density
from shared.classes import ObjectClass

NOON = datetime(2026, 7, 20, 12, tzinfo=UTC)


def trips(
    *seconds: float, ages: list[timedelta] | None = None
) -> tuple[np.ndarray, list[datetime]]:
    ages = ages or [timedelta()] * len(seconds)
    return np.array(seconds), [NOON - age for age in ages]


def test_many_trips_are_their_own_percentiles() -> None:
    seconds = np.random.default_rng(1).lognormal(np.log(100), 0.5, 2000)
    found = learnt(seconds, [NOON] * 2000, ObjectClass.PERSON)
    wanted = np.percentile(seconds, [5, 50, 95])
    assert (found.p05_s, found.p50_s, found.p95_s) == pytest.approx(tuple(wanted), rel=0.03)
    assert (found.samples, found.weight) == (2000, 2000)


def test_few_trips_are_as_wide_as_is_usual() -> None:
    found = learnt(*trips(100, 101, 102), ObjectClass.PERSON)
    assert found.p50_s == pytest.approx(101, abs=1)
    assert found.p05_s < 85
    assert found.p95_s > 120


def test_trips_fade_against_newer_ones() -> None:
    old, new = [HALF_LIFE * 5] * 20, [timedelta()] * 20
    found = learnt(*trips(*[300.0] * 20, *[100.0] * 20, ages=old + new), ObjectClass.VEHICLE)
    assert found.p50_s == pytest.approx(100, abs=2)
    assert found.weight == pytest.approx(20 + 20 / 32)


def test_three_trips_are_trusted_until_they_are_too_old() -> None:
    assert not is_trusted(2, 2.0, NOON, NOON)
    assert is_trusted(3, 3.0, NOON, NOON)
    assert is_trusted(3, 3.0, NOON, NOON + HALF_LIFE * 2)
    assert not is_trusted(3, 3.0, NOON, NOON + HALF_LIFE * 2.1)
    assert decayed(3.0, NOON, NOON + HALF_LIFE) == pytest.approx(1.5)


def test_percentiles_make_a_distribution_as_wide() -> None:
    one = np.array([[60.0]]), np.array([[100.0]]), np.array([[160.0]])
    low, high = as_times(*one).within
    assert high[0, 0] / low[0, 0] == pytest.approx(160 / 60, rel=0.01)


def test_without_streets_a_straight_line_is_expected_and_without_a_place_nothing() -> None:
    network = np.array([[90.0, np.nan, np.nan]])
    metres = np.array([[100.0, 134.0, np.nan]])
    found = cold(network, metres, ObjectClass.PERSON).median_s[0]
    assert found[:2].tolist() == pytest.approx([90, 130])
    assert np.isnan(found[2])


def test_the_usual_time_is_the_likeliest_and_none_is_impossible() -> None:
    times = Times(np.array(100.0), np.array(0.3))
    usual, soon, late = (float(log_density(np.array(s), times)) for s in (95.0, 10.0, 3600.0))
    assert usual > soon
    assert usual > late > -np.inf
    grid = np.linspace(0, 20_000, 200_000)
    assert np.trapezoid(np.exp(log_density(grid, times)), grid) == pytest.approx(1, abs=0.02)
