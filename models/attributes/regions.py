"""Where on a crop a colour is looked for."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preparation import check_picture
from shared.pictures import Picture

_MAX_PIXELS = 1_024
"""Pixels of a region that are named; more say nothing new."""


class Region(NamedTuple):
    """A part of a crop, its sides as shares of the crop's, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


TORSO = Region(0.3, 0.2, 0.7, 0.45)
LEGS = Region(0.3, 0.55, 0.7, 0.8)
"""Of someone upright who fills the crop: without head and feet, and without the sides, where the
background is."""

BODYWORK = Region(0.2, 0.5, 0.8, 0.75)
"""Of a vehicle: below the windows, above the wheels, and without what is beside it."""


def around(x: float, y: float) -> Region:
    """The region of a torso's size around the point (`x`, `y`), moved to lie inside the crop."""
    half_width = (TORSO.right - TORSO.left) / 2
    half_height = (TORSO.bottom - TORSO.top) / 2
    x = min(max(x, half_width), 1 - half_width)
    y = min(max(y, half_height), 1 - half_height)
    return Region(x - half_width, y - half_height, x + half_width, y + half_height)


def pixels_of(crop: Picture, region: Region) -> NDArray[np.uint8]:
    """Some pixels of `region`, evenly spread, (N, 3) with N at least 1.

    Raises:
        PictureError: the crop has no pixels or another layout.
    """
    width, height = check_picture(crop)
    left, right = int(region.left * width), int(region.right * width)
    top, bottom = int(region.top * height), int(region.bottom * height)
    part = crop[top : max(top + 1, bottom), left : max(left + 1, right)]
    step = max(1, int(np.ceil(np.sqrt(part.shape[0] * part.shape[1] / _MAX_PIXELS))))
    return part[::step, ::step].reshape(-1, 3)
