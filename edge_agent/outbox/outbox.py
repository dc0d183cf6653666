"""Rows for the centre, durable from `append` until the centre has committed them."""

import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Self
from uuid import UUID, uuid4

from edge_agent.outbox import crops, gaps
from edge_agent.outbox.crops import WaitingCrop
from edge_agent.outbox.file import FILE_NAME, OutboxDamaged, lock, open_file, set_aside, translated
from edge_agent.outbox.room import make_room
from edge_agent.outbox.rows import NO_END, OutboxCount, Row, Span, rows_in, used
from shared.clock import Clock
from shared.errors import PayloadTooLarge, StorageError
from shared.messages import Gap
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.outbox_id import OutboxId
from shared.topics import Lane

# A sighting this young is live: it goes before the backlog.
LIVE_S = 60.0


class Outbox:
    """The outbox in `folder`. Safe to use from several threads.

    Args:
        folder: the box's data folder; made when missing, held for this process alone.
        max_bytes: the disk cap. At the cap waiting pictures are evicted first, then the oldest
            sightings, alerts last; each evicted row is kept as a gap until the centre has
            confirmed the report of it.
        clock: wall time for rows, stopwatch for what counts as live.
        new_epoch: names a new file.

    Raises:
        StorageError: another agent runs on `folder`, or the disk refuses.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int,
        clock: Clock,
        new_epoch: Callable[[], UUID] = uuid4,
    ) -> None:
        self._path = folder / FILE_NAME
        self._max_bytes = max_bytes
        self._clock = clock
        self._new_epoch = new_epoch
        self._mutex = RLock()
        self._recent: deque[tuple[float, int]] = deque()
        self._failed = 0
        self._listener: Callable[[], None] = _nobody
        self._held = lock(folder)
        try:
            self._open()
        except BaseException:
            self._held.close()
            raise

    @property
    def epoch(self) -> UUID:
        """The name of the present file; rows of other epochs are not in it."""
        return self._epoch

    def on_append(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each append, from the appending thread."""
        self._listener = listener

    def append(self, lane: Lane, payload: bytes, crop: WaitingCrop | None = None) -> OutboxId:
        """Keep `payload` for `lane`, and a picture to follow it; on disk when this returns.

        Raises:
            PayloadTooLarge: over the wire's cap; nothing would take it.
            StorageError: the disk refuses; counted in `OutboxCount.failed`.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise PayloadTooLarge(f"{lane} of {len(payload)} bytes; the cap is {MAX_PAYLOAD_BYTES}")
        with self._mutex:
            try:
                appended = self._append(lane, payload, crop)
            except OutboxDamaged:
                appended = self._append(lane, payload, crop)
        self._listener()
        return appended

    def append_report(self, compose: Callable[[list[Gap]], bytes]) -> OutboxId | None:
        """Keep a telemetry row that reports the gaps; None when there is nothing to report.

        One report is on its way at a time. Its gaps are deleted when it is acknowledged.

        Raises:
            StorageError: the disk refuses.
        """
        with self._writing() as db:
            found = gaps.unreported(db)
            if not found:
                return None
            seq = self._insert(db, Lane.TELEMETRY, compose(found))
            gaps.mark(db, found, seq)
        self._listener()
        return OutboxId(self._epoch, seq)

    def let_go(
        self,
        most: int,
        tell: Callable[[list[bytes]], bytes],
        asked: Collection[bytes] = (),
    ) -> int:
        """Make rows of waiting pictures; give how many rows.

        Args:
            most: the newest so many go, and before them a row that tells which were given up.
            tell: composes that row from the names of the sightings.
            asked: when not empty, only the pictures of these sightings go, all of them.

        Raises:
            StorageError: the disk refuses.
        """
        with self._writing() as db:
            gone = [] if asked else crops.take_gone(db)
            taken = crops.take(db, most, asked)
            for payload in [tell(gone), *taken] if gone else taken:
                self._insert(db, Lane.CROP, payload)
            self._crops -= len(taken)
            self._untold = crops.untold(db)
        return len(taken) + bool(gone)

    @property
    def holds_crops(self) -> bool:
        """Whether `let_go` has anything to do."""
        return self._crops > 0 or self._untold

    def pending(self, limit: int, skip: Collection[OutboxId] = ()) -> list[Row]:
        """The next `limit` rows to send, but for those in `skip`.

        Alerts, then pictures that were let go, then live sightings (appended by this process in
        the last `LIVE_S` seconds), then the backlog, then reports; the oldest first within each.

        Raises:
            StorageError: the disk refuses.
        """
        with self._mutex:
            live = self._live_from()
            passed = [row.seq for row in skip if row.epoch == self._epoch]
            found: list[Row] = []
            spans = (
                Span(Lane.ALERT),
                Span(Lane.CROP),
                Span(Lane.SIGHTING, first=live),
                Span(Lane.SIGHTING, end=live),
                Span(Lane.TELEMETRY),
            )
            for span in spans:
                if len(found) < limit:
                    with self._reading() as db:
                        found += rows_in(db, self._epoch, span, passed, limit - len(found))
            return found

    def delete(self, ids: Collection[OutboxId]) -> int:
        """Forget rows the centre has; give how many there were. Others' epochs are ignored.

        Raises:
            StorageError: the disk refuses.
        """
        deleted = 0
        with self._writing() as db:
            for row in ids:
                if row.epoch != self._epoch:
                    continue
                if db.execute("DELETE FROM rows WHERE seq = ?", (row.seq,)).rowcount:
                    deleted += 1
                    gaps.confirm(db, row.seq)
                else:
                    gaps.take_back(db, row.seq)
            self._rows -= deleted
        return deleted

    def count(self) -> OutboxCount:
        """How full it is.

        Raises:
            StorageError: the disk refuses.
        """
        with self._mutex, self._reading() as db:
            return OutboxCount(
                self._rows,
                used(db),
                gaps.evicted(db),
                self._failed,
                self._crops,
                crops.evicted(db),
            )

    def gaps(self) -> list[Gap]:
        """Evicted rows the centre has not confirmed to know of, oldest first.

        Raises:
            StorageError: the disk refuses.
        """
        with self._mutex, self._reading() as db:
            return gaps.every(db)

    def close(self) -> None:
        """Let go of the file and the folder."""
        with self._mutex:
            self._db.close()
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        try:
            self._db = open_file(self._path, self._new_epoch)
        except OutboxDamaged:
            set_aside(self._path, self._clock)
            self._db = open_file(self._path, self._new_epoch)
        with translated(self._path):
            value = self._db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
            self._rows = int(self._db.execute("SELECT count(*) FROM rows").fetchone()[0])
            self._crops, self._untold = crops.waiting(self._db), crops.untold(self._db)
        self._epoch = UUID(hex=value)

    def _append(self, lane: Lane, payload: bytes, crop: WaitingCrop | None) -> OutboxId:
        try:
            with self._writing() as db:
                size = len(payload) + (len(crop.payload) if crop else 0)
                given_up = make_room(db, size, self._max_bytes)
                self._rows -= given_up.rows
                self._crops -= given_up.crops
                self._untold = self._untold or given_up.crops > 0
                seq = self._insert(db, lane, payload)
                if crop is not None:
                    self._crops += crops.add(db, crop)
        except StorageError:
            self._failed += 1
            raise
        self._recent.append((self._clock.monotonic(), seq))
        self._live_from()
        return OutboxId(self._epoch, seq)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The database; a file found damaged makes way for a new one before the error goes on."""
        try:
            with translated(self._path):
                yield self._db
        except OutboxDamaged:
            self._db.close()
            set_aside(self._path, self._clock)
            self._recent.clear()
            self._open()
            raise

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        with self._mutex, self._reading() as db:
            rows, waiting, untold = self._rows, self._crops, self._untold
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                self._rows, self._crops, self._untold = rows, waiting, untold
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _insert(self, db: sqlite3.Connection, lane: Lane, payload: bytes) -> int:
        done = db.execute(
            "INSERT INTO rows (lane, payload, bytes, created) VALUES (?, ?, ?, ?)",
            (lane.value, payload, len(payload), self._clock.now_ms()),
        )
        self._rows += 1
        return int(done.lastrowid or 0)

    def _live_from(self) -> int:
        """The first live sequence number, or one past every row; older ones are forgotten."""
        oldest = self._clock.monotonic() - LIVE_S
        while self._recent and self._recent[0][0] < oldest:
            self._recent.popleft()
        return self._recent[0][1] if self._recent else NO_END


def _nobody() -> None:
    """Before anyone listens."""
