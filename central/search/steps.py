"""How long each step of an answer took."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.clock import Clock


class Steps:
    """Milliseconds of each step, on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.took_ms: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add what the block takes to the step `name`."""
        start = self._clock.monotonic()
        yield
        took = (self._clock.monotonic() - start) * 1000
        self.took_ms[name] = round(self.took_ms.get(name, 0) + took, 1)
