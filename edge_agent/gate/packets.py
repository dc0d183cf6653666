"""Motion as the camera's own encoder saw it: a burst of bytes between two key frames.

Where nothing moves an encoder has little to write. How much is learnt while nothing moves; far more
for a while means that something does. This is for what comes and goes between two key frames: what
is still there at the next is seen there. An encoder with a constant bit rate tells nothing.
"""

import math
from collections import deque

import numpy as np

_WINDOW_S = 0.3
_LEARNT = 200
_ENOUGH = 50
_EVERY = 10
# Growth that counts, and the same in deviations of the quiet rate. Measured on the clips of
# `make bench-gate`: a quiet rate's 95th percentile is 1.5 to 1.9 times its median.
_GROWN = 2.0
_DEVIATIONS = 6.0
_SIGMA = 1.4826


class PacketSizes:
    """The sizes of one channel's packets between key frames."""

    def __init__(self) -> None:
        self._level: float | None = None
        self._at_s = 0.0
        self._quiet: deque[float] = deque(maxlen=_LEARNT)
        self._taught = 0
        self._limit = math.inf

    def burst(self, size: int, position_s: float, *, quiet: bool) -> bool:
        """Take in a packet; whether the last of them are far too large for a quiet channel.

        `quiet` tells that nothing moves as far as is known: what is seen is learnt.
        """
        passed_s = min(max(0.0, position_s - self._at_s), _WINDOW_S)
        self._at_s = position_s
        if self._level is None:
            self._level = float(size)
        self._level += (1 - math.exp(-passed_s / _WINDOW_S)) * (size - self._level)
        if self._level > self._limit:
            return True
        if quiet:
            self._learn(self._level)
        return False

    def _learn(self, level: float) -> None:
        self._quiet.append(level)
        self._taught += 1
        if self._taught < _ENOUGH or self._taught % _EVERY:
            return
        levels = np.array(self._quiet)
        middle = float(np.median(levels))
        spread = _SIGMA * float(np.median(np.abs(levels - middle)))
        self._limit = max(_GROWN * middle, middle + _DEVIATIONS * spread)
