"""What stands around people in crops, and what a camera makes of it all."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from models.train.embedder.backgrounds import draw_background
from models.train.embedder.degrade import Strength, degrade
from models.train.embedder.recolour import blended
from shared.pictures import Picture

CAMERA = Strength(
    shift=0.11, light=0.2, cast=0.05, saturation=0.25, blur=0.5, noise=0.3, compress=0.5, erase=0.03
)
"""What a crop goes through before a teacher sees it: as bad as crops on a street are."""

_SEAM = 3.0
"""Pixels that the edge of something near takes."""
_NIGHT = 0.05
"""How often it is dark."""


def beside(crop: Picture, other: Picture, rng: np.random.Generator) -> Picture:
    """`crop` with a side of another of its size, who stands there, partly before or behind."""
    width = crop.shape[1]
    away = int(rng.uniform(0.4, 0.75) * width)
    part = np.clip((np.arange(width) - away) / _SEAM, 0, 1).astype(np.float32)
    near = np.roll(other, away - width // 5, axis=1)
    if rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        part, near = part[::-1], near[:, ::-1]
    return blended(crop, near, np.tile(part, (len(crop), 1)))


def covered(crop: Picture, frames: Sequence[Picture], rng: np.random.Generator) -> Picture:
    """`crop` with its lower part, or an upright strip, behind something."""
    height, width = crop.shape[:2]
    thing = draw_background(frames, Size(width, height), rng)
    mask: NDArray[np.float32] = np.zeros((height, width), dtype=np.float32)
    if rng.random() < 0.6:  # noqa: PLR2004 - cars and walls more often than poles
        mask[int(rng.uniform(0.6, 0.92) * height) :] = 1
    else:
        left = int(rng.uniform(-0.1, 0.95) * width)
        mask[:, max(0, left) : left + int(rng.uniform(0.08, 0.3) * width)] = 1
    return blended(crop, thing, cv2.GaussianBlur(mask, (0, 0), 1.0).astype(np.float32))


def taken(
    crop: Picture,
    others: Sequence[Picture],
    frames: Sequence[Picture],
    size: Size,
    rng: np.random.Generator,
) -> Picture:
    """`crop` at `size`, as a camera in the street gives it, now and then with others of `others`.

    The others have the crop's size.
    """
    chance = rng.random()
    if chance < 0.15 and others:  # noqa: PLR2004 - a neighbour
        crop = beside(crop, others[int(rng.integers(len(others)))], rng)
    elif chance < 0.28:  # noqa: PLR2004 - a cover
        crop = covered(crop, frames, rng)
    if rng.random() < _NIGHT:
        dark = crop * rng.uniform(0.25, 0.6) + rng.normal(0, rng.uniform(2, 8), crop.shape)
        crop = np.clip(dark, 0, 255).astype(np.uint8)
    return degrade(crop, size, CAMERA, rng)
