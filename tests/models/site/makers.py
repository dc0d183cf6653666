"""Generated frames for the tests of collecting: a textured room with people in it."""

from collections.abc import Sequence

import cv2
import numpy as np

from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

DAY_MS = 86_400_000
NOON_MS = 1_800_000_000_000

WIDTH, HEIGHT = 320, 192


def textured(seed: int = 0, *, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """Noise of middling light: any part of it is far from smooth."""
    noise = np.random.default_rng(seed).integers(60, 200, (height, width, 3))
    return np.asarray(noise, dtype=np.uint8)


def person(left: float, top: float, height: float = 80.0, confidence: float = 0.9) -> Detection:
    return Detection(
        Rect(left, top, left + 0.4 * height, top + height), ObjectClass.PERSON, confidence
    )


def vehicle(left: float, top: float, width: float = 120.0) -> Detection:
    return Detection(Rect(left, top, left + width, top + width / 2), ObjectClass.VEHICLE, 0.9)


def roughness(picture: Picture, rect: Rect) -> float:
    """Mean difference of neighbouring pixels: high in noise, low where it was masked."""
    left, top, right, bottom = (round(side) for side in rect)
    part = picture[top:bottom, left:right].astype(np.int16)
    return float(np.abs(np.diff(part, axis=1)).mean())


def decoded(data: bytes) -> Picture:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, dtype=np.uint8)


def scene(places: Sequence[tuple[float, float]], confidence: float = 0.9) -> list[Detection]:
    return [person(left, top, confidence=confidence) for left, top in places]
