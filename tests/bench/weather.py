"""Bad weather for real clips."""

import numpy as np

from shared.pictures import Picture
from tests.bench.clips import Effect


def _lightning(picture: Picture, time_s: float) -> Picture:
    """A flash of a fifth of a second every seven seconds."""
    return _brighter(picture, 1.8, 40) if time_s % 7 < 0.2 else picture


def _infrared(picture: Picture, time_s: float) -> Picture:
    """By day for ten seconds, by infrared for ten."""
    if time_s % 20 < 10:
        return picture
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    return _brighter(grey.astype(np.uint8), 0.6, 30)


def _night(picture: Picture, time_s: float) -> Picture:
    """A dark picture with much gain."""
    noise = np.random.default_rng(round(time_s * 1000)).normal(0, 12, picture.shape)
    return np.asarray(np.clip(picture * 0.5 + noise, 0, 255), dtype=np.uint8)


def _rain(picture: Picture, time_s: float) -> Picture:
    """A few hundred bright streaks, everywhere anew in every frame."""
    rng = np.random.default_rng(round(time_s * 1000))
    wet = picture.copy()
    height, width = picture.shape[:2]
    for left, top in zip(rng.integers(0, width, 300), rng.integers(0, height, 300), strict=True):
        wet[top : top + height // 20, left : left + 1] = 210
    return wet


def _brighter(picture: Picture, gain: float, offset: float) -> Picture:
    return np.asarray(np.clip(picture * gain + offset, 0, 255), dtype=np.uint8)


EFFECTS: dict[str, Effect] = {
    "lightning": _lightning,
    "infrared": _infrared,
    "night": _night,
    "rain": _rain,
}
