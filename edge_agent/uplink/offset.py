"""How far the centre's clock is from this box's, measured from acks."""

from collections import deque
from typing import NamedTuple

from edge_agent.uplink.window import SentAt
from shared.clock import Clock
from shared.messages import ClockEcho, ClockOffset

# RFC 5905, section 10: of the last eight, the one with the shortest round trip errs least.
_SAMPLES = 8
# More than this between wall clock and stopwatch is a step, not drift.
_STEP_MS = 200.0


class _Sample(NamedTuple):
    offset: ClockOffset
    base_ms: float


class ClockFilter:
    """The best of the last eight measurements.

    A step of the box's own clock makes older measurements worthless, so they are dropped.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)

    def add(self, sent: SentAt, echo: ClockEcho) -> None:
        """An ack arrives now for a row that left at `sent`.

        offset = ((t1 - t0) + (t2 - t3)) / 2, round trip = (t3 - t0) - (t2 - t1) with t0 sent and
        t3 arrived by the box's clock, t1 received and t2 answered by the centre's
        (RFC 5905, section 8).
        """
        arrived_ms, base_ms = self._clock.now_ms(), self._base_ms()
        if abs(sent.wall_ms - sent.monotonic * 1000 - base_ms) > _STEP_MS:
            return
        round_trip = (arrived_ms - sent.wall_ms) - (echo.sent_ms - echo.received_ms)
        if round_trip < 0 or echo.sent_ms < echo.received_ms:
            return
        offset = ((echo.received_ms - sent.wall_ms) + (echo.sent_ms - arrived_ms)) / 2
        self._samples.append(
            _Sample(ClockOffset(offset_ms=offset, round_trip_ms=float(round_trip)), base_ms)
        )

    def best(self) -> ClockOffset | None:
        """Centre's clock minus the box's, as best known; None before the first ack."""
        base_ms = self._base_ms()
        valid = [s.offset for s in list(self._samples) if abs(s.base_ms - base_ms) <= _STEP_MS]
        return min(valid, key=lambda offset: offset.round_trip_ms, default=None)

    def _base_ms(self) -> float:
        return self._clock.now_ms() - self._clock.monotonic() * 1000
