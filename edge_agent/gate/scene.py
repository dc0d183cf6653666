"""What of a picture differs from what is always there, on small luma.

A running mean a pixel is the background and its running mean deviation the noise, both learnt where
nothing moves (Wren et al., PAMI 1997, with one distribution and a deviation instead of a variance).
Before they are compared, background and picture are brought to one brightness and contrast by least
squares over the pixels that agree, so that a camera that changes its exposure moves nothing.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_agent.gate.settings import GatePolicy
from edge_agent.source import Luma
from models.preparation import Size

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The mean deviation of Gaussian noise is 0.8 of its standard deviation.
_SIGMA = 1.25
# Time constant of the mean that tells whether something new stands still.
_RECENT_S = 1.0
# Pixels this many median differences off, and a level, do not count for brightness and contrast.
_AGREES = 3.0
# Contrast that an exposure or haze may change by; more is another picture.
_GAIN = (0.5, 2.0)
# How fast the background follows what moves, in parts of its pace elsewhere.
_SLOWLY = 0.25
_TREMBLE = np.ones((3, 3), dtype=np.uint8)


class Change(NamedTuple):
    """`moved` (H x W): where something of the smallest object's size changed; `share` of pixels."""

    moved: Mask
    share: float


@dataclass(slots=True)
class _Learnt:
    """Planes of one size: see `Scene`. `still_s` is how long a pixel has looked as in `recent`."""

    background: Plane
    deviation: Plane
    recent: Plane
    still_s: Plane


class Scene:
    """The background of one channel.

    Args:
        policy: the knobs.
        object_size: the smallest object, pixels of the luma given.
    """

    def __init__(self, policy: GatePolicy, object_size: Size) -> None:
        self._policy = policy
        self._object = object_size
        self._learnt: _Learnt | None = None
        self._strange_s = 0.0

    def see(self, luma: Luma, passed_s: float) -> Change:
        """How `luma` differs, `passed_s` after the one before, and learn. The first does not."""
        now = luma.astype(np.float32)
        learnt = self._learnt
        if learnt is None:
            self._learnt = self._begun(now, now)
            return Change(np.zeros(now.shape, dtype=bool), 0.0)
        relit, changed = self._compared(learnt, now)
        share = float(changed.mean())
        if share > self._policy.global_share:
            self._strange_s += passed_s
            if self._strange_s >= self._policy.settle_s:
                self._learnt = self._begun(now, learnt.recent)
            learnt.recent = now
            return Change(changed, share)
        self._strange_s = 0.0
        learnt.background = relit
        self._learn(learnt, now, changed, passed_s)
        return Change(self._solid(changed), share)

    def differs(self, luma: Luma) -> bool:
        """Whether anything in `luma` has moved; nothing is learnt."""
        if self._learnt is None:
            return True
        _, changed = self._compared(self._learnt, luma.astype(np.float32))
        return bool(self._solid(changed).any())

    def _compared(self, learnt: _Learnt, now: Plane) -> tuple[Plane, Mask]:
        """The background in the light of `now`, and where `now` is unlike it and all around it.

        All around: a camera that trembles in the wind moves edges by a pixel, and nothing else.
        """
        relit = _relit(learnt.background, now)
        over = now - cv2.dilate(relit, _TREMBLE)
        under = cv2.erode(relit, _TREMBLE) - now
        return relit, np.maximum(over, under) > self._least(learnt)

    def _begun(self, now: Plane, before: Plane) -> _Learnt:
        """Begin with `now` as the background, and what differs from `before` as noise."""
        self._strange_s = 0.0
        noise = _SIGMA * float(np.median(_thin(np.abs(now - before))))
        level = max(noise, self._policy.floor / self._policy.noise)
        deviation = np.full(now.shape, level, dtype=np.float32)
        return _Learnt(now, deviation, now.copy(), np.zeros(now.shape, dtype=np.float32))

    def _least(self, learnt: _Learnt) -> Plane:
        """How far each pixel must be off to count."""
        policy = self._policy
        everywhere = max(policy.floor, policy.noise * float(np.median(_thin(learnt.deviation))))
        level = np.maximum(policy.noise * learnt.deviation, everywhere)
        return np.asarray(np.minimum(level, policy.ceiling))

    def _learn(self, learnt: _Learnt, now: Plane, changed: Mask, passed_s: float) -> None:
        still = ~changed
        rate = 1 - math.exp(-passed_s / self._policy.fade_s)
        off = now - learnt.background
        # What moves all the time, an edge that trembles, is let in as well, but slowly.
        learnt.background += np.where(still, rate, rate * _SLOWLY) * off
        learnt.deviation += np.where(still, rate * (_SIGMA * np.abs(off) - learnt.deviation), 0)
        self._absorb(learnt, now, changed, passed_s)

    def _absorb(self, learnt: _Learnt, now: Plane, changed: Mask, passed_s: float) -> None:
        """What came and stands still becomes background: a parked car, a moved chair."""
        same = np.abs(now - learnt.recent) <= self._policy.floor
        learnt.still_s = np.where(changed & same, learnt.still_s + np.float32(passed_s), 0)
        learnt.recent += (1 - math.exp(-passed_s / _RECENT_S)) * (now - learnt.recent)
        settled = learnt.still_s >= self._policy.absorb_s
        if settled.any():
            learnt.background = np.where(settled, learnt.recent, learnt.background)

    def _solid(self, changed: Mask) -> Mask:
        """Where enough of a box of the smallest object's size has changed."""
        filled = cv2.blur(changed.astype(np.float32), self._object, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(filled >= self._policy.filled, dtype=bool)


def _relit(background: Plane, now: Plane) -> Plane:
    """`background` in the brightness and contrast of `now`."""
    known, seen = _thin(background), _thin(now)
    # Brightness by the median, which nothing that moves can bend; then both, where that agrees.
    difference = seen - known
    off = np.abs(difference - np.median(difference))
    agree = off <= _AGREES * np.median(off) + 1
    gain, offset = _fitted(known[agree], seen[agree])
    return gain * background + offset


def _thin(plane: Plane) -> Plane:
    """Every fourth pixel: as good for what is true of the whole picture."""
    return plane[::2, ::2]


def _fitted(known: Plane, seen: Plane) -> tuple[np.float32, np.float32]:
    """Gain and offset that bring `known` nearest to `seen`."""
    mean_known, mean_seen = float(known.mean()), float(seen.mean())
    spread = known - mean_known
    variance = float((spread * spread).mean())
    gain = float((spread * (seen - mean_seen)).mean()) / variance if variance > 1 else 1.0
    gain = min(max(gain, _GAIN[0]), _GAIN[1])
    return np.float32(gain), np.float32(mean_seen - gain * mean_known)
