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
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._offset_s: float | None = None
        self._last_s = -step_s

    def position(self, time_s: float | None) -> float:
        """Seconds since the first frame, for the frame with presentation time `time_s`."""
        after = self._last_s + self._step_s
        if time_s is None:
            self._last_s = after
            return after
        if self._offset_s is None:
            self._offset_s = after - time_s
        position = time_s + self._offset_s
        if not self._last_s - _UNSORTED_S <= position <= self._last_s + _MAX_GAP_S:
            self._offset_s, position = after - time_s, after
        elif position <= self._last_s:
            position = self._last_s + _TICK_S
        self._last_s = position
        return position

    def restart(self) -> None:
        """The clip begins anew: its next frame follows the last one."""
        self._offset_s = None
