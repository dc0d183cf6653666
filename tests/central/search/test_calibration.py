"""How bands are graded by the ladder's benchmark."""

import numpy as np
import pytest

from tests.bench.laddering.calibration import Shown, calibration, joined


def test_bands_that_keep_their_promise_have_no_error() -> None:
    half = Shown(np.full(10, 0.5), np.arange(10) < 5)
    sure = Shown(np.ones(10), np.ones(10, dtype=bool))
    found = calibration(joined([half, sure]))
    assert found["ece"] == pytest.approx(0)
    assert (found["likely"], found["likely_answers"]) == (100, 10)
    assert (found["possible"], found["possible_answers"]) == (50, 10)
    assert (found["unlikely"], found["unlikely_answers"]) == (None, 0)


def test_the_error_is_how_far_what_is_said_is_from_what_is_right() -> None:
    found = calibration(Shown(np.full(10, 0.9), np.arange(10) < 6))
    assert found["ece"] == pytest.approx(30)
    assert found["likely"] == 60
