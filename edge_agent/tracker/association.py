"""Which detection continues which track."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from shared.geometry import Rect

Array = NDArray[np.float64]

_NEVER = 1e6
# From these on a direction counts in full: own heights a second, and own heights.
_WALKS, _STEPS = 0.5, 0.2


class Matches(NamedTuple):
    """Pairs of (row, column), and the rows and columns left over."""

    pairs: list[tuple[int, int]]
    rows: list[int]
    columns: list[int]


def as_array(rects: Sequence[Rect]) -> Array:
    """`rects` as (N, 4) left, top, right, bottom."""
    return np.array(rects, dtype=np.float64).reshape(-1, 4)


def to_centres(corners: Array) -> Array:
    """(N, 4) left, top, right, bottom as centre x, centre y, width, height."""
    low, high = corners[:, :2], corners[:, 2:]
    return np.hstack([(low + high) / 2, high - low])


def to_corners(centres: Array) -> Array:
    """(N, 4) centre x, centre y, width, height as left, top, right, bottom."""
    half = centres[:, 2:] / 2
    return np.hstack([centres[:, :2] - half, centres[:, :2] + half])


def grown(corners: Array, buffer: float) -> Array:
    """Boxes grown by `buffer` of their size on every side.

    Small boxes at few frames a second barely overlap from one frame to the next; grown ones do
    (C-BIoU, Yang et al., WACV 2023, arXiv:2211.14317).
    """
    centres = to_centres(corners)
    centres[:, 2:] *= 1 + 2 * buffer
    return to_corners(centres)


def overlaps(a: Array, b: Array) -> Array:
    """Intersection areas of (N, 4) and (M, 4) corner boxes, shape (N, M)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=2))


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of (N, 4) and (M, 4) corner boxes, shape (N, M), 0 to 1."""
    shared = overlaps(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9))


def areas(boxes: Array) -> Array:
    """Areas of (N, 4) corner boxes, shape (N,)."""
    return np.asarray(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1))


def height_agreement(a: Array, b: Array) -> Array:
    """How much of their vertical extent boxes share, shape (N, M), 0 to 1.

    People who cross at different depths stand at different heights in the picture, which plain
    overlap sees only weakly (height-modulated IoU, Hybrid-SORT, Yang et al., AAAI 2024,
    arXiv:2308.00783).
    """
    low = np.maximum(a[:, None, 1], b[None, :, 1])
    high = np.minimum(a[:, None, 3], b[None, :, 3])
    span = np.maximum(a[:, None, 3], b[None, :, 3]) - np.minimum(a[:, None, 1], b[None, :, 1])
    return np.asarray(np.clip(high - low, 0, None) / np.maximum(span, 1e-9))


def same_way(speed: Array, steps: Array, height: Array) -> Array:
    """Whether going by `steps` (N, M, 2) means walking on as before at `speed` (N, 2).

    The cosine between both, -1 to 1, less where either is short against the object's `height`
    (N,): who stands still has no direction, and a short step is the detector's jitter. Observed
    directions decide between people who pass each other (OC-SORT, Cao et al., CVPR 2023,
    arXiv:2203.14360).
    """
    pace, length = np.linalg.norm(speed, axis=1), np.linalg.norm(steps, axis=2)
    cosine = (steps * speed[:, None]).sum(axis=2) / np.maximum(pace[:, None] * length, 1e-9)
    moves = np.clip(pace / (_WALKS * height), 0, 1)[:, None]
    return np.asarray(cosine * moves * np.clip(length / (_STEPS * height[:, None]), 0, 1))


def assigned(similarity: Array, allowed: NDArray[np.bool_]) -> Matches:
    """The pairs with the greatest total `similarity` (N, M) among those `allowed`."""
    rows, columns = similarity.shape
    cost = np.where(allowed, -similarity, _NEVER)
    found = zip(*linear_sum_assignment(cost), strict=True) if cost.size else iter(())
    pairs = [(int(row), int(column)) for row, column in found if allowed[row, column]]
    used_rows = {row for row, _ in pairs}
    used_columns = {column for _, column in pairs}
    return Matches(
        pairs,
        [row for row in range(rows) if row not in used_rows],
        [column for column in range(columns) if column not in used_columns],
    )
