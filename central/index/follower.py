"""The index follows the database; it is never written beside it.

The cursor moves after the index has made the changes durable. A crash in between means that some
changes are made twice, which changes nothing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from central.index.changes import (
    Cursor,
    adopt_restored_rows,
    changes_after,
    cursor_now,
    expected_counts,
    part_rows,
    partition_days,
    read_cursor,
    write_cursor,
)
from central.index.port import UNDATED, VectorIndex
from central.services import PartHealth
from shared.errors import StorageError

BATCH = 1000
_POLL_S = 0.3
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0

_log = structlog.get_logger(__name__)


class IndexFollower:
    """Keeps one index at the database's state. One follower an index."""

    def __init__(self, engine: Engine, index: VectorIndex, *, batch: int = BATCH) -> None:
        self._engine = engine
        self._index = index
        self._batch = batch
        self._trouble: str | None = "not started"
        self._indexed = 0

    def step(self) -> int:
        """Take over the next changes; gives their number, 0 when there is nothing to do.

        Raises:
            StorageError: database or index are not there; the same changes come again.
        """
        with self._begin() as connection:
            cursor = read_cursor(connection, self._index.index_id)
            changes = changes_after(connection, cursor, self._batch)
        if changes.rows:
            self._index.upsert(changes.points)
            self._index.flush()
            with self._begin() as connection:
                write_cursor(connection, self._index.index_id, changes.cursor)
        self._indexed += changes.rows
        return changes.rows

    def heal(self) -> list[date]:
        """Build again the parts that have fewer points than the cursor says; gives their days.

        Parts of days that the database no longer has are dropped.

        Raises:
            StorageError: database or index are not there.
        """
        with self._begin() as connection:
            adopt_restored_rows(connection)
            cursor = read_cursor(connection, self._index.index_id)
            expected = expected_counts(connection, cursor)
            present = partition_days(connection)
        for day in self._index.days():
            if day not in expected and day not in present:
                self._index.drop_day(day)
        for day in self._index.lacking() - set(expected):
            self._index.set_lacking(day, lacking=False)
        lacking = self._index.lacking()
        short = [
            day
            for day, points in expected.items()
            if day in lacking or self._index.count(day) < points
        ]
        for day in short:
            _log.warning("a part of the index is built again", day=day.isoformat())
            self.rebuild_day(day)
        return short

    def rebuild(self, progress: Callable[[int], None]) -> int:
        """Empty the index and fill it from the database; gives the number of sightings.

        `progress` is called with the number done so far.

        Raises:
            StorageError: database or index are not there.
        """
        for day in self._index.days():
            self._index.drop_day(day)
        with self._begin() as connection:
            adopt_restored_rows(connection)
            write_cursor(connection, self._index.index_id, Cursor())
        with self._begin() as connection:
            reached = cursor_now(connection)
            parts = sorted({UNDATED, *partition_days(connection)})
        done = 0
        for part in parts:
            done = self._fill(part, progress, done)
        with self._begin() as connection:
            write_cursor(connection, self._index.index_id, reached)
        while rows := self.step():
            done += rows
            progress(done)
        return done

    def rebuild_day(self, day: date, progress: Callable[[int], None] = lambda _: None) -> int:
        """Empty one part and fill it from the database; gives the number of sightings.

        Until it is whole again, the index says that it lacks the day.

        Raises:
            StorageError: database or index are not there.
        """
        self._index.set_lacking(day, lacking=True)
        self._index.drop_day(day)
        done = self._fill(day, progress, 0)
        self._index.set_lacking(day, lacking=False)
        return done

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set; what is away is waited for, with back-off."""
        delay, healed = _FIRST_DELAY_S, False
        while not stop.is_set():
            try:
                if not healed or self._index.lacking():
                    self.heal()
                    healed = True
                rows = self.step()
            except StorageError as error:
                self._trouble, healed = str(error), False
                _log.warning("the index waits", error=str(error))
                stop.wait(delay)
                delay = min(delay * 2, _LONGEST_DELAY_S)
                continue
            self._trouble, delay = None, _FIRST_DELAY_S
            if not rows:
                stop.wait(_POLL_S)

    def health(self) -> PartHealth:
        """Whether the index follows."""
        detail = self._trouble or "the index follows"
        return PartHealth(self._trouble is None, detail, {"indexed": self._indexed})

    def _fill(self, part: date, progress: Callable[[int], None], done: int) -> int:
        # Closed, whatever the index refuses in between: its cursor is the server's.
        with (
            self._begin() as connection,
            closing(part_rows(connection, part, self._batch)) as batches,
        ):
            for points in batches:
                self._index.upsert(points)
                self._index.flush()
                done += len(points)
                progress(done)
        return done

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StorageError(f"the index cannot read the database: {error.orig}") from error
