"""One detection for one object."""

import numpy as np
from numpy.typing import NDArray

from models.detectors.decoding import RawBoxes

SAME_OBJECT_IOU = 0.55
"""Two boxes of a class that share this much of their union show one object."""

SAME_OBJECT_INSIDE = 0.8
"""At a seam between tiles, so does a box this much of which lies inside a better one: a part."""

_LEAST = 1e-9


def suppress(boxes: RawBoxes, *, inside: float | None = None) -> RawBoxes:
    """`boxes` without the worse ones of each object, best first; labels do not compete.

    Args:
        boxes: in pixels of one picture.
        inside: also drop a box of which this share lies in one that stays. People really do
            stand in front of each other, so only where boxes are cut into parts.
    """
    # The surest first; of equals the rightmost, so that the order never depends on the network's.
    left = np.lexsort((*boxes.corners.T[::-1], boxes.scores))[::-1]
    kept = []
    while left.size:
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[~_same(boxes, best, left, inside)]
    return boxes.where(np.array(kept, dtype=np.intp))


def _same(
    boxes: RawBoxes, best: np.intp, others: NDArray[np.intp], inside: float | None
) -> NDArray[np.bool_]:
    """Which of `others` show the same object as the `best` one."""
    own, rest = boxes.corners[best], boxes.corners[others]
    sides = np.minimum(own[2:], rest[:, 2:]) - np.maximum(own[:2], rest[:, :2])
    shared = np.maximum(sides, 0.0).prod(axis=1)
    area, areas = (own[2:] - own[:2]).prod(), (rest[:, 2:] - rest[:, :2]).prod(axis=1)
    same = shared / np.maximum(area + areas - shared, _LEAST) >= SAME_OBJECT_IOU
    if inside is not None:
        same |= shared >= inside * np.minimum(area, areas)
    return np.asarray(same & (boxes.labels[others] == boxes.labels[best]))
