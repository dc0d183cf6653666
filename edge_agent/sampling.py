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
        if self._fps is None:
            return True
        slot = math.floor(position_s * self._fps + _EARLY)
        if slot <= self._slot:
            return False
        self._slot = slot
        return True
