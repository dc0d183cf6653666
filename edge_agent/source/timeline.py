"""Frame times that only go forward, whatever the time stamps of a stream do."""

# A small step back is two frames in the wrong order; a larger one is a clock that began anew.
_UNSORTED_S = 1.0
_TICK_S = 0.001
# Recordings on motion have gaps of hours; a gap of days is a damaged time stamp.
_MAX_GAP_S = 86_400.0


class Timeline:
    """Turns presentation times into strictly rising positions from 0.

    Args:
        step_s: seconds between frames where the stream gives no usable time stamp.
        max_gap_s: more than that between two frames is a damaged time stamp.
    """

    def __init__(self, step_s: float, max_gap_s: float = _MAX_GAP_S) -> None:
        self._max_gap_s = max_gap_s
        self._step_s = step_s
        self._offset_s: float | None = None
        self._last_s = -step_s

    def position(self, time_s: float | None) -> float:
        """Seconds since the first frame, for the frame with presentation time `time_s`."""
        position = self.foresee(time_s)
        if time_s is not None and not self._continues(time_s):
            self._offset_s = position - time_s
        self._last_s = max(position, self._last_s + _TICK_S)
        return self._last_s

    def foresee(self, time_s: float | None) -> float:
        """About where a frame with that presentation time would lie, were it the next."""
        if self._offset_s is None or time_s is None or not self._continues(time_s):
            return self._last_s + self._step_s
        return time_s + self._offset_s

    def restart(self) -> None:
        """The clip begins anew: its next frame follows the last one."""
        self._offset_s = None

    def _continues(self, time_s: float) -> bool:
        """Whether the stream's clock still runs as it did."""
        if self._offset_s is None:
            return False
        since = time_s + self._offset_s - self._last_s
        return -_UNSORTED_S <= since <= self._max_gap_s
