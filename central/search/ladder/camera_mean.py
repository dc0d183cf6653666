"""The rung that takes away what a camera, at that hour, adds to every vector.

A camera's light, height and sharpness push all vectors seen through it the same way, so strangers
of one camera look alike, and one person at two cameras does not (Song et al., Exploring the Camera
Bias of Person Re-identification, ICLR 2025). The mean of the vectors of a camera is that push, plus
the mean of everybody; where few were seen, it is taken nearer to what is known of more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.vectors import Vector

HOUR_WEIGHT = 300.0
"""Sightings of an hour that count as much as the rest of the camera's."""

CAMERA_WEIGHT = 30.0
"""Sightings of a camera that count as much as those of all cameras."""

FEWEST = 50
"""Of fewer sightings in all, the mean says more about who passed than about cameras."""

Rows = NDArray[np.float32]


class Mean(NamedTuple):
    """The sum of unit vectors (shape (D,)), and how many they are."""

    total: NDArray[np.float64]
    seen: float


def shrunk(hour: Mean, camera: Mean, everywhere: Mean) -> Vector:
    """What to take from a vector of a camera and hour, shape (D,); zeros where too little is known.

    The mean of the hour is drawn to the camera's, and that to the one of all, by their counts.
    """
    if everywhere.seen < FEWEST:
        return np.zeros_like(everywhere.total, dtype=np.float32)
    common = everywhere.total / everywhere.seen
    of_camera = (camera.total + CAMERA_WEIGHT * common) / (camera.seen + CAMERA_WEIGHT)
    found = (hour.total + HOUR_WEIGHT * of_camera) / (hour.seen + HOUR_WEIGHT)
    return np.asarray(found, dtype=np.float32)


def centred(vectors: Rows, means: Rows) -> Rows:
    """Unit rows of `vectors` (N, D) without `means` (N, D or D); a row that vanishes stays."""
    found = vectors - means
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    kept = norms > 1e-6  # noqa: PLR2004 - below it, rounding is all there is
    return np.where(kept, found / np.where(kept, norms, 1.0), vectors).astype(np.float32)
