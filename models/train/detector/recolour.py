"""Other clothes and other paint."""

import cv2
import numpy as np

from models.train.detector.chances import Rng, chance
from models.train.detector.pack import Cutout
from shared.classes import ObjectClass

_BRIGHT = 0.55
"""How often clothes and paint have colour: in streets most are black, grey, white or nearly."""


def recoloured(cutout: Cutout, kind: ObjectClass, rng: Rng) -> Cutout:
    """`cutout` in other colours: a person's upper and lower clothes apart, a vehicle as one."""
    made = cutout.copy()
    height = cutout.shape[0]
    if kind is ObjectClass.PERSON:
        head, waist = round(height * 0.14), round(height * rng.uniform(0.42, 0.55))
        parts = [slice(head, waist), slice(waist, round(height * 0.95))]
    else:
        parts = [slice(0, height)]
    for part in parts:
        if chance(rng, 0.7):
            made[part, :, :3] = _turned(made[part, :, :3], rng)
    return made


def _turned(part: Cutout, rng: Rng) -> Cutout:
    """Another hue, more or less colour, lighter or darker."""
    if part.size == 0:
        return part
    levels = np.arange(256)
    hue = (levels + rng.uniform(0, 180)) % 180
    most = 1.3 if chance(rng, _BRIGHT) else 0.4
    colour = np.clip(levels * rng.uniform(0, most), 0, 255)
    light = 255 * (levels / 255) ** np.exp(rng.normal(0, 0.45))
    table = np.stack((hue, colour, light), axis=1)[:, None].astype(np.uint8)
    hsv = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_BGR2HSV)
    return np.asarray(cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2BGR), dtype=np.uint8)
