"""Choosing frames by their time stamps."""

import math

# A stream of 5 frames/s read at 5 frames/s jitters by milliseconds around each slot; a frame
# this part of a slot early still belongs to it.
_EARLY = 0.1


class Sampler:
    """Takes the first frame of each slot of `1 / fps` seconds.

    Slots lie on a fixed grid, so the rate does not drift, whatever the source's own rate is:
    25 frames/s at 5 gives every fifth, 12 frames/s at 5 gives gaps of two and three.

    Args:
        fps: frames per second of source time; None takes every frame.
    """

    def __init__(self, fps: float | None) -> None:
        self._fps = fps
        self._slot = -1

    def wants(self, position_s: float) -> bool:
        """Whether the frame at `position_s` (seconds, rising) is the first of its slot."""
        wanted = self.would_want(position_s)
        if wanted and self._fps is not None:
            self._slot = _slot(position_s, self._fps)
        return wanted

    def would_want(self, position_s: float) -> bool:
        """What `wants` would say, were the frame there; the slot stays free."""
        return self._fps is None or _slot(position_s, self._fps) > self._slot


def _slot(position_s: float, fps: float) -> int:
    return math.floor(position_s * fps + _EARLY)
