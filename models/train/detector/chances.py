"""Randomness."""

import numpy as np

Rng = np.random.Generator


def chance(rng: Rng, part: float) -> bool:
    """True in `part` of all cases."""
    return float(rng.random()) < part
