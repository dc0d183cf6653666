"""The few best crops of a track, spread over its time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np

from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture
from shared.vectors import Vector

SENT: Mapping[ObjectClass, tuple[int, int]] = MappingProxyType(
    {
        ObjectClass.PERSON: (128, 256),
        ObjectClass.VEHICLE: (208, 160),
        ObjectClass.TWO_WHEELER: (160, 208),
    }
)
"""The largest crop that is embedded and sent, width and height: about as many pixels each.

More than the embedders take would only cost bytes.
"""

DETAIL = 480
"""The longest side of a crop that is kept to be read: a plate is a fifth of a car's
width, so some 90 pixels of it."""

# Detectors cut close; feet and hair help.
_PAD = 0.04


@dataclass(slots=True, eq=False, weakref_slot=True)
class Shot:
    """A crop and where it is from: `rect` in source pixels, without the crop's padding.

    `vector` is its embedding once that was asked for. `detail` shows the same larger than
    `picture` where that was kept.
    """

    picture: Picture
    rect: Rect
    at_ms: int
    position_s: float
    confidence: float
    quality: float
    vector: Vector | None = None
    detail: Picture | None = None


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

    def wants(self, quality: float, position_s: float) -> bool:
        """Whether a shot of that quality and time is among the best."""
        near, others = self._apart(position_s)
        if any(kept.quality >= quality for kept in near):
            return False
        return len(others) < self._limit or any(kept.quality < quality for kept in others)

    def add(self, shot: Shot) -> None:
        """Keep `shot` if it is among the best."""
        if not self.wants(shot.quality, shot.position_s):
            return
        self._shots = [*self._apart(shot.position_s)[1], shot]
        if len(self._shots) > self._limit:
            self._shots.remove(min(self._shots, key=lambda kept: kept.quality))

    def _apart(self, position_s: float) -> tuple[list[Shot], list[Shot]]:
        """Those near in time, and the others."""
        near = [s for s in self._shots if abs(s.position_s - position_s) < self._spread_s]
        return near, [shot for shot in self._shots if shot not in near]

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


def padded(rect: Rect) -> Rect:
    """`rect` with a little around it."""
    dx, dy = _PAD * rect.width, _PAD * rect.height
    return Rect(rect.left - dx, rect.top - dy, rect.right + dx, rect.bottom + dy)


def shrunk(picture: Picture, size: tuple[int, int]) -> Picture:
    """A copy of `picture`, made small enough for `size`: the frame is not kept alive."""
    height, width = picture.shape[:2]
    scale = min(1.0, size[0] / width, size[1] / height)
    if scale == 1.0:
        return picture.copy()
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, target, interpolation=cv2.INTER_AREA), dtype=np.uint8)
