"""Whether the engine keeps up, told once when that changes."""

from collections.abc import Callable

import structlog

from shared.clock import Clock

_WINDOW_S = 10.0
# Of the frames of a window, those replaced before they were looked at: a burst replaces a few.
_BEGINS = 0.05
_ENDS = 0.01

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Overload:
    """Compares frames looked at with frames replaced, window by window.

    Args:
        clock: its stopwatch.
        count: frames looked at and frames replaced since the beginning, all channels together.
    """

    def __init__(self, clock: Clock, count: Callable[[], tuple[int, int]]) -> None:
        self._clock = clock
        self._count = count
        self._since_s = clock.monotonic()
        self._seen = count()
        self.slowed = False
        self.share = 1.0

    def check(self) -> None:
        """Once a window is over: see how many frames were looked at, and say what changed."""
        now = self._clock.monotonic()
        if now - self._since_s < _WINDOW_S:
            return
        seen = self._count()
        worked, replaced = (new - old for new, old in zip(seen, self._seen, strict=True))
        self._since_s, self._seen = now, seen
        self.share = worked / (worked + replaced) if worked + replaced else 1.0
        if not self.slowed and self.share < 1 - _BEGINS:
            self.slowed = True
            log.warning(
                "inference does not keep up: every channel is looked at less often",
                share_of_frames=round(self.share, 2),
            )
        elif self.slowed and self.share >= 1 - _ENDS:
            self.slowed = False
            log.info("inference keeps up again")
