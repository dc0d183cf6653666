"""The default index: parts of memory-mapped int8 vectors below one directory.

Everything in it can be made again from the database, so a part that cannot be read is set aside
and its day is built again (see `central.index.follower`).
"""

import re
import shutil
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from central.index.flat.columns import Filters, Names
from central.index.flat.part import Part, Scan
from central.index.flat.scan import Best, Probe
from central.index.identity import (
    IndexDamaged,
    check_still_there,
    index_identity,
    lock_directory,
    part_folders,
    set_aside,
)
from central.index.port import UNDATED, IndexHit, IndexPoint, IndexQuery, LackingDays, scope_of
from shared.errors import StorageError
from shared.ids import PLAIN_NAME

OPEN_PARTS = 128


class PartKey(NamedTuple):
    """Which part: folders of these names below `parts/`."""

    day: date
    space: str


class FlatIndex(LackingDays):
    """The port `VectorIndex` over int8 vectors in files below `root`."""

    def __init__(self, root: Path, *, threads: int = 1, open_parts: int = OPEN_PARTS) -> None:
        """Open the index, or make it; parts are opened when they are first needed.

        Args:
            root: its directory; one process at a time.
            threads: threads that one search may use.
            open_parts: parts kept open; those not used for longest are closed.

        Raises:
            StorageError: the directory is in use, or cannot be made.
        """
        super().__init__()
        self._root = root
        self._held = lock_directory(root)
        self._id = _identity(root)
        self._pool = ThreadPoolExecutor(threads, "search") if threads > 1 else None
        self._most_open = open_parts
        self._names = Names()
        self._parts: OrderedDict[PartKey, Part] = OrderedDict()
        # One writes; the other guards what is open, for a moment at a time.
        self._writing = threading.RLock()
        self._lock = threading.RLock()
        # Held while a part is opened, made or dropped; taken before `_lock`, never inside it.
        self._gates: defaultdict[PartKey, threading.Lock] = defaultdict(threading.Lock)
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
        with self._writing:
            check_still_there(self._root, self._held)
            for key, group in groups.items():
                rows = list(group.values())
                part = self._to_write(key) or self._create(key, rows[0].vector.size)
                part.upsert(rows)
                self._forget_elsewhere(key, list(group))

    def search(self, query: IndexQuery) -> list[IndexHit]:
        """The `query.limit` best in scope, best first, exactly."""
        if query.cameras is not None and not query.cameras:
            return []
        probe = Probe(query.vector)
        best = Best(probe, query.limit)
        scans = self._scans(query)
        # After the scans are known: then all their names have numbers.
        filters = Filters.of(query, self._names)
        if self._pool is None:
            for each in scans:
                each.run(filters, probe, best)
        else:
            for done in [self._pool.submit(each.run, filters, probe, best) for each in scans]:
                done.result()
        return best.hits()

    def count(self, day: date | None = None) -> int:
        """Points kept, or those of one part."""
        keys = [key for key in self._keys() if day in {None, key.day}]
        return sum(part.count() for part in map(self._open, keys) if part)

    def days(self) -> list[date]:
        """The parts there are, oldest first."""
        return sorted({key.day for key in self._keys()})

    def drop_day(self, day: date) -> None:
        """Forget a part; nothing happens if there is none."""
        with self._writing:
            for key in [key for key in self._keys() if key.day == day]:
                with self._gate(key), self._lock:
                    self._known.discard(key)
                    part = self._parts.pop(key, None)
                if part:
                    part.close()
            shutil.rmtree(self._root / "parts" / day.isoformat(), ignore_errors=True)

    def forget(self, day: date, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids` from the part `day`; those that are not there are fine."""
        with self._writing:
            check_still_there(self._root, self._held)
            for key in self._keys():
                part = self._to_write(key) if key.day == day and ids else None
                if part:
                    part.forget(list(ids))

    def flush(self) -> None:
        """Return when everything upserted so far would survive a loss of power."""
        with self._writing:
            check_still_there(self._root, self._held)
            with self._lock:
                parts = [part for part in self._parts.values() if part.dirty]
            for part in parts:
                part.flush()
            self._settle()

    def close(self) -> None:
        """Flush, and let go of the files."""
        with self._writing, self._lock:
            for part in self._parts.values():
                if part.dirty:
                    part.flush()
                part.close()
            self._parts.clear()
            self._held.close()
        if self._pool is not None:
            self._pool.shutdown()

    def _keys(self) -> list[PartKey]:
        with self._lock:
            return sorted(self._known)

    def _scans(self, query: IndexQuery) -> list[Scan]:
        scans: list[Scan] = []
        for key in self._keys():
            scope = scope_of(key.day, query)
            part = self._open(key) if scope and key.space == query.space else None
            if scope is None or part is None:
                continue
            if part.dimensions != query.vector.size:
                raise StorageError(
                    f"vectors of {query.space} have {part.dimensions} values in the index and "
                    f"{query.vector.size} in the query"
                )
            scans += part.view().scans(scope)
        return scans

    def _path(self, key: PartKey) -> Path:
        if re.fullmatch(PLAIN_NAME, key.space) is None:
            raise StorageError(f"embedding space {key.space[:64]!r} cannot name a folder")
        return self._root / "parts" / key.day.isoformat() / key.space

    def _forget_elsewhere(self, key: PartKey, ids: list[UUID]) -> None:
        """Earlier revisions of a sighting of `key` may be in other parts."""
        for other in self._keys():
            if other != key and other.day in {key.day, UNDATED}:
                part = self._to_write(other)
                if part:
                    part.forget(ids)

    def _settle(self) -> None:
        """Seal the tail of one part that is not written to and is not the newest day's."""
        with self._lock:
            newest = max(self._known, default=None)
            idle = [
                part
                for key, part in self._parts.items()
                if newest is not None
                and key.day < newest.day
                and not (part.dirty or part.is_settled)
            ][:1]
            for part in idle:
                # So that it stays open.
                part.dirty = True
        for part in idle:
            part.settle()

    def _gate(self, key: PartKey) -> threading.Lock:
        with self._lock:
            return self._gates[key]

    def _to_write(self, key: PartKey) -> Part | None:
        """The part, which stays open until it is flushed."""
        return self._open(key, to_write=True)

    def _open(self, key: PartKey, *, to_write: bool = False) -> Part | None:
        """The part, if there is one; others go on while it is read.

        Raises:
            StorageError: it cannot be read now. One that is damaged is set aside.
        """
        part = self._used(key, to_write=to_write)
        if part is not None:
            return part
        with self._gate(key):
            part = self._used(key, to_write=to_write)
            if part is None and self._is_known(key):
                part = self._load(key)
                if part is not None:
                    with self._lock:
                        self._parts[key] = part
                        self._used(key, to_write=to_write)
            return part

    def _is_known(self, key: PartKey) -> bool:
        with self._lock:
            return key in self._known

    def _load(self, key: PartKey) -> Part | None:
        path = self._path(key)
        try:
            return Part.load(path, self._names)
        except IndexDamaged as error:
            self.set_lacking(key.day, lacking=True)
            set_aside(self._root, path, error)
            with self._lock:
                self._known.discard(key)
            return None

    def _create(self, key: PartKey, dimensions: int) -> Part:
        with self._gate(key):
            part = Part.create(self._path(key), dimensions, self._names)
            part.dirty = True
            with self._lock:
                self._parts[key] = part
                self._known.add(key)
                self._used(key, to_write=True)
            return part

    def _used(self, key: PartKey, *, to_write: bool) -> Part | None:
        """The part, if it is open; the ones not used for longest are closed."""
        with self._lock:
            part = self._parts.get(key)
            if part is not None:
                part.dirty = part.dirty or to_write
                self._parts.move_to_end(key)
            idle = [one for one, kept in self._parts.items() if one != key and not kept.dirty]
            for one in idle[: max(0, len(self._parts) - self._most_open)]:
                self._parts.pop(one).close()
            return part


def _identity(root: Path) -> UUID:
    """The index's id. One that cannot be read goes, and the parts with it: whose are they?"""
    try:
        return index_identity(root)
    except IndexDamaged as error:
        for name in ("index_id", "parts"):
            if (root / name).exists():
                set_aside(root, root / name, error)
        return index_identity(root)
