"""Crops as a camera's frames: seen from afar, covered, cut, blurred, with a box that is off.

Sets for re-identification hold clean crops without the frame around them, so that there is nothing
to choose from. Here each is put into a scene again, things that happen to tracks happen to it, and
what the detector would say is made up: its box, and a confidence that follows how much is visible,
with noise. Everything is seeded.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from shared.geometry import Rect
from shared.pictures import Picture

_SCENE = (3, 2)
_NOISE = 0.06
_CLUTTER = 8
_PAD = 0.04


@dataclass(frozen=True)
class Chances:
    """How often what happens to a view."""

    far: float = 0.5
    covered: float = 0.3
    hidden: float = 0.15
    cut: float = 0.2
    blurred: float = 0.25
    off: float = 0.25


class View(NamedTuple):
    """What the box has of an object in one frame.

    `crop` is what is cut out at `rect`; `bounds` the picture, `others` the other detections.
    `visible` is the part of the object that is to be seen, which the box does not know.
    """

    crop: Picture
    rect: Rect
    bounds: Rect
    others: list[Rect]
    confidence: float
    visible: float


class Scenes:
    """Makes views of crops.

    Args:
        rng: of everything.
        chances: how often what happens.
    """

    def __init__(self, rng: np.random.Generator, chances: Chances | None = None) -> None:
        self._rng = rng
        self._chances = chances or Chances()

    def view(self, crop: Picture, stranger: Picture) -> View:
        """`crop` in a frame; `stranger` is who may stand before it."""
        chances, rng = self._chances, self._rng
        if self._happens(chances.far):
            crop = _resized(crop, float(rng.uniform(0.4, 1.0)))
        height, width = crop.shape[:2]
        scene = self._background(crop)
        left, top = width, height // 2
        scene[top : top + height, left : left + width] = crop
        rect, others, visible = Rect(left, top, left + width, top + height), [], 1.0
        if self._happens(chances.covered):
            other, hides = self._cover(scene, rect, stranger)
            others.append(other)
            visible -= hides
        if self._happens(chances.hidden):
            rect, hides = self._hide(scene, rect)
            visible -= hides
        if self._happens(chances.off):
            rect = self._moved(rect)
        bounds = Rect(0, 0, scene.shape[1], scene.shape[0])
        if self._happens(chances.cut):
            scene, rect, bounds, hides = self._cut(scene, rect)
            visible -= hides
        shown = _cut_out(scene, rect)
        if self._happens(chances.blurred):
            shown = self._blurred(shown)
        visible = max(0.05, visible)
        confidence = float(np.clip(0.95 * visible**0.5 + rng.normal(0, _NOISE), 0.2, 0.99))
        return View(shown, rect, bounds, others, confidence, visible)

    def _happens(self, chance: float) -> bool:
        return bool(self._rng.random() < chance)

    def _background(self, crop: Picture) -> Picture:
        """Soft clutter in the colours of the crop's edges."""
        height, width = crop.shape[:2]
        edges = np.concatenate([crop[:, 0], crop[:, -1]])
        patches = self._rng.choice(edges, (_CLUTTER, _CLUTTER))
        size = (_SCENE[0] * width, _SCENE[1] * height)
        return np.asarray(cv2.resize(patches, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)

    def _cover(self, scene: Picture, rect: Rect, stranger: Picture) -> tuple[Rect, float]:
        """Somebody of like size steps before it, from a side; in front, so a little lower."""
        width, height = int(rect.width), int(rect.height)
        share = float(self._rng.uniform(0.2, 0.75))
        shift = round((1 - share) * width) * int(self._rng.choice([-1, 1]))
        left = max(0, int(rect.left) + shift)
        top = int(rect.top) + round(0.08 * height)
        body = cv2.resize(stranger, (width, height), interpolation=cv2.INTER_AREA)
        room = scene[top : top + height, left : left + width]
        room[:] = body[: room.shape[0], : room.shape[1]]
        return Rect(left, top, left + width, top + room.shape[0]), share * 0.92

    def _hide(self, scene: Picture, rect: Rect) -> tuple[Rect, float]:
        """Something that is no object of ours hides its lower part; the box often ends there."""
        share = float(self._rng.uniform(0.2, 0.6))
        edge = round(rect.bottom - share * rect.height)
        left, right, bottom = int(rect.left), int(rect.right), int(rect.bottom)
        scene[edge:bottom, left:right] = scene[edge:bottom, :1]
        return (rect._replace(bottom=edge) if self._happens(0.6) else rect), share

    def _moved(self, rect: Rect) -> Rect:
        dx, dy, wide, high = self._rng.uniform(-0.2, 0.2, 4)
        moved = rect.shifted(dx * rect.width, 0.5 * dy * rect.height)
        across, down = 0.5 * wide * moved.width, 0.25 * high * moved.height
        return Rect(
            moved.left - across, moved.top - down, moved.right + across, moved.bottom + down
        )

    def _cut(self, scene: Picture, rect: Rect) -> tuple[Picture, Rect, Rect, float]:
        """The picture ends within it: at a side, or at its feet."""
        share = float(self._rng.uniform(0.15, 0.65))
        if self._happens(0.5):
            edge = round(rect.right - share * rect.width)
            scene, rect = scene[:, :edge], rect._replace(right=edge)
        else:
            edge = round(rect.bottom - share * rect.height)
            scene, rect = scene[:edge], rect._replace(bottom=edge)
        return scene, rect, Rect(0, 0, scene.shape[1], scene.shape[0]), share

    def _blurred(self, crop: Picture) -> Picture:
        """Moved while the shutter was open, by up to a seventh of its width."""
        length = 1 + round(crop.shape[1] * float(self._rng.uniform(0.05, 0.15)))
        kernel = np.full((1, length), 1 / length)
        return np.asarray(cv2.filter2D(crop, -1, kernel), dtype=np.uint8)


def _cut_out(scene: Picture, rect: Rect) -> Picture:
    """`rect` with a little around it, as the box cuts it."""
    dx, dy = _PAD * rect.width, _PAD * rect.height
    padded = Rect(rect.left - dx, rect.top - dy, rect.right + dx, rect.bottom + dy)
    left, top, right, bottom = map(round, padded.clipped(scene.shape[1], scene.shape[0]))
    return scene[top:bottom, left:right].copy()


def _resized(crop: Picture, scale: float) -> Picture:
    size = (max(8, round(crop.shape[1] * scale)), max(16, round(crop.shape[0] * scale)))
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
