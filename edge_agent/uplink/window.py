"""Which rows are on their way, and when one must be sent again."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from shared.clock import Clock
from shared.outbox_id import OutboxId

MAX_SILENCE_S = 120.0


class SentAt(NamedTuple):
    """When a row was sent: stopwatch seconds, and UTC milliseconds by the box's clock."""

    monotonic: float
    wall_ms: int


class Window:
    """At most `size` rows that the centre has not answered for.

    Age alone is no reason to send a row again: on a slow line the last of a full window may take
    minutes, and sending it twice makes the line slower still. Instead,
    - after `silence_s` without any answer one row, the oldest, is let go, so that one row (it or
      a more urgent one) goes out as a probe. Each further silence is twice as long, up to
      `MAX_SILENCE_S`: behind a broker that lives, a centre that does not would otherwise be sent
      the whole window all night;
    - when a row sent after such a silence is answered, all that were sent before it are let go;
    - when a row sent `silence_s` later than another is answered, the other was lost alone.

    Args:
        size: how many.
        silence_s: the first silence that counts.
        clock: stopwatch and wall time.
    """

    def __init__(self, size: int, silence_s: float, clock: Clock) -> None:
        self._size = size
        self._silence_s = silence_s
        self._clock = clock
        self._sent: dict[OutboxId, SentAt] = {}
        self._patience_s = silence_s
        self._heard = clock.monotonic()
        self._answered_up_to = float("-inf")
        self._doubted_at = float("inf")
        self._repeated: dict[UUID, int] = {}

    @property
    def room(self) -> int:
        """How many more may be sent now."""
        return self._size - len(self._sent)

    @property
    def in_flight(self) -> Collection[OutboxId]:
        """Rows sent and not answered."""
        return self._sent.keys()

    def sent(self, row: OutboxId) -> None:
        """`row` has been handed to the connection."""
        now = SentAt(self._clock.monotonic(), self._clock.now_ms())
        if not self._sent:
            self._heard = now.monotonic
        self._sent[row] = now

    def answered(self, rows: Iterable[OutboxId]) -> None:
        """The centre has spoken of `rows`, in flight or not."""
        for row in rows:
            if at := self._sent.pop(row, None):
                self._answered_up_to = max(self._answered_up_to, at.monotonic)
                self._heard = self._clock.monotonic()
                self._patience_s = self._silence_s

    def overdue(self) -> list[OutboxId]:
        """Rows let go: not in flight any more, to be sent again."""
        now = self._clock.monotonic()
        if self._sent and now - self._heard >= self._patience_s:
            self._heard = self._doubted_at = now
            self._patience_s = min(MAX_SILENCE_S, self._patience_s * 2)
            return self._take(list(self._sent)[:1])
        passed = self._answered_up_to - self._silence_s
        if self._answered_up_to >= self._doubted_at:
            passed, self._doubted_at = max(passed, self._doubted_at), float("inf")
        return self._take([row for row, at in self._sent.items() if at.monotonic < passed])

    def clear(self) -> list[OutboxId]:
        """The connection is gone, and with it perhaps every row in flight."""
        return self._take(list(self._sent))

    def sent_once(self, row: OutboxId) -> SentAt | None:
        """When `row` was sent, if it is in flight and an answer cannot be to an earlier sending.

        The same caution as in Karn's algorithm for TCP round trips (RFC 6298, section 3).
        """
        return self._sent.get(row) if row.seq > self._repeated.get(row.epoch, 0) else None

    def _take(self, rows: list[OutboxId]) -> list[OutboxId]:
        for row in rows:
            del self._sent[row]
            self._repeated = {row.epoch: max(row.seq, self._repeated.get(row.epoch, 0))}
        return rows
