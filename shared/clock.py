"""Time, handed in everywhere so that tests own it.

Wall time is UTC milliseconds since the Unix epoch (`*_ms`); durations are measured on the
monotonic clock in seconds, because wall clocks of boxes jump.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

MS_PER_DAY = 86_400_000


class Clock(Protocol):
    """A wall clock and a stopwatch."""

    def now_ms(self) -> int:
        """UTC milliseconds since the Unix epoch."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary zero; never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """UTC milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds from an arbitrary zero; never goes back."""
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._monotonic = 0.0

    def now_ms(self) -> int:
        """UTC milliseconds since the Unix epoch, as set."""
        return self._now_ms

    def monotonic(self) -> float:
        """Seconds advanced so far."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward by `seconds`."""
        self._monotonic += seconds
        self._now_ms += round(seconds * 1000)

    def set_wall(self, now_ms: int) -> None:
        """Step the wall clock alone, as an NTP correction or a dead battery does."""
        self._now_ms = now_ms


def to_datetime(ms: int) -> datetime:
    """UTC milliseconds as an aware `datetime`."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def to_ms(moment: datetime) -> int:
    """An aware `datetime` as UTC milliseconds.

    Raises:
        ValueError: `moment` has no time zone, so it names no instant.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; write it with one, e.g. ...Z")
    return round(moment.timestamp() * 1000)
