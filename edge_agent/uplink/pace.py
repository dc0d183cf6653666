"""How fast to send, and how soon to try again."""

import math
import random
from threading import Lock

from shared.clock import Clock

BYTES_PER_KBIT = 1000 / 8


class TokenBucket:
    """Holds bytes sent to `kbit_per_s` on average (1 kbit = 1000 bits), one second's worth at once.

    A message larger than what is left still goes, and the next wait pays for it: otherwise one
    larger than a second's worth could never go. Safe to use from several threads.

    Args:
        kbit_per_s: the rate; None is no limit.
        clock: its stopwatch.
    """

    def __init__(self, kbit_per_s: float | None, clock: Clock) -> None:
        self._rate = math.inf if kbit_per_s is None else kbit_per_s * BYTES_PER_KBIT
        self._clock = clock
        self._tokens = self._rate
        self._seen = clock.monotonic()
        self._lock = Lock()

    def wait_s(self) -> float:
        """Seconds until something may be sent; 0 for now."""
        if math.isinf(self._rate):
            return 0.0
        with self._lock:
            now = self._clock.monotonic()
            self._tokens = min(self._rate, self._tokens + (now - self._seen) * self._rate)
            self._seen = now
            return max(0.0, -self._tokens / self._rate)

    def spend(self, size: int) -> None:
        """`size` bytes were sent."""
        with self._lock:
            self._tokens -= size


class BackOff:
    """Waits that double up to `cap_s`, each drawn from zero up to that ("full jitter").

    Boxes that lost the same broker then come back spread out. Formula: Brooker, "Exponential
    Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self, first_s: float, cap_s: float, source: random.Random) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._source = source
        self._limit_s = first_s

    def next_s(self) -> float:
        """Seconds to wait before the next try."""
        wait = self._source.uniform(0.0, self._limit_s)
        self._limit_s = min(self._cap_s, self._limit_s * 2)
        return wait

    def reset(self) -> None:
        """It worked: the next wait is short again."""
        self._limit_s = self._first_s
