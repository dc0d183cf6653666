"""Crops on disk: one SQLite file a day, so that retention is deleting a file.

A name on disk is made from a `date` and nothing else, so no id, camera or box can reach outside.
A crop with a lower revision never replaces a higher one: replays in any order end the same.
"""

import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from central.days import is_plausible
from shared.clock import Clock, SystemClock
from shared.errors import StorageError

_SUFFIX = ".sqlite"
_UNDATED = f"undated{_SUFFIX}"
_OPEN_FILES = 8
_BUSY_S = 10.0
# A crop is some 2 KB: of two in a page of 4 KB, the default, nearly half would be empty. Measured
# with 30,000 crops of 2,064 bytes: 2,695 bytes each on disk, 3,661 in pages of 4 KB, and half the
# processor time. LMDB takes 3,629 and writes 59 KB for each; packs with an index beside 2,251.
_PAGE_BYTES = 16_384
_SCHEMA = """
CREATE TABLE IF NOT EXISTS crops (
    id BLOB PRIMARY KEY, day TEXT NOT NULL, revision INTEGER NOT NULL, data BLOB NOT NULL
)
"""
_PUT = """
INSERT INTO crops (id, day, revision, data) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, data = excluded.data
WHERE excluded.revision > crops.revision
"""
_COUNT = "SELECT count(*) FROM crops"
_COUNT_DAY = "SELECT count(*) FROM crops WHERE day = ?"
_HELD = "SELECT day, id FROM crops WHERE id > ? ORDER BY id LIMIT ?"
_DATED = re.compile(r"\d{4}-\d\d-\d\d\.")
_OWN = re.compile(r"(\d{4}-\d\d-\d\d|undated)\.sqlite(-wal|-shm)?")


class StoredCrop(NamedTuple):
    """A sighting's picture (WebP bytes) at one revision."""

    day: date
    id: UUID
    revision: int
    data: bytes


