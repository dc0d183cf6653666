"""A part of the index: one day's vectors in one embedding space.

It is segments, of which some rows may be dead, and a tail with its log (see `files`).
"""

import shutil
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np

from central.index.flat.columns import Columns, Filters, Names, columns_of, joined
from central.index.flat.files import NO_ROWS, Files, Kept, Named, sync
from central.index.flat.records import Record, record_gone, record_of
from central.index.flat.scan import Best, Ids, Probe, Rows, scan
from central.index.flat.segment import Segment, write_segment
from central.index.flat.tail import Tail, TailView, dead_rows
from central.index.identity import IndexDamaged
from central.index.port import IndexPoint, PartScope
from shared.errors import StorageError

SEALED_AT = 65_536
"""Rows of the tail that become a segment; twice as many in its log seal it too."""
SEALED_IDLE = 1_024
"""Rows in the log of a tail that nobody writes to any more, which are worth a segment."""
MERGED_AT = 8
MERGED_BELOW = 4 * SEALED_AT
"""So many segments of at most so many rows become one."""
_DEAD_SHARE = 0.3
"""A segment is written anew when more of it is dead, unless it is small."""


class PartView(NamedTuple):
    """The part at one moment."""

    kept: tuple[Kept, ...]
    tail: TailView

    def scans(self, scope: PartScope) -> list["Scan"]:
        """The pieces of work that a search of this part is."""
        segments = [Scan(kept.segment, kept.dead, scope) for kept in self.kept]
        return [Scan(self.tail, NO_ROWS, scope), *segments]


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


class Part:
    """One open part below `path`. One thread writes; any may take a `view` meanwhile."""

    def __init__(self, files: Files, kept: tuple[Kept, ...], tail: Tail, names: Names) -> None:
        """Made by `create` and `load`."""
        self.path = files.path
        self.dirty = False
        self._files, self._kept, self._tail = files, kept, tail
        self._names = names
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, dimensions: int, names: Names) -> "Part":
        """A new, empty part at `path`, in the place of whatever is left of one that went.

        Raises:
            StorageError: the disk refused; then nothing is left behind.
        """
        shutil.rmtree(path, ignore_errors=True)
        try:
            path.mkdir(parents=True)
            with ExitStack() as unless_made:
                unless_made.callback(shutil.rmtree, path, ignore_errors=True)
                files = Files(path, 1)
                tail = Tail.create(path / "000001.log", dimensions, names)
                unless_made.callback(tail.close)
                files.name(Named(dimensions, (), tail.path))
                for directory in (path, path.parent, path.parent.parent):
                    sync(directory)
                unless_made.pop_all()
        except (OSError, StorageError) as error:
            raise StorageError(f"index part {path} cannot be made: {error}") from error
        return cls(files, (), tail, names)

    @classmethod
    def load(cls, path: Path, names: Names) -> "Part":
        """The part at `path`.

        Raises:
            IndexDamaged: one of its files is not there or damaged.
            StorageError: they cannot be read now.
        """
        files, named = Files.load(path, names)
        tail, records = Tail.load(named.log, named.dimensions, names)
        part = cls(files, named.kept, tail, names)
        try:
            part._replay(records)
        except StorageError:
            tail.close()
            raise
        except (ValueError, IndexError) as error:
            tail.close()
            raise IndexDamaged(f"index log {named.log} is damaged: {error}") from error
        files.sweep()
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
        """Make everything so far durable; what has grown too long or too thin is written anew.

        Raises:
            StorageError: the disk refused.
        """
        self._tail.flush()
        if (
            len(self._tail) >= SEALED_AT
            or self._tail.logged >= 2 * SEALED_AT
            or any(map(_is_thin, self._kept))
        ):
            self._seal()
        self.dirty = False

    @property
    def is_settled(self) -> bool:
        """Whether it is quick to open: nothing much is in its log."""
        return self._tail.logged < SEALED_IDLE

    def settle(self) -> None:
        """Make the tail a segment, however small.

        Raises:
            StorageError: the disk refused.
        """
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
        self._kill(record.ids)
        self._tail.apply(record)

    def _replay(self, records: Sequence[Record]) -> None:
        """Apply what the log says; the segments are older than all of it."""
        if records:
            self._kill(np.concatenate([record.ids for record in records]))
        for record in records:
            self._tail.apply(record)

    def _kill(self, ids: Ids) -> None:
        self._kept = tuple(
            Kept(kept.segment, dead_rows(kept.segment.find(ids), kept.dead)) for kept in self._kept
        )

    def _seal(self) -> None:
        """The tail becomes a segment; small segments become one, thin ones are written anew.

        Nothing of it is seen before it is on the disk.
        """
        view = self._tail.view()
        kept = [self._thinned(one) for one in self._kept if one.alive]
        if view.alive.any():
            kept.append(self._written(view.columns.take(view.alive)))
        kept.sort(key=lambda one: one.alive)
        if len(kept) >= MERGED_AT and kept[MERGED_AT - 1].alive <= MERGED_BELOW:
            merged = joined([one.columns() for one in kept[:MERGED_AT]])
            kept = [self._written(merged), *kept[MERGED_AT:]]
        old, log = self._tail, self._new_tail()
        try:
            self._files.name(Named(self.dimensions, tuple(kept), log.path))
        except StorageError:
            log.close()
            raise
        with self._lock:
            self._kept, self._tail = tuple(kept), log
        old.close()
        self._files.sweep()

    def _thinned(self, kept: Kept) -> Kept:
        return self._written(kept.columns()) if _is_thin(kept) else kept

    def _written(self, columns: Columns) -> Kept:
        return Kept(write_segment(self._files.next("segment"), columns, self._names), NO_ROWS)

    def _new_tail(self) -> Tail:
        return Tail.create(self._files.next("log"), self.dimensions, self._names)


def _is_thin(kept: Kept) -> bool:
    return kept.dead.size > max(_DEAD_SHARE * kept.segment.rows, SEALED_AT // 8)
