import numpy as np
import pytest

from edge_agent.tracker.smoothing import Measured, smoothed
from shared.geometry import Rect

FPS = 10.0


def walker(index: float) -> Rect:
    return Rect(100 + 8 * index, 50, 130 + 8 * index, 130)


def test_a_straight_walk_stays_as_it_was_measured() -> None:
    times = [index / FPS for index in range(20)]
    rects = smoothed(times, [Measured(walker(index), 0.9) for index in range(20)])
    assert np.array(rects) == pytest.approx(np.array([walker(i) for i in range(20)]), abs=1.5)


def test_what_was_not_measured_lies_between_what_was() -> None:
    times = [index / FPS for index in range(31)]
    found = [Measured(walker(i), 0.9) if not 8 <= i < 22 else None for i in range(31)]
    rects = smoothed(times, found)
    assert len(rects) == len(times)
    assert np.array(rects) == pytest.approx(np.array([walker(i) for i in range(31)]), abs=3)


def test_jitter_of_a_detector_is_halved_at_least() -> None:
    rng = np.random.default_rng(1)
    true = np.array([walker(index) for index in range(60)])
    noisy = true + rng.normal(0, 4, true.shape)
    found = [Measured(Rect(*row), 0.9) for row in noisy]
    rects = smoothed([index / FPS for index in range(60)], found)
    assert np.abs(np.array(rects) - true).mean() < 0.5 * np.abs(noisy - true).mean()


def test_a_single_detection_is_a_track_of_one_frame() -> None:
    assert smoothed([3.0], [Measured(walker(0), 0.9)]) == [walker(0)]
