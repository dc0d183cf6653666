"""The Qdrant engine inside this process, a shard a day and embedding space.

Everything in it can be made again from the database, so a part that cannot be read is set aside
and its day is built again (see `central.index.follower`).
"""

import re
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from central.index.edge_engine import Part
from central.index.identity import index_identity, lock_directory, part_folders, set_aside
from central.index.port import (
    UNDATED,
    IndexHit,
    IndexPoint,
    IndexQuery,
    LackingDays,
    best,
    scope_of,
)
from shared.errors import StorageError
from shared.ids import PLAIN_NAME

# New points are scanned in float32 until there are this many of them.
_OPTIMISE_AFTER = 20_000


class PartKey(NamedTuple):
    """Which part: folders of these names below `parts/`."""

    day: date
    space: str


class QdrantEdgeIndex(LackingDays):
    """The port `VectorIndex` over Qdrant Edge, below `root`."""

    def __init__(self, root: Path, *, threads: int = 1) -> None:
        """Open the index, or make it; parts are opened when they are first needed.

        Args:
            root: its directory; one process at a time.
            threads: search threads a part.

        Raises:
            StorageError: the directory is in use, or cannot be made.
        """
        super().__init__()
        self._root = root
        self._threads = threads
        self._held = lock_directory(root)
        self._parts: dict[PartKey, Part] = {}
        self._lock = threading.RLock()
        self._id = index_identity(root)
        self._known = {PartKey(*found) for found in part_folders(root)}

    @property
    def index_id(self) -> UUID:
        """Made when the directory is; a lost one comes back with another."""
        return self._id

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`; one with a known id replaces it, in whatever part that was."""
        groups: dict[PartKey, dict[UUID, IndexPoint]] = defaultdict(dict)
        for point in points:
            groups[PartKey(point.day, point.space)][point.id] = point
        for key, group in groups.items():
            rows = list(group.values())
            part = self._open(key) or self._create(key, rows[0].vector.size)
            part.upsert(rows)
            for other in self._elsewhere(key):
                other.forget(list(group))

    def search(self, query: IndexQuery) -> list[IndexHit]:
        """The `query.limit` best in scope, best first, exactly."""
        hits: list[IndexHit] = []
        if query.cameras is not None and not query.cameras:
            return hits
        for key in self._keys():
            scope = scope_of(key.day, query)
            part = self._open(key) if scope and key.space == query.space else None
            if scope and part:
                with self._unless_dropped(key, part):
                    hits += part.search(query, scope)
        return best(hits, query.limit)

    def count(self, day: date | None = None) -> int:
        """Points kept, or those of one part."""
        points = 0
        for key in [key for key in self._keys() if day in {None, key.day}]:
            part = self._open(key)
            if part:
                with self._unless_dropped(key, part):
                    points += part.count()
        return points

    def days(self) -> list[date]:
        """The parts there are, oldest first."""
        return sorted({key.day for key in self._keys()})

    def drop_day(self, day: date) -> None:
        """Forget a part; nothing happens if there is none."""
        with self._lock:
            for key in [key for key in self._keys() if key.day == day]:
                self._known.discard(key)
                part = self._parts.pop(key, None)
                if part:
                    part.close()
            shutil.rmtree(self._root / "parts" / day.isoformat(), ignore_errors=True)

    def forget(self, day: date, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids` from the part `day`; those that are not there are fine."""
        for part in map(self._open, [key for key in self._keys() if key.day == day and ids]):
            if part:
                part.forget(ids)

    def flush(self) -> None:
        """Return when everything upserted so far would survive a loss of power."""
        with self._lock:
            parts = list(self._parts.items())
        for key, part in parts:
            with self._unless_dropped(key, part):
                if part.dirty:
                    part.flush()
                if part.changed >= _OPTIMISE_AFTER:
                    part.optimise()

    def close(self) -> None:
        """Flush, and let go of the files."""
        with self._lock:
            self.flush()
            while self._parts:
                self._parts.popitem()[1].close()
            self._held.close()

    @contextmanager
    def _unless_dropped(self, key: PartKey, part: Part) -> Iterator[None]:
        """What fails because the part was dropped meanwhile does not fail."""
        try:
            yield
        except StorageError:
            with self._lock:
                if self._parts.get(key) is part:
                    raise

    def _keys(self) -> list[PartKey]:
        with self._lock:
            return sorted(self._known)

    def _path(self, key: PartKey) -> Path:
        if re.fullmatch(PLAIN_NAME, key.space) is None:
            raise StorageError(f"embedding space {key.space[:64]!r} cannot name a folder")
        return self._root / "parts" / key.day.isoformat() / key.space

    def _elsewhere(self, key: PartKey) -> Iterator[Part]:
        """Other parts that an earlier revision of a sighting of `key` may be in."""
        for other in self._keys():
            if other != key and other.day in {key.day, UNDATED}:
                part = self._open(other)
                if part:
                    yield part

    def _open(self, key: PartKey) -> Part | None:
        with self._lock:
            if key not in self._parts and key in self._known:
                path = self._path(key)
                try:
                    self._parts[key] = Part.load(path)
                except StorageError as error:
                    self._known.discard(key)
                    self.set_lacking(key.day, lacking=True)
                    set_aside(self._root, path, error)
            return self._parts.get(key)

    def _create(self, key: PartKey, dimensions: int) -> Part:
        with self._lock:
            part = self._parts[key] = Part.create(self._path(key), dimensions, self._threads)
            self._known.add(key)
            return part
