"""The outbox of one make-believe box: a row is sent until the centre answers for it."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from deploy.sim.fleet.messages import Row


class SimOutbox:
    """Rows in order: waiting, or sent and not answered (at most `window` of these)."""

    def __init__(self, window: int, revisions: int) -> None:
        self.made = 0
        self.resent = 0
        self.in_flight: dict[int, tuple[Row, float]] = {}
        """Rows that were sent, by number, with when they were."""
        self._waiting: deque[Row] = deque()
        self._again: set[int] = set()
        self._window = window
        self._revisions = revisions
        self._object_ms = 0

    def append(self, ms: int, now: float) -> None:
        """Make the next row: of a new object, or the final one of the last."""
        number, revision = divmod(self.made, self._revisions)
        self.made += 1
        if revision == 0:
            self._object_ms = ms
        # One revision alone is the final one.
        final = revision if self._revisions > 1 else 1
        self._waiting.append(Row(self.made, number, final, self._object_ms, now))

    @property
    def objects(self) -> int:
        """What the rows made so far tell of."""
        return -(-self.made // self._revisions)

    @property
    def open(self) -> int:
        """Rows that are not answered yet."""
        return len(self._waiting) + len(self.in_flight)

    def due(self, now: float) -> list[Row]:
        """The rows to send now; each counts as sent."""
        rows = []
        while self._waiting and len(self.in_flight) < self._window:
            row = self._waiting.popleft()
            self.in_flight[row.seq] = (row, now)
            self.resent += row.seq in self._again
            rows.append(row)
        return rows

    def answered(self, seqs: Iterable[int]) -> list[tuple[Row, float]]:
        """Delete rows; those that were in flight, with when they were sent."""
        popped = (self.in_flight.pop(seq, None) for seq in seqs)
        return [found for found in popped if found is not None]

    def lost_line(self) -> None:
        """Whatever was sent and not answered goes again, before what is newer."""
        self._take_back([row for row, _ in self.in_flight.values()])

    def overdue(self, before: float) -> None:
        """What was sent before then and is not answered goes again."""
        oldest = islice(self.in_flight.values(), self._window)
        self._take_back([row for row, sent in oldest if sent < before])

    def _take_back(self, rows: list[Row]) -> None:
        for row in rows:
            del self.in_flight[row.seq]
        self._again.update(row.seq for row in rows)
        self._waiting.extendleft(sorted(rows, reverse=True))
