"""The index follows the database; it is never written beside it.

The cursor moves after the index has made the changes durable. A crash in between means that some
changes are made twice, which changes nothing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from central.index.changes import (
    Cursor,
    adopt_restored_rows,
    changes_after,
    cursor_now,
    part_rows,
    partition_days,
    read_cursor,
    write_cursor,
)
from central.index.marks import (
    expected_points,
    forget_days,
    lacking_days,
    note_changed,
    note_lacking,
    note_whole,
    verified_days,
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
        self._healed: UUID | None = None
        self._had: set[date] = set()

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
            days = {point.day for point in changes.points}
            with self._begin() as connection:
                write_cursor(connection, self._index.index_id, changes.cursor)
                note_changed(connection, self._index.index_id, days)
            self._had |= days
        self._indexed += changes.rows
        return changes.rows

    def heal(self) -> list[date]:
        """Build again the parts that have fewer points than the cursor says; gives their days.

        Parts of days that the database no longer has are dropped. Days that were compared before
        and have not changed since are not counted in the database again.

        Raises:
            StorageError: database or index are not there.
        """
        index = self._index
        with self._begin() as connection:
            adopt_restored_rows(connection)
            cursor = read_cursor(connection, index.index_id)
            verified = verified_days(connection, index.index_id)
            lacking = lacking_days(connection, index.index_id) | index.lacking()
            present = {UNDATED, *partition_days(connection)}
            forget_days(connection, index.index_id, present)
        for day in set(index.days()) - present:
            index.drop_day(day)
        for day in lacking - present:
            index.set_lacking(day, lacking=False)
        short = [
            day
            for day in sorted(present)
            if day in lacking or not self._is_whole(day, verified.get(day), cursor)
        ]
        for day in short:
            _log.warning("a part of the index is built again", day=day.isoformat())
            self.rebuild_day(day)
        self._healed, self._had = index.index_id, set(index.days())
        return short

    def _is_whole(self, day: date, verified: int | None, cursor: Cursor) -> bool:
        points = self._index.count(day)
        if verified is not None and points >= verified:
            return True
        with self._begin() as connection:
            expected = expected_points(connection, day, cursor)
            if points < expected:
                return False
            note_whole(connection, self._index.index_id, day, expected)
        return True

    def rebuild(self, progress: Callable[[int], None]) -> int:
        """Empty the index and fill it from the database; gives the number of sightings.

        `progress` is called with the number done so far.

        Raises:
            StorageError: database or index are not there.
        """
        with self._begin() as connection:
            # First: with this cursor, searches ask the database for everything.
            adopt_restored_rows(connection)
            write_cursor(connection, self._index.index_id, Cursor())
            forget_days(connection, self._index.index_id, [])
        for day in self._index.days():
            self._index.drop_day(day)
        with self._begin() as connection:
            reached = cursor_now(connection)
            parts = sorted({UNDATED, *partition_days(connection)})
        done = 0
        for part in parts:
            done = self._fill(part, progress, done)
        with self._begin() as connection:
            write_cursor(connection, self._index.index_id, reached)
        for day in self._index.lacking():
            self._index.set_lacking(day, lacking=False)
        while rows := self.step():
            done += rows
            progress(done)
        return done

    def rebuild_day(self, day: date, progress: Callable[[int], None] = lambda _: None) -> int:
        """Empty one part and fill it from the database; gives the number of sightings.

        Until it is whole again, index and database say that the index lacks the day.

        Raises:
            StorageError: database or index are not there.
        """
        with self._begin() as connection:
            note_lacking(connection, self._index.index_id, day)
        self._index.set_lacking(day, lacking=True)
        self._index.drop_day(day)
        done = self._fill(day, progress, 0)
        with self._begin() as connection:
            note_whole(connection, self._index.index_id, day, self._index.count(day))
        self._index.set_lacking(day, lacking=False)
        return done

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set; what is away is waited for, with back-off."""
        delay, doubtful = _FIRST_DELAY_S, True
        while not stop.is_set():
            try:
                if self._index.lacking() or (doubtful and self._has_lost_something()):
                    self.heal()
                doubtful = False
                rows = self.step()
            except StorageError as error:
                self._trouble, doubtful = str(error), True
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

    def _has_lost_something(self) -> bool:
        """Whether it is another index, or without days that it had, since it was last healed."""
        return self._healed != self._index.index_id or not self._had <= set(self._index.days())

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
