"""What cameras, weather and compression do to a picture."""

from collections.abc import Callable

import cv2
import numpy as np

from models.train.detector.chances import Rng, chance
from shared.pictures import Picture


def distort(picture: Picture, rng: Rng) -> Picture:
    """`picture` as another camera at another hour would have given it; nothing moves."""
    for part, change in _CHANGES:
        if chance(rng, part):
            picture = change(picture, rng)
    return picture


def _light(picture: Picture, rng: Rng) -> Picture:
    """Brightness, contrast and gamma, in one table."""
    levels = np.arange(256) / 255
    levels = levels ** np.exp(rng.normal(0, 0.25))
    levels = (levels - 0.5) * rng.uniform(0.6, 1.25) + 0.5 + rng.normal(0, 0.07)
    return np.asarray(cv2.LUT(picture, np.clip(levels * 255, 0, 255).astype(np.uint8)))


def _colour(picture: Picture, rng: Rng) -> Picture:
    """The light's colour, and how much colour there is at all."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    strength = float(rng.uniform(0.2, 1.3))
    mixed = cv2.addWeighted(picture, strength, grey, 1 - strength, 0)
    gains = np.clip(rng.normal(1, 0.06, 3), 0.8, 1.2)
    table = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(mixed, table[:, None]))


def _grey(picture: Picture, _rng: Rng) -> Picture:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _blur(picture: Picture, rng: Rng) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.2))))


def _coarse(picture: Picture, rng: Rng) -> Picture:
    """Fewer pixels, enlarged again, as of a camera's second stream."""
    height, width = picture.shape[:2]
    scale = float(rng.uniform(0.5, 0.9))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _noise(picture: Picture, rng: Rng) -> Picture:
    grain = np.empty(picture.shape, np.int16)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    cv2.randn(grain, np.zeros(3), np.full(3, rng.uniform(2, 10)))
    return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), dtype=np.uint8)


def _captioned(picture: Picture, rng: Rng) -> Picture:
    """With the place and the time that cameras write over pictures, on a bar or without."""
    height, width = picture.shape[:2]
    made = picture.copy()
    size = float(rng.uniform(0.3, 0.7))
    left = int(rng.integers(0, width // 2))
    base = int(rng.integers(10, 24)) if chance(rng, 0.5) else height - int(rng.integers(2, 14))
    if chance(rng, 0.4):
        bar = float(rng.integers(0, 80))
        cv2.rectangle(made, (left, base - 10), (left + width // 2, base + 4), (bar, bar, bar), -1)
    light = 255.0 if chance(rng, 0.8) else 0.0
    text = "".join(rng.choice(list("0123456789:-/ CAMRE"), int(rng.integers(6, 24))))
    thick = int(rng.integers(1, 3))
    cv2.putText(made, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, size, (light,) * 3, thick)
    return made


def _compressed(picture: Picture, rng: Rng) -> Picture:
    quality = int(rng.integers(25, 85))
    data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


_CHANGES: tuple[tuple[float, Callable[[Picture, Rng], Picture]], ...] = (
    (0.25, _coarse),
    (0.2, _blur),
    (0.8, _light),
    (0.6, _colour),
    (0.07, _grey),
    (0.12, _captioned),
    (0.3, _noise),
    (0.5, _compressed),
)
"""Each with its chance, in the order in which they happen in a camera."""
