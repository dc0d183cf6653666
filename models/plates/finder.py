"""Finds what may be a plate without a network: places busy with upright edges, of its shape.

For boxes with nothing downloaded. It proposes more than it finds; the reader tells which of the
proposals is a plate, as it was trained on surroundings without one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preparation import check_picture
from shared.geometry import Rect
from shared.pictures import Picture

_WORKING_WIDTH = 256
_WIDTHS = tuple(0.16 * 1.28**step for step in range(7))
"""Of plates, as parts of the vehicle's: 0.16 to 0.7. Next to each other, both are within what the
reader bears."""

_SHAPES = (4.4, 2.1)
"""Width to height: 520 x 110 mm, and 335 x 155 to 170 mm."""

_PROPOSALS = 8
_SAME = 0.45
"""Intersection over union from which two proposals are one."""

_A_SCALE = 12
_RING = 0.5

Scores = NDArray[np.float32]


class _Proposal(NamedTuple):
    score: float
    rect: Rect


class ContrastFinder:
    """Proposes plates by their upright edges; any thread may call it."""

    def describe(self) -> str:
        """What finds them."""
        return "contrast"

    def find(self, picture: Picture) -> list[Rect]:
        """What may be plates in `picture` (H x W x 3, BGR, uint8), the likeliest first.

        Raises:
            PictureError: it has no pixels or another layout.
        """
        width, height = check_picture(picture)
        scale = min(1.0, _WORKING_WIDTH / width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.cvtColor(
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY
        )
        edges = _edges(np.asarray(grey, dtype=np.uint8))
        ordered = sorted(_proposals(edges), key=lambda one: one.score, reverse=True)
        kept: list[Rect] = []
        for _, rect in ordered:
            if len(kept) == _PROPOSALS:
                break
            if all(rect.iou(other) < _SAME for other in kept):
                kept.append(rect)
        across, down = width / size[0], height / size[1]
        return [
            Rect(r.left * across, r.top * down, r.right * across, r.bottom * down) for r in kept
        ]


def _edges(grey: NDArray[np.uint8]) -> Scores:
    """How strong upright edges are for their surroundings: a plate in the shade counts as much."""
    upright = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3))
    level = np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3))
    around = cv2.blur(upright + level, (grey.shape[1] // 3 | 1, grey.shape[0] // 3 | 1))
    strong = np.maximum(upright - 0.5 * level, 0) / (around + 8)
    return np.asarray(np.minimum(strong, 3.0), dtype=np.float32)


def _proposals(edges: Scores) -> Iterator[_Proposal]:
    for part in _WIDTHS:
        for shape in _SHAPES:
            width = round(edges.shape[1] * part)
            height = round(width / shape)
            if 4 <= height < edges.shape[0] and width >= 8:  # noqa: PLR2004 - pixels
                yield from _of_size(edges, width, height)


def _of_size(edges: Scores, width: int, height: int) -> Iterator[_Proposal]:
    """The best places of `width` x `height`: busy throughout, and calmer above and below."""
    inside = cv2.blur(edges, (width, height))
    thirds = np.asarray(cv2.blur(edges, (max(1, width // 3), height)), dtype=np.float32)
    shift = width // 3
    poorest = np.minimum(thirds, np.minimum(_moved(thirds, shift), _moved(thirds, -shift)))
    tall = cv2.blur(edges, (width, 2 * height))
    score = np.asarray(0.5 * inside + 0.5 * poorest - _RING * (2 * tall - inside))
    peaks = score >= cv2.dilate(score, np.ones((max(3, height // 2), max(3, width // 4)), np.uint8))
    rows, columns = np.nonzero(peaks)
    order = np.argsort(-score[rows, columns])[:_A_SCALE]
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        left, top = column - width / 2, row - height / 2
        rect = Rect(left, top, left + width, top + height).clipped(*edges.shape[::-1])
        yield _Proposal(float(score[row, column]), rect)


def _moved(scores: Scores, shift: int) -> Scores:
    """`scores` taken from `shift` columns further right, zero beyond the edge."""
    moved = np.zeros_like(scores)
    if shift > 0:
        moved[:, :-shift] = scores[:, shift:]
    else:
        moved[:, -shift:] = scores[:, :shift]
    return moved
