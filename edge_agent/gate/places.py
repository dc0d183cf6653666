"""Where motion has been worth a look, learnt place by place.

Leaves, water and flags move all day and are nobody. Where motion was looked at for long and
nothing was ever found, it counts as barren: it is still looked at now and then, and the first thing
found there makes the place worth every look again.
"""

from collections.abc import Sequence

import numpy as np

from edge_agent.gate.scene import Mask
from models.preparation import Size
from shared.geometry import Rect

CELL = 8
"""Luma pixels to a side of a place."""

# Feet and shadows lie beside a box, and a box is late by a frame.
_AROUND = 1


class Places:
    """The places of one channel.

    Args:
        luma: the size of the luma that motion is found in.
        area: the size of the channel's area, whose pixels boxes are in.
        fruitless_s: how long motion must be found fruitless before a place is barren.
    """

    def __init__(self, luma: Size, area: Size, fruitless_s: float) -> None:
        self._shape = (-(-luma.height // CELL), -(-luma.width // CELL))
        self._down = luma.height / area.height / CELL
        self._across = luma.width / area.width / CELL
        self._fruitless_s = fruitless_s
        self._wasted_s = np.zeros(self._shape, dtype=np.float64)

    def of(self, mask: Mask) -> Mask:
        """The places in which something of `mask` (luma pixels) lies."""
        rows, columns = self._shape
        padded = np.zeros((rows * CELL, columns * CELL), dtype=bool)
        padded[: mask.shape[0], : mask.shape[1]] = mask
        places = padded.reshape(rows, CELL, columns, CELL).any(axis=(1, 3))
        return np.asarray(places, dtype=bool)

    def fertile(self, places: Mask) -> bool:
        """Whether any of `places` is not barren."""
        return bool((places & (self._wasted_s < self._fruitless_s)).any())

    def looked(self, places: Mask, boxes: Sequence[Rect], passed_s: float) -> None:
        """Learn: `places` moved and were looked at, and `boxes` (pixels of the area) found."""
        found = np.zeros(self._shape, dtype=bool)
        for box in boxes:
            found[self._around(box)] = True
        self._wasted_s[found] = 0.0
        self._wasted_s[places & ~found] += passed_s

    def _around(self, box: Rect) -> tuple[slice, slice]:
        top, bottom = int(box.top * self._down), int(box.bottom * self._down)
        left, right = int(box.left * self._across), int(box.right * self._across)
        return (
            slice(max(0, top - _AROUND), bottom + 1 + _AROUND),
            slice(max(0, left - _AROUND), right + 1 + _AROUND),
        )
