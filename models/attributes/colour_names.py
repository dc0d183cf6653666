"""Colours in words: a pixel's place in CIELAB, and the nearest centroid of each basic term.

A camera is no colorimeter. A white shirt in the shade is measured as light grey, so light greys
are called white, and a hint of a hue is the light's as often as the cloth's. How far a colour is
from being called otherwise is kept as a probability.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.attributes import COLOURS

CENTROIDS = Path(__file__).with_name("colours.toml")
NAMES = tuple(label.value for label in COLOURS)


class Naming(NamedTuple):
    """How a surface is named.

    `white`: L* from which a grey is called white. `sharpness`: the power of the pixels' shares
    that is taken for a probability; at 1 the share itself.
    """

    white: float
    sharpness: float


CLOTH = Naming(white=70.0, sharpness=1.0)
"""A white cloth half turned from the light gives half of it, and half of the luminance of white is
L* 76 (CIE 15:2004, section 8.2.1); folds give less."""

PAINT = Naming(white=75.0, sharpness=2.5)
"""Fitted to 52 vehicles of one camera of reid_vehicle (Apache-2.0), named by eye; judged on 64
others of the other camera (tests/models/attributes/vehicle_colours.toml)."""

_BLACK_BELOW = 28.0
"""L* midway between the centroids of black (14) and of dark grey (36), and a little above, for the
light that lenses scatter into what is black."""

_NEUTRAL = 8.0
"""Chroma below which a colour is called by its lightness: what white paper shows under daylight of
5,750 K to a camera that is set for 6,500 K (CIE 15:2004)."""

_SPREAD = 5.0
"""Delta E (CIE 1976) by which one cloth differs from itself: twice what an eye just notices (2.3,
Mahy et al., Color Research and Application 19(2), 1994)."""

_LEVELS = 32
_STEP = 256 // _LEVELS


def name_colour(pixels: NDArray[np.uint8], naming: Naming = CLOTH) -> dict[str, float]:
    """How likely each colour's name is for a surface that shows `pixels` (N, 3), BGR.

    From the share of the pixels that the name fits, which itself is less than how often it is
    right: shadows and folds are pixels too.

    Raises:
        ValueError: there are none.
    """
    if not len(pixels):
        raise ValueError("no pixels to name")
    blue, green, red = (pixels // _STEP).T
    likely = _table(naming.white)[blue, green, red].mean(axis=0) ** naming.sharpness
    likely /= likely.sum()
    return dict(zip(NAMES, (float(each) for each in likely), strict=True))


@cache
def _table(white: float) -> NDArray[np.float32]:
    """The shares of every colour, its channels cut to five bits: (32, 32, 32, names)."""
    centres = np.arange(_LEVELS, dtype=np.float32) * _STEP + _STEP / 2
    grid = np.stack(np.meshgrid(centres, centres, centres, indexing="ij"), axis=-1)
    lab = _lab(grid.reshape(-1, 3))
    distances = np.stack([_nearest(lab, found) for found in _centroids(white).values()], axis=1)
    likelihood = np.exp((distances.min(axis=1, keepdims=True) - distances) / (2 * _SPREAD**2))
    shares = likelihood / likelihood.sum(axis=1, keepdims=True)
    return np.asarray(shares.reshape(*grid.shape[:3], len(NAMES)), dtype=np.float32)


def _centroids(white: float) -> Mapping[str, NDArray[np.float32]]:
    """Each name's centroids, (N, 3) in CIELAB, in the order of `NAMES`."""
    stored = tomllib.loads(CENTROIDS.read_text())["centroids"]
    labs = _lab(_bgr([colour for name in NAMES for colour in stored[name]]))
    names = np.array([name for name in NAMES for _ in stored[name]])
    lightness = labs[:, 0]
    neutral = np.isin(names, ("black", "grey", "white"))
    neutral |= np.hypot(labs[:, 1], labs[:, 2]) < _NEUTRAL
    names[neutral] = "grey"
    names[neutral & (lightness < _BLACK_BELOW)] = "black"
    names[neutral & (lightness >= white)] = "white"
    return {name: labs[names == name] for name in NAMES}


def _nearest(lab: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    """The squared distance of each of `lab` (N, 3) to the nearest of `centroids`."""
    best = np.full(len(lab), np.inf, dtype=np.float32)
    for centroid in centroids:
        np.minimum(best, ((lab - centroid) ** 2).sum(axis=1), out=best)
    return best


def _bgr(colours: list[str]) -> NDArray[np.float32]:
    return np.array([tuple(bytes.fromhex(colour))[::-1] for colour in colours], dtype=np.float32)


def _lab(bgr: NDArray[np.float32]) -> NDArray[np.float32]:
    """`bgr` (N, 3), sRGB of 0 to 255, in CIELAB for the white point D65."""
    return np.asarray(
        cv2.cvtColor(bgr.reshape(-1, 1, 3) / np.float32(255), cv2.COLOR_BGR2LAB), dtype=np.float32
    ).reshape(-1, 3)
