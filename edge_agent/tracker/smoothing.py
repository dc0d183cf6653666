"""Where a tracked box was, once its whole track is known.

The Rauch-Tung-Striebel smoother (AIAA Journal 3(8), 1965) over the tracker's own motion model:
what comes later corrects what came before, and frames without a detection are filled in.
Nothing that is sent waits for this; it serves tracks that are written to a file.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edge_agent.tracker import kalman
from edge_agent.tracker.association import as_array, to_centres, to_corners
from edge_agent.tracker.kalman import Array, Boxes
from shared.geometry import Rect


class Measured(NamedTuple):
    """What a detector said of a track in one frame."""

    rect: Rect
    confidence: float


def smoothed(times_s: Sequence[float], found: Sequence[Measured | None]) -> list[Rect]:
    """The track's box at each of `times_s` (rising), measured or not; at the first it must be."""
    filtered, before = _forward(times_s, found)
    mean = filtered[-1].mean
    boxes = [mean]
    for step in range(len(times_s) - 2, -1, -1):
        dt = times_s[step + 1] - times_s[step]
        mean = _back(filtered[step], before[step + 1], mean, dt)
        boxes.append(mean)
    centres = np.concatenate([box[:, :, 0] for box in reversed(boxes)])
    return [Rect(*map(float, corners)) for corners in to_corners(centres)]


def _forward(
    times_s: Sequence[float], found: Sequence[Measured | None]
) -> tuple[list[Boxes], list[Boxes]]:
    """The filter after each time, and before what was measured then was known."""
    filtered: list[Boxes] = []
    predicted: list[Boxes] = []
    for step, measured in enumerate(found):
        if not filtered:
            now = kalman.started(_centres(measured))
        else:
            now = kalman.predicted(filtered[-1], times_s[step] - times_s[step - 1])
        predicted.append(now)
        if measured is not None:
            now = kalman.corrected(now, _centres(measured), np.array([measured.confidence]))
        filtered.append(now)
    return filtered, predicted


def _back(filtered: Boxes, before: Boxes, after: Array, dt: float) -> Array:
    """The mean at a time, given the smoothed mean `after` it and what was predicted for then."""
    p, c, v = np.moveaxis(filtered.covariance, 2, 0)
    pp, cp, vp = np.moveaxis(before.covariance, 2, 0)
    off, off_speed = np.moveaxis(after - before.mean, 2, 0)
    scale = pp * vp - cp * cp
    # The predicted covariance's inverse times what is off, then the filter's own to the left.
    one = (vp * off - cp * off_speed) / scale
    two = (pp * off_speed - cp * off) / scale
    change = [(p + dt * c) * one + c * two, (c + dt * v) * one + v * two]
    return np.asarray(filtered.mean + np.stack(change, axis=2))


def _centres(measured: Measured | None) -> Array:
    return to_centres(as_array([] if measured is None else [measured.rect]))
