"""A part of the index: one day's vectors in one embedding space.

Its manifest names the files that count: segments, the rows of them that are dead, and the tail's
log. It is replaced in one step, so a crash leaves the files of before or of after.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np

from central.index.flat.columns import Columns, Filters, Names, columns_of, joined
from central.index.flat.scan import Best, Ids, Probe, Rows, scan
from central.index.flat.segment import Segment, write_segment
from central.index.flat.tail import Record, Tail, TailView, dead_rows, record_gone, record_of
from central.index.port import IndexPoint, PartScope
from shared.errors import StorageError

SEALED_AT = 65_536
"""Rows of the tail that become a segment."""
MERGED_AT = 8
MERGED_BELOW = 4 * SEALED_AT
"""So many segments of at most so many rows become one."""

_MANIFEST = "manifest.json"
_NONE: Rows = np.empty(0, np.int64)


class Kept(NamedTuple):
    """A segment and which of its rows are dead: replaced by a later revision, or moved."""

    segment: Segment
    dead: Rows

    @property
    def alive(self) -> int:
        """How many rows count."""
        return self.segment.rows - self.dead.size


class PartView(NamedTuple):
    """The part at one moment."""

    kept: tuple[Kept, ...]
    tail: TailView

    def scans(self, scope: PartScope) -> list["Scan"]:
        """The pieces of work that a search of this part is."""
        segments = [Scan(kept.segment, kept.dead, scope) for kept in self.kept]
        return [Scan(self.tail, _NONE, scope), *segments]


class Scan(NamedTuple):
    """One segment (with its dead rows) or tail, to be searched."""

    source: Segment | TailView
    dead: Rows
    scope: PartScope

    def run(self, filters: Filters, probe: Probe, best: Best) -> None:
        """Offer `best` what is near and passes `filters`."""
        if isinstance(self.source, Segment):
            slices = self.source.select(filters, self.scope, self.dead)
        else:
            slices = self.source.select(filters, self.scope)
        scan(self.source, slices, probe, best)


class _Contents(NamedTuple):
    """`number` is the highest that a file has been given."""

    number: int
    kept: tuple[Kept, ...]
    tail: Tail


class Part:
    """One open part below `path`. One thread writes; any may take a `view` meanwhile."""

    def __init__(self, path: Path, contents: "_Contents", names: Names) -> None:
        """Made by `create` and `load`."""
        self.path = path
        self.dirty = False
        self._number, self._kept, self._tail = contents
        self._names = names
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, dimensions: int, names: Names) -> "Part":
        """A new, empty part at `path`.

        Raises:
            StorageError: the disk refused.
        """
        try:
            path.mkdir(parents=True)
            tail = Tail.create(path / "000001.log", dimensions, names)
            part = cls(path, _Contents(1, (), tail), names)
            part._write_manifest()
            _sync(path.parent)
            _sync(path.parent.parent)
        except OSError as error:
            raise StorageError(f"index part {path} cannot be made: {error}") from error
        return part

    @classmethod
    def load(cls, path: Path, names: Names) -> "Part":
        """The part at `path`.

        Raises:
            StorageError: one of its files is not there or damaged.
        """
        try:
            manifest = json.loads((path / _MANIFEST).read_bytes())
            kept = tuple(_load_kept(path, entry, names) for entry in manifest["segments"])
            log, dimensions = path / manifest["log"], int(manifest["dimensions"])
            tail, records = Tail.load(log, dimensions, names)
            part = cls(path, _Contents(int(manifest["number"]), kept, tail), names)
            for record in records:
                part._apply(record)
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise StorageError(f"index part {path} cannot be read: {error}") from error
        part._sweep()
        return part

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return self._tail.dimensions

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`, each id once.

        Raises:
            StorageError: the disk refused, or a vector has another length than the part's.
        """
        for point in points:
            if point.vector.shape != (self.dimensions,):
                raise StorageError(
                    f"sighting {point.id} has a vector of shape {point.vector.shape}; those of "
                    f"index part {self.path} have {self.dimensions} values"
                )
        self._log(record_of(columns_of(points)))

    def forget(self, ids: Sequence[UUID]) -> None:
        """Remove those of `ids` that are here.

        Raises:
            StorageError: the disk refused.
        """
        record = record_gone(ids)
        if self._has(record.gone):
            self._log(record)

    def view(self) -> PartView:
        """What is here now."""
        with self._lock:
            return PartView(self._kept, self._tail.view())

    def count(self) -> int:
        """How many sightings are here."""
        with self._lock:
            return len(self._tail) + sum(kept.alive for kept in self._kept)

    def flush(self) -> None:
        """Make everything so far durable, and a full tail a segment.

        Raises:
            StorageError: the disk refused.
        """
        self._tail.flush()
        if len(self._tail) >= SEALED_AT or self._tail.full >= 2 * SEALED_AT:
            self._seal()
        self.dirty = False

    def close(self) -> None:
        """Let go of the log; views go on."""
        self._tail.close()

    def _log(self, record: Record) -> None:
        self._tail.write(record)
        self.dirty = True
        with self._lock:
            self._apply(record)

    def _has(self, ids: Ids) -> bool:
        return self._tail.has(ids) or any(
            (kept.segment.find(ids) >= 0).any() for kept in self._kept
        )

    def _apply(self, record: Record) -> None:
        ids = record.gone if record.columns is None else record.columns.ids
        self._kept = tuple(
            Kept(kept.segment, dead_rows(kept.segment.find(ids), kept.dead)) for kept in self._kept
        )
        self._tail.apply(record)

    def _seal(self) -> None:
        """The tail becomes a segment; small segments become one."""
        view = self._tail.view()
        kept = [one for one in self._kept if one.alive]
        if view.alive.any():
            kept.append(self._written(view.columns.take(view.alive)))
        kept.sort(key=lambda one: one.alive)
        if len(kept) >= MERGED_AT and kept[MERGED_AT - 1].alive <= MERGED_BELOW:
            merged = joined([_alive(one) for one in kept[:MERGED_AT]])
            kept = [self._written(merged), *kept[MERGED_AT:]]
        old, log = self._tail, self._new_tail()
        with self._lock:
            self._kept, self._tail = tuple(kept), log
        self._write_manifest()
        old.close()
        self._sweep()

    def _written(self, columns: Columns) -> Kept:
        return Kept(write_segment(self._next("segment"), columns, self._names), _NONE)

    def _new_tail(self) -> Tail:
        return Tail.create(self._next("log"), self.dimensions, self._names)

    def _next(self, suffix: str) -> Path:
        self._number += 1
        return self.path / f"{self._number:06}.{suffix}"

    def _write_manifest(self) -> None:
        try:
            entries = [self._entry(kept) for kept in self._kept]
            manifest = {
                "dimensions": self.dimensions,
                "number": self._number,
                "segments": entries,
                "log": self._tail.path.name,
            }
            fresh = self.path / "manifest.new"
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(manifest, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path / _MANIFEST)
            _sync(self.path)
        except OSError as error:
            raise StorageError(f"index part {self.path} cannot be written: {error}") from error

    def _entry(self, kept: Kept) -> dict[str, str | None]:
        dead = None
        if kept.dead.size:
            path = self._next("dead")
            with path.open("wb") as file:
                np.save(file, kept.dead)
                file.flush()
                os.fsync(file.fileno())
            dead = path.name
        return {"file": kept.segment.path.name, "dead": dead}

    def _sweep(self) -> None:
        """Remove files that the manifest does not name."""
        try:
            manifest = json.loads((self.path / _MANIFEST).read_bytes())
            named = {_MANIFEST, manifest["log"]}
            for entry in manifest["segments"]:
                named |= {entry["file"], entry["dead"]}
            for file in self.path.iterdir():
                if file.name not in named:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"index part {self.path} cannot be cleaned: {error}") from error


def _load_kept(path: Path, entry: dict[str, str | None], names: Names) -> Kept:
    segment = Segment.load(path / str(entry["file"]), names)
    dead = np.load(path / entry["dead"]) if entry["dead"] else _NONE
    if dead.size and not 0 <= dead.min() <= dead.max() < segment.rows:
        raise ValueError(f"{entry['dead']} names rows that {entry['file']} does not have")
    return Kept(segment, dead)


def _alive(kept: Kept) -> Columns:
    columns = kept.segment.columns()
    if not kept.dead.size:
        return columns
    alive = np.ones(kept.segment.rows, np.bool_)
    alive[kept.dead] = False
    return columns.take(alive)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
