"""The same thing in other colours: another one, as far as looks go."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.pictures import Picture


class Dye(NamedTuple):
    """How colours change.

    Attributes:
        hue: turned by so many degrees.
        saturation: multiplied by.
        saturation_more: added after that, of 255: grey gets a colour.
        value: the brightness's exponent; above 1 is darker.
        tint: the hue that grey gets, in degrees.
    """

    hue: float
    saturation: float
    saturation_more: float
    value: float
    tint: float


def draw_dye(rng: np.random.Generator) -> Dye:
    """Any dye: some only turn the hue, some colour what is grey, some take colour away."""
    strong = rng.random()
    return Dye(
        hue=float(rng.uniform(0, 360)),
        saturation=float(rng.uniform(0.2, 1.6)),
        saturation_more=float(rng.uniform(20, 150)) if strong < 0.4 else 0.0,  # noqa: PLR2004
        value=float(np.exp(rng.uniform(-0.9, 0.9))),
        tint=float(rng.uniform(0, 360)),
    )


def dyed(picture: Picture, dye: Dye) -> Picture:
    """`picture` (H x W x 3, BGR) in the colours of `dye`; light and shade stay."""
    hue, saturation, value = cv2.split(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV))
    grey = saturation.astype(np.float32) < _GREYISH
    turned = (hue.astype(np.float32) + dye.hue / 2) % 180
    tinted = np.where(grey & (dye.saturation_more > 0), dye.tint / 2, turned)
    more = np.clip(saturation * dye.saturation + dye.saturation_more, 0, 255)
    lit = 255 * (value.astype(np.float32) / 255) ** dye.value
    changed = cv2.merge([_bytes(tinted % 180), _bytes(more), _bytes(lit)])
    return np.asarray(cv2.cvtColor(changed, cv2.COLOR_HSV2BGR), dtype=np.uint8)


_GREYISH = 40.0
"""Saturation, of 255, below which a hue is noise."""


def blended(below: Picture, above: Picture, mask: NDArray[np.float32]) -> Picture:
    """`above` where `mask` (H x W, 0 to 1) is 1, `below` where it is 0."""
    part = mask[:, :, None]
    return np.asarray(below * (1 - part) + above * part, dtype=np.uint8)


def middle(picture: Picture, broad: float = 1.0) -> NDArray[np.float32]:
    """A mask of where a crop shows what it is of, not what is behind: a soft oval, so broad."""
    height, width = picture.shape[:2]
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    apart = np.hypot(down / _OVAL, across / _OVAL / broad)
    return np.asarray(np.clip((1 - apart) / _SOFT, 0, 1), dtype=np.float32)


_OVAL, _SOFT = 1.05, 0.2
"""The oval's half axes, in half sides of the crop, and how wide its edge is."""


def _bytes(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(values, dtype=np.uint8)
