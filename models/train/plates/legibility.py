"""How much of each character is left in the picture of a plate, which no model has a say in.

The cut is laid flat again and compared with the clean drawing, character by character: the
normalised correlation is what a matched filter sees, the best way to find a known signal in white
noise (Turin, "An introduction to matched filters", IRE Transactions on Information Theory 1960).
Whatever hides strokes lowers it: few pixels, blur, noise, compression, dirt, light, what is in
front. 1 is as clean as drawn, 0 is nothing left.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.plates.drawing import Box, Drawn
from models.train.plates.glyphs import Mask
from shared.pictures import Picture

ILLEGIBLE = 0.4
"""Below it hardly a plate can be read by a person, of those that were looked at: a character is
covered, or lost in noise, blur or darkness."""

_RIM = 2
"""Pixels around a character that count as its own: strokes need something beside them."""

_SLACK = 8
"""Pixels, of plates about 60 high, that a character may have been moved by bending."""


def legibility(picture: Picture, drawn: Drawn, placed: NDArray[np.float64]) -> float:
    """That of the worst character of `drawn` in `picture` (H x W x 3), where `placed` put it.

    `placed` (3, 3) is the homography from `drawn`'s pixels to the picture's. Three digits are
    given, as lists have them.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = drawn.ink.shape
    around = np.array([[1, 0, -_SLACK - _RIM], [0, 1, -_SLACK - _RIM], [0, 0, 1]])
    size = (width + 2 * (_SLACK + _RIM), height + 2 * (_SLACK + _RIM))
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = placed @ around
    flat = cv2.warpPerspective(grey, back, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    seen, clean = np.asarray(flat, dtype=np.uint8), np.pad(drawn.ink, _RIM)
    return round(min(_correlation(seen, clean, cell.box) for cell in drawn.cells), 3)


def _correlation(flat: Mask, clean: Mask, box: Box) -> float:
    """Of the character in `box`, at the best of the places where it may be."""
    left, top = max(0, int(box.left)), max(0, int(box.top))
    right, bottom = int(np.ceil(box.right)) + 2 * _RIM, int(np.ceil(box.bottom)) + 2 * _RIM
    wanted = clean[top:bottom, left:right]
    seen = flat[top : bottom + 2 * _SLACK, left : right + 2 * _SLACK]
    # Ink may be the darker or the lighter; what is flat has no correlation.
    found = np.abs(cv2.matchTemplate(seen, wanted, cv2.TM_CCOEFF_NORMED))
    return float(found[np.isfinite(found)].clip(0, 1).max(initial=0.0))
