"""How fast to learn, by the clock: a run ends when its minutes are over, not its epochs."""

import math
from dataclasses import dataclass

WARM_UP = 0.03
"""Part of a run in which the learning rate rises from nearly nothing to its peak."""

FLOOR = 0.02
"""Part of the peak that is left at the end."""


@dataclass(frozen=True)
class CosineSchedule:
    """The learning rate over a run: a linear warm-up, then half a cosine (arXiv 1608.03983).

    Attributes:
        peak: the highest rate, after the warm-up.
        warm_up: part of the run, 0 to 1.
        floor: part of `peak` that is left at the end.
    """

    peak: float
    warm_up: float = WARM_UP
    floor: float = FLOOR

    def rate(self, done: float) -> float:
        """The rate when the part `done` of the run is over; outside 0..1 as at its ends."""
        done = min(1.0, max(0.0, done))
        if done < self.warm_up:
            return self.peak * max(self.floor, done / self.warm_up)
        fallen = (done - self.warm_up) / (1 - self.warm_up)
        return self.peak * (self.floor + (1 - self.floor) * (1 + math.cos(math.pi * fallen)) / 2)
