"""Notices a live stream that has stopped to show anything, and whether its packets had to wait."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from edge_agent.source.frame import SourceError, SourceStats
from shared.clock import Clock

PICTURELESS_S = 15.0
# A packet that was ready is there within microseconds.
_READY_S = 0.002

T = TypeVar("T")


class Arrivals:
    """A live stream's packets, as long as some of them become pictures.

    Silence itself is FFmpeg's to notice, by its timeout; this notices packets that lead nowhere.

    Args:
        shown: the channel and where it comes from, for the message.
        clock: its stopwatch.
        stats: `decoded` tells of pictures.
        limit_s: how long to wait for one.
    """

    def __init__(
        self, shown: str, clock: Clock, stats: SourceStats, limit_s: float = PICTURELESS_S
    ) -> None:
        self._shown = shown
        self._clock = clock
        self._stats = stats
        self._limit_s = limit_s
        self.waited = True
        """Whether the last packet came after it was asked for: no others wait behind it."""

    def of(self, packets: Iterable[T]) -> Iterator[T]:
        """`packets` as they come.

        Raises:
            SourceError: there was no picture for too long.
        """
        decoded, since_s = self._stats.decoded, self._clock.monotonic()
        began_s, damaged = since_s, self._stats.damaged
        for packet in packets:
            now = self._clock.monotonic()
            self.waited = now - began_s > _READY_S
            yield packet
            began_s = self._clock.monotonic()
            if self._stats.decoded != decoded:
                decoded, damaged, since_s = self._stats.decoded, self._stats.damaged, began_s
            elif began_s - since_s > self._limit_s:
                raise SourceError(
                    f"{self._shown} sent no picture for {began_s - since_s:.0f} s, "
                    f"{self._stats.damaged - damaged} of its packets damaged; it will be reopened"
                )