class CropStore:
    """The crops below `root`. Safe to use from several threads and processes."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._readers = _Files(_open_reader)
        self._writers = _Files(_open_writer)

    def put_many(self, crops: Sequence[StoredCrop]) -> None:
        """Keep `crops`; when this returns they survive a loss of power.

        Raises:
            StorageError: the disk refused; what was kept of them is not known.
        """
        # Ids of one time lie side by side, so fewer pages are touched.
        ordered = sorted(crops, key=lambda crop: (self._path(crop), crop.id.bytes))
        for path, same in groupby(ordered, key=self._path):
            rows = [
                (crop.id.bytes, crop.day.isoformat(), crop.revision, crop.data) for crop in same
            ]
            with self._writers.use(path) as db, db:
                db.executemany(_PUT, rows)

    def get(self, day: date, sighting: UUID) -> bytes | None:
        """The newest crop of `sighting`, or None.

        Raises:
            StorageError: the file cannot be read.
        """
        for path in (self._root / _name(day), self._root / _UNDATED):
            if path.exists():
                with self._readers.use(path) as db:
                    query = "SELECT data FROM crops WHERE id = ? AND day = ?"
                    rows = _rows(db, query, (sighting.bytes, day.isoformat()))
                if rows:
                    return bytes(rows[0][0])
        return None

    def drop_day(self, day: date) -> None:
        """Delete every crop of `day`.

        Raises:
            StorageError: the disk refuses.
        """
        path = self._root / _name(day)
        self._readers.forget(path)
        self._writers.forget(path)
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"crops in {file} cannot be deleted: {error}") from error
        undated = self._root / _UNDATED
        if undated.exists():
            with self._writers.use(undated) as db, db:
                db.execute("DELETE FROM crops WHERE day = ?", (day.isoformat(),))

    def forget(self, day: date, ids: Sequence[UUID]) -> int:
        """Delete the crops of `ids`, sightings of `day`; give how many there were.

        Their bytes are overwritten; the file keeps its size until its day is dropped.

        Raises:
            StorageError: the file cannot be written.
        """
        gone = 0
        for path in self._files_of(day):
            with self._writers.use(path) as db, db:
                named = [(identifier.bytes, day.isoformat()) for identifier in ids]
                gone += db.executemany("DELETE FROM crops WHERE id = ? AND day = ?", named).rowcount
        return gone

    def count(self, day: date) -> int:
        """How many crops of `day` are here.

        Raises:
            StorageError: a file cannot be read.
        """
        own, undated = self._root / _name(day), self._root / _UNDATED
        found = self._ask(own, _COUNT) if own.exists() else []
        found += self._ask(undated, _COUNT_DAY, day.isoformat()) if undated.exists() else []
        return sum(row[0] for row in found)

    def held(self, day: date | None, after: UUID, limit: int) -> list[tuple[date, UUID]]:
        """The next `limit` crops in the order of ids in the file of `day`; None: in the undated.

        Raises:
            StorageError: the file cannot be read.
        """
        path = self._root / (_UNDATED if day is None else _name(day))
        found = self._ask(path, _HELD, after.bytes, limit) if path.exists() else []
        return [(date.fromisoformat(row[0]), UUID(bytes=row[1])) for row in found]

    def strays(self) -> list[Path]:
        """Files that are not the store's."""
        files = self._root.iterdir() if self._root.is_dir() else ()
        return sorted(file for file in files if _OWN.fullmatch(file.name) is None)

    def days(self) -> list[date]:
        """The days that have a file of their own, oldest first."""
        files = self._root.glob(f"*{_SUFFIX}")
        return sorted(date.fromisoformat(file.stem) for file in files if _DATED.match(file.name))

    def bytes(self, day: date) -> int:
        """How much of the disk the file of `day` takes."""
        path = self._root / _name(day)
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Close every file."""
        self._readers.close()
        self._writers.close()

    def _files_of(self, day: date) -> list[Path]:
        return [path for path in (self._root / _name(day), self._root / _UNDATED) if path.exists()]

    def _ask(self, path: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._readers.use(path) as db:
            return _rows(db, query, values)

    def _path(self, crop: StoredCrop) -> Path:
        plausible = is_plausible(crop.day, self._clock.now_ms())
        return self._root / (_name(crop.day) if plausible else _UNDATED)


def _rows(db: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    try:
        return db.execute(query, values).fetchall()
    except sqlite3.OperationalError as error:
        # The file was made a moment ago: nothing is in it yet.
        if "no such table" not in str(error):
            raise
        return []


def _name(day: date) -> str:
    return f"{day.isoformat()}{_SUFFIX}"


def _open_writer(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
    # Heeded by a new file only; one that is there keeps its own.
    db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA secure_delete = ON")
    db.execute(_SCHEMA)
    return db


def _open_reader(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
    db.execute("PRAGMA query_only = ON")
    return db


class _Files:
    """The most recently used files, open; one user of a file at a time.

    A file that was deleted, here or by another process, is let go of at the next use of any, so
    that its space comes back; one that was made again in its place is opened anew.
    """

    def __init__(self, opener: Callable[[Path], sqlite3.Connection]) -> None:
        self._opener = opener
        self._open: OrderedDict[Path, _OpenFile] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def use(self, path: Path) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._take(path)
            except (sqlite3.Error, OSError) as error:
                self._drop(path)
                raise StorageError(
                    f"crops in {path}: {error}; check the disk's space and health"
                ) from error

    def forget(self, path: Path) -> None:
        with self._lock:
            self._drop(path)

    def close(self) -> None:
        with self._lock:
            for path in list(self._open):
                self._drop(path)

    def _take(self, path: Path) -> sqlite3.Connection:
        # An inode that is held open is given to no other file.
        for other, (_, inode) in list(self._open.items()):
            if _inode(other) != inode:
                self._drop(other)
        if path not in self._open:
            db = self._opener(path)
            self._open[path] = _OpenFile(db, _inode(path))
        self._open.move_to_end(path)
        while len(self._open) > _OPEN_FILES:
            self._drop(next(iter(self._open)))
        return self._open[path].db

    def _drop(self, path: Path) -> None:
        held = self._open.pop(path, None)
        if held is not None:
            held.db.close()


class _OpenFile(NamedTuple):
    db: sqlite3.Connection
    inode: tuple[int, int] | None


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
