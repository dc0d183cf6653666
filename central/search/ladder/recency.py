"""The rung of time: of two that look alike, the one seen nearer in time is a little likelier."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALF_S = 1800.0
"""Seconds after which nearness counts half."""


def nearness(gaps_s: Floats) -> Floats:
    """0 to 1 for the seconds (N,) between a candidate and the nearest confirmed stop."""
    return np.asarray(1 / (1 + np.abs(gaps_s) / HALF_S))
