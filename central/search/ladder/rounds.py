"""The rung of rounds: what was confirmed and what was rejected steer the next search."""

import numpy as np
from numpy.typing import NDArray

from central.search.ladder.camera_mean import Rows

Floats = NDArray[np.float64]

MEAN_PART = 0.5
"""How much the likeness to the mean of the confirmed counts; the rest is that to the nearest."""

AWAY = 0.6
"""How much likeness to the nearest rejected one takes away."""


def steered(positives: Rows, negatives: Rows, gallery: Rows) -> Floats:
    """How like the `positives` (P, D) and unlike the `negatives` (M, D) each of `gallery` is.

    Unit rows; cosines where there is one positive and no negative. A rejected one counts only as
    far as it is more like a candidate than the positives are: it shows who is meant wrongly, not
    what the one looked for does not look like.
    """
    cosines = (gallery @ positives.T).astype(np.float64)
    middle = positives.mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-6)
    found = MEAN_PART * (gallery @ middle) + (1 - MEAN_PART) * cosines.max(axis=1)
    if len(negatives):
        against = (gallery @ negatives.T).max(axis=1)
        found = found - AWAY * np.maximum(0.0, against - cosines.max(axis=1))
    return np.asarray(found, dtype=np.float64)
