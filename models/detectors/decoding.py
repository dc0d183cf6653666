"""What the networks put out, read as boxes.

Every decoder gives `RawBoxes` in pixels of the network's input. `decoder_for` is the list of
kinds the catalogue may name.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalogue_outputs import DetectionOutput
from models.errors import ModelError
from models.preparation import Size
from models.runtimes.port import Output

_STRIDES = (8, 16, 32)
_BOX = 5


class RawBoxes(NamedTuple):
    """N boxes: `corners` (N, 4) x1 y1 x2 y2 float, `scores` (N,) float, `labels` (N,) int."""

    corners: NDArray[np.floating]
    scores: NDArray[np.floating]
    labels: NDArray[np.integer]

    def where(self, keep: NDArray[Any]) -> "RawBoxes":
        """The boxes `keep` selects, a mask or indices."""
        return RawBoxes(self.corners[keep], self.scores[keep], self.labels[keep])


Decoder = Callable[[Mapping[str, Output], Size], RawBoxes]


def outputs_of(output: DetectionOutput) -> tuple[str, ...]:
    """The names of the outputs that the entry's decoder reads."""
    return ("boxes", "labels") if output.decode == "boxes-labels" else ("output",)


def takes_batches(output: DetectionOutput) -> bool:
    """Whether what it gives for several pictures at once can be told apart again."""
    return output.decode == "yolox"


def decoder_for(output: DetectionOutput) -> Decoder:
    """The decoder the entry names."""
    return decode_boxes_labels if output.decode == "boxes-labels" else decode_yolox


def decode_boxes_labels(outputs: Mapping[str, Output], _size: Size) -> RawBoxes:
    """`boxes` (N, 5) x1 y1 x2 y2 score in input pixels, and `labels` (N,): already suppressed.

    Raises:
        ModelError: the outputs have other shapes, or a value is not finite.
    """
    boxes, labels = outputs["boxes"], outputs["labels"]
    if boxes.ndim != 2 or boxes.shape[1] != _BOX or len(labels) != len(boxes):  # noqa: PLR2004
        raise ModelError(f"boxes of shape {boxes.shape} with labels of shape {labels.shape}")
    return _checked(RawBoxes(boxes[:, :4], boxes[:, 4], labels.astype(np.int64)))


def decode_yolox(outputs: Mapping[str, Output], size: Size) -> RawBoxes:
    """`output` (1, cells, 5 + classes): centre and log size in cells, objectness, class scores.

    A cell's score is objectness times its best class (YOLOX, arXiv 2107.08430, section 2).

    Raises:
        ModelError: the output has another shape, or a value is not finite.
    """
    raw = outputs["output"]
    cells, strides = _grid(size)
    if raw.ndim != 3 or raw.shape[:2] != (1, len(cells)) or raw.shape[2] <= _BOX:  # noqa: PLR2004
        raise ModelError(f"a YOLOX output of shape {raw.shape}, expected (1, {len(cells)}, 6+)")
    rows = raw[0]
    centres = (rows[:, :2] + cells) * strides
    halves = np.exp(rows[:, 2:4]) * strides / 2
    labels = rows[:, _BOX:].argmax(axis=1)
    scores = rows[:, 4] * rows[np.arange(len(rows)), _BOX + labels]
    return _checked(RawBoxes(np.hstack((centres - halves, centres + halves)), scores, labels))


@lru_cache(maxsize=16)
def _grid(size: Size) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each cell's column and row (cells, 2) and its stride (cells, 1), in the output's order."""
    cells, strides = [], []
    for stride in _STRIDES:
        ys, xs = np.mgrid[: size.height // stride, : size.width // stride]
        cells.append(np.stack((xs.ravel(), ys.ravel()), axis=1))
        strides.append(np.full((xs.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def _checked(boxes: RawBoxes) -> RawBoxes:
    if not (np.isfinite(boxes.corners).all() and np.isfinite(boxes.scores).all()):
        raise ModelError("a detector gave a box that is not finite: its weights are damaged")
    return boxes
