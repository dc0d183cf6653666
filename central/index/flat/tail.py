"""The tail of a part: what came last, in a log on disk and in columns in memory.

What is torn at the end of the log was not flushed, and is cut off (see `records`).
"""

import os
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.index.flat.columns import Columns, Filters, Group, Names, Places, in_window
from central.index.flat.records import Record, packed, whole_records
from central.index.flat.scan import Ids, Int8s, Rows, Slices, inverse_norms, slices_of
from central.index.identity import IndexDamaged
from central.index.port import PartScope
from shared.errors import StorageError
from shared.vectors import Vector

_FIRST_ROWS = 1024


class TailView(NamedTuple):
    """The tail at one moment: the first rows of arrays that only grow."""

    columns: Columns
    inverse_norms: Vector
    alive: NDArray[np.bool_]
    places: Places

    @property
    def vectors(self) -> Int8s:
        """Shape (N, D)."""
        return self.columns.vectors

    @property
    def ids(self) -> Ids:
        """Shape (N, 2)."""
        return self.columns.ids

    def select(self, filters: Filters, scope: PartScope) -> Slices:
        """Which rows are in scope."""
        selected = self.alive.copy()
        groups = self.places.wanted(filters)
        if groups is not None:
            selected &= groups[self.columns.codes]
        seen = in_window(scope, self.columns.first_seen, self.columns.last_seen, 0)
        if seen is not None:
            selected &= seen
        if filters.exclude.size:
            firsts = np.isin(self.ids[:, 0], filters.exclude[:, 0])
            selected &= ~(firsts & np.isin(self.ids[:, 1], filters.exclude[:, 1]))
        return slices_of(selected)


class Tail:
    """The tail kept in the log `path`. Not safe for threads: the part sees to that."""

    def __init__(self, path: Path, file: FileIO, dimensions: int, names: Names) -> None:
        """An empty tail that appends to `file`, which is `path`, where it stands.

        `logged` counts ids in the log, replaced and forgotten ones too: what opening it takes.
        """
        self.path = path
        self._file = file
        self._names = names
        self._numbered = Places([], names)
        self._places: dict[Group, int] = {}
        self._rows: dict[bytes, int] = {}
        self._count = 0
        self.logged = 0
        self._ids = np.empty((_FIRST_ROWS, 2), np.uint64)
        self._codes = np.empty(_FIRST_ROWS, np.int32)
        self._first = np.empty(_FIRST_ROWS, np.int64)
        self._last = np.empty(_FIRST_ROWS, np.int64)
        self._vectors = np.empty((_FIRST_ROWS, dimensions), np.int8)
        self._inverse = np.empty(_FIRST_ROWS, np.float32)
        self._alive = np.zeros(_FIRST_ROWS, np.bool_)

    @classmethod
    def create(cls, path: Path, dimensions: int, names: Names) -> "Tail":
        """An empty tail; a log that is there is begun anew.

        Raises:
            StorageError: the disk refused.
        """
        try:
            return cls(path, FileIO(path, "w"), dimensions, names)
        except OSError as error:
            raise StorageError(f"index log {path} cannot be written: {error}") from error

    @classmethod
    def load(cls, path: Path, dimensions: int, names: Names) -> tuple["Tail", list[Record]]:
        """The tail whose log is `path`, and the records to `apply` to it.

        What follows the last whole record is cut off.

        Raises:
            IndexDamaged: the log is not there or damaged.
            StorageError: it cannot be read now.
        """
        try:
            records, whole = whole_records(path.read_bytes(), dimensions)
            file = FileIO(path, "r+")
            file.truncate(whole)
            file.seek(whole)
        except (FileNotFoundError, IsADirectoryError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"index log {path} is damaged: {error}") from error
        except OSError as error:
            raise StorageError(f"index log {path} cannot be read: {error}") from error
        return cls(path, file, dimensions, names), records

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return self._vectors.shape[1]

    def has(self, ids: Ids) -> bool:
        """Whether one of `ids` is here."""
        return any(pair.tobytes() in self._rows for pair in ids)

    def write(self, record: Record) -> None:
        """Append `record` to the log; durable after `flush`.

        Raises:
            StorageError: the disk refused.
        """
        data = memoryview(packed(record))
        try:
            start = self._file.tell()
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._file.truncate(start)
            self._file.seek(start)
            raise StorageError(f"index log {self.path} cannot be written: {error}") from error

    def apply(self, record: Record) -> None:
        """Take `record` over; an id that is here already is replaced."""
        self.logged += len(record.ids)
        self._forget(record.gone)
        if record.columns is not None:
            self._append(record.columns)

    def view(self) -> TailView:
        """What is here now."""
        count = self._count
        columns = Columns(
            self._ids[:count],
            list(self._places),
            self._codes[:count],
            self._first[:count],
            self._last[:count],
            self._vectors[:count],
        )
        alive = self._alive[:count].copy()
        return TailView(columns, self._inverse[:count], alive, self._numbered)

    def flush(self) -> None:
        """Make what was written durable.

        Raises:
            StorageError: the disk refused.
        """
        try:
            os.fdatasync(self._file.fileno())
        except OSError as error:
            raise StorageError(f"index log {self.path} cannot be flushed: {error}") from error

    def close(self) -> None:
        """Let go of the log."""
        self._file.close()

    def _forget(self, ids: Ids) -> None:
        for pair in ids:
            row = self._rows.pop(pair.tobytes(), None)
            if row is not None:
                self._alive[row] = False

    def _append(self, columns: Columns) -> None:
        self._forget(columns.ids)
        start, stop = self._count, self._count + len(columns.ids)
        self._make_room(stop)
        before = len(self._places)
        places = [self._places.setdefault(group, len(self._places)) for group in columns.groups]
        if len(self._places) > before:
            self._numbered = Places(list(self._places), self._names)
        self._ids[start:stop] = columns.ids
        self._codes[start:stop] = np.array(places, np.int32)[columns.codes]
        self._first[start:stop] = columns.first_seen
        self._last[start:stop] = columns.last_seen
        self._vectors[start:stop] = columns.vectors
        self._inverse[start:stop] = inverse_norms(columns.vectors)
        self._alive[start:stop] = True
        for row, pair in enumerate(columns.ids, start=start):
            self._rows[pair.tobytes()] = row
        self._count = stop

    def _make_room(self, rows: int) -> None:
        """Grow into new arrays: views keep the old ones."""
        size = len(self._ids)
        if rows <= size:
            return
        while size < rows:
            size *= 2
        for name in ("_ids", "_codes", "_first", "_last", "_vectors", "_inverse", "_alive"):
            old: NDArray[Any] = getattr(self, name)
            new = np.zeros((size, *old.shape[1:]), old.dtype)
            new[: self._count] = old[: self._count]
            setattr(self, name, new)


def dead_rows(found: Rows, dead: Rows) -> Rows:
    """`dead` with those of `found` that are rows (not -1), sorted, each once."""
    new = found[found >= 0]
    return dead if not new.size else np.union1d(dead, new)
