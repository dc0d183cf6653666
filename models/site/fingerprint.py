"""What a frame is like, in a few bytes: its light, and where which objects are.

A hash of the pixels alone would call all frames of a fixed camera the same, so light and layout
are compared apart. A fingerprint is too coarse to show anybody.
"""

import base64
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detection import Detection
from shared.classes import ObjectClass
from shared.pictures import Picture

_COLUMNS, _ROWS = 16, 9
_CELLS = _COLUMNS * _ROWS
_CLASSES = list(ObjectClass)
_LAYOUT_BYTES = _CELLS * len(_CLASSES) // 8
BYTES = _CELLS + _LAYOUT_BYTES

OTHER_LIGHT = 0.12
"""Mean difference of luma, 0 to 1, from which the light is another: half a stop and more on an
evenly lit scene; neighbouring frames of the free clips differ by less than 0.02."""


class Difference(NamedTuple):
    """From one frame to some others, (N,) each: in `light` and `layout`, 0 to 1."""

    light: NDArray[np.float32]
    layout: NDArray[np.float32]

    @property
    def whole(self) -> NDArray[np.float32]:
        """How new the frame is against each: by what differs more, 0 to 1."""
        light = np.minimum(self.light / np.float32(OTHER_LIGHT), np.float32(1))
        return np.asarray(np.maximum(light, self.layout))


class Fingerprint(NamedTuple):
    """`luma`: (cells,) uint8 means; `layout`: (bytes,) uint8, a bit for each class and cell."""

    luma: NDArray[np.uint8]
    layout: NDArray[np.uint8]

    def text(self) -> str:
        """Itself in base64."""
        return base64.b64encode(self.luma.tobytes() + self.layout.tobytes()).decode("ascii")

    @classmethod
    def of_text(cls, text: str) -> "Fingerprint":
        """What `text` gave.

        Raises:
            ValueError: it is no fingerprint.
        """
        values = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
        if len(values) != BYTES:
            raise ValueError(f"a fingerprint of {len(values)} bytes, expected {BYTES}")
        return cls(values[:_CELLS], values[_CELLS:])


def fingerprint(picture: Picture, detections: Sequence[Detection]) -> Fingerprint:
    """The fingerprint of `picture` (H x W x 3, BGR, uint8) with `detections` in it."""
    grey = cv2.cvtColor(
        cv2.resize(picture, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY
    )
    height, width = picture.shape[:2]
    layout = np.zeros((len(_CLASSES), _ROWS, _COLUMNS), dtype=bool)
    for rect, object_class, _ in detections:
        left, right = _span(rect.left / width, rect.right / width, _COLUMNS)
        top, bottom = _span(rect.top / height, rect.bottom / height, _ROWS)
        layout[_CLASSES.index(object_class), top:bottom, left:right] = True
    return Fingerprint(np.asarray(grey, dtype=np.uint8).ravel(), np.packbits(layout))


def _span(first: float, last: float, cells: int) -> tuple[int, int]:
    """The cells from share `first` to `last` of a side; at least one."""
    start = min(int(first * cells), cells - 1)
    return start, max(start + 1, min(cells, round(last * cells)))


def differences(one: Fingerprint, others: Sequence[Fingerprint]) -> Difference:
    """From `one` to each of `others`."""
    if not others:
        empty = np.zeros(0, dtype=np.float32)
        return Difference(empty, empty)
    lumas = np.stack([other.luma for other in others]).astype(np.int16)
    light = np.abs(lumas - one.luma).mean(axis=1, dtype=np.float32) / 255
    layouts = np.stack([other.layout for other in others])
    shared = np.bitwise_count(layouts & one.layout).sum(axis=1, dtype=np.float32)
    either = np.bitwise_count(layouts | one.layout).sum(axis=1, dtype=np.float32)
    layout = 1 - np.divide(shared, either, out=np.ones_like(shared), where=either > 0)
    return Difference(light.astype(np.float32), layout.astype(np.float32))
