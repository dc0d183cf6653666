"""When a frame was captured, UTC, and whether the channel keeps up."""

from threading import Event

from shared.clock import Clock

# Camera and box clocks differ by some 50 ppm; the least delay seen is let grow ten times as
# fast, so that drift over days never looks like a backlog.
_CREEP = 0.0005
_MAX_LAG_S = 2.0
# What follows a gap in the network is that much later only for a moment.
_SETTLED_S = 3.0


class ClipTime:
    """A file or folder: wall time is `starts_at_ms` plus the position, to the millisecond."""

    def __init__(self, clock: Clock, starts_at_ms: int | None, *, realtime: bool) -> None:
        self._clock = clock
        self._starts_at_ms = clock.now_ms() if starts_at_ms is None else starts_at_ms
        self._realtime = realtime
        self._began = clock.monotonic()

    def captured_ms(self, position_s: float) -> int:
        """Wall time of the frame at `position_s`."""
        return self._starts_at_ms + round(position_s * 1000)

    def due(self, position_s: float, stop: Event) -> bool:
        """Wait until the frame may be used; False if `stop` came first."""
        if not self._realtime:
            return not stop.is_set()
        ahead = self._began + position_s - self._clock.monotonic()
        return not stop.wait(max(0.0, ahead))


class LiveTime:
    """A camera: wall time is the arrival, less how much later than the promptest frame it came.

    Frames that arrive late because the channel fell behind keep their true time, and `behind`
    says when to leave frames out until it has caught up. A channel that waits for its packets has
    not fallen behind: there it is the camera's clock that runs slow, or was put back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._delay_s: float | None = None
        self._seen_s = clock.monotonic()
        self._late_since_s: float | None = None

    def lag_s(self, position_s: float, *, waited: bool = False) -> float:
        """Seconds by which the frame at `position_s`, arriving now, is later than it could be.

        Args:
            position_s: seconds since the first frame.
            waited: it came after it was asked for.
        """
        now = self._clock.monotonic()
        delay = now - position_s
        allowed = delay if self._delay_s is None else self._delay_s + _CREEP * (now - self._seen_s)
        self._delay_s, self._seen_s = min(delay, allowed), now
        if delay - self._delay_s <= _MAX_LAG_S:
            self._late_since_s = None
        elif waited:
            self._late_since_s = now if self._late_since_s is None else self._late_since_s
            if now - self._late_since_s > _SETTLED_S:
                self._delay_s = delay
        return delay - self._delay_s

    def behind(self, lag_s: float, *, waited: bool = False) -> bool:
        """Whether a lag is a backlog rather than jitter."""
        return lag_s > _MAX_LAG_S and not waited

    def captured_ms(self, lag_s: float) -> int:
        """Wall time of a frame that arrives now with that lag."""
        return self._clock.now_ms() - round(lag_s * 1000)
