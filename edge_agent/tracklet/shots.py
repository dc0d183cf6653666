"""The few best crops of a track, spread over its time."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from shared.geometry import Rect
from shared.pictures import Picture
from shared.vectors import Vector

# What the embedders take; a larger crop would only cost bytes.
MAX_WIDTH, MAX_HEIGHT = 128, 256
# Detectors cut close; feet and hair help.
_PAD = 0.04


@dataclass(slots=True, eq=False)
class Shot:
    """A crop and where it is from: `rect` in source pixels, without the crop's padding.

    `vector` is its embedding once that was asked for.
    """

    picture: Picture
    rect: Rect
    at_ms: int
    position_s: float
    confidence: float
    quality: float
    vector: Vector | None = None


class BestShots:
    """At most `limit` shots, no two closer than `spread_s`, the best ones.

    A shot close to a kept one replaces it if it is better.
    """

    def __init__(self, limit: int, spread_s: float) -> None:
        self._limit = limit
        self._spread_s = spread_s
        self._shots: list[Shot] = []

    def __iter__(self) -> Iterator[Shot]:
        return iter(self._shots)

    def __len__(self) -> int:
        return len(self._shots)

    def add(self, shot: Shot) -> None:
        """Keep `shot` if it is among the best."""
        near = [s for s in self._shots if abs(s.position_s - shot.position_s) < self._spread_s]
        if any(kept.quality >= shot.quality for kept in near):
            return
        self._shots = [kept for kept in self._shots if kept not in near] + [shot]
        if len(self._shots) > self._limit:
            self._shots.remove(min(self._shots, key=lambda kept: kept.quality))

    def drop_after(self, position_s: float) -> bool:
        """Drop shots later than `position_s`; or none, and say so, if that would be all."""
        early = [shot for shot in self._shots if shot.position_s <= position_s]
        self._shots = early or self._shots
        return bool(early)

    def best(self) -> Shot:
        """The best shot; there must be one."""
        return max(self._shots, key=lambda shot: shot.quality)

    def good(self, quality: float) -> list[Shot]:
        """The shots of at least `quality`, or the one best."""
        return [shot for shot in self._shots if shot.quality >= quality] or [self.best()]


def cut_out(picture: Picture, rect: Rect) -> Picture:
    """`rect` of `picture` with a little around it, shrunk to 128 x 256 pixels at most.

    A copy, so that the frame is not kept alive.
    """
    height, width = picture.shape[:2]
    dx, dy = _PAD * rect.width, _PAD * rect.height
    padded = Rect(rect.left - dx, rect.top - dy, rect.right + dx, rect.bottom + dy)
    left, top, right, bottom = (round(side) for side in padded.clipped(width, height))
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    scale = min(1.0, MAX_WIDTH / part.shape[1], MAX_HEIGHT / part.shape[0])
    if scale == 1.0:
        return part.copy()
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
