"""A segment: sightings that do not change any more, in one memory-mapped file.

Rows are sorted by class, camera and time, so that cameras and classes are stretches of it. The
file: magic, length and CRC-32 of a JSON header, the header, and the columns, each at a page.
"""

import json
import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.index.flat.columns import Columns, Filters, Group, Names, Places, in_window
from central.index.flat.scan import (
    Ids,
    Int8s,
    Rows,
    Slices,
    inverse_norms,
    slices_of,
)
from central.index.identity import IndexDamaged
from central.index.port import PartScope
from shared.errors import StorageError
from shared.vectors import Vector

_MAGIC = b"DSGSEG01"
_HEAD = struct.Struct("<8sII")
_PAGE = 4096


class Segment:
    """One open segment; its file may be deleted while it is open.

    `vectors` int8 (N, D), `inverse_norms` float32 (N,), `ids` uint64 (N, 2), all mapped.
    """

    def __init__(self, path: Path, header: dict[str, Any], mapped: mmap.mmap, names: Names) -> None:
        self.path = path
        self.rows = int(header["rows"])
        self.first_ms, self.last_ms = int(header["first_ms"]), int(header["last_ms"])
        self.groups = [Group(*pair) for pair in header["groups"]]
        self._places = Places(self.groups, names)
        self._counts = np.array(header["counts"], np.int64)

        def column(name: str) -> NDArray[Any]:
            kind, shape, offset = header["columns"][name]
            count = int(np.prod(shape))
            return np.frombuffer(mapped, np.dtype(kind), count, offset).reshape(shape)

        self.vectors: Int8s = column("vectors")
        self.inverse_norms: Vector = column("inverse_norms")
        self.ids: Ids = column("ids")
        # Times count from first_ms.
        self._first: NDArray[np.integer] = column("first")
        self._last: NDArray[np.integer] = column("last")
        self._keys: NDArray[np.uint64] = column("keys")
        self._order: NDArray[np.uint32] = column("order")

    @classmethod
    def load(cls, path: Path, names: Names) -> "Segment":
        """The segment in `path`.

        Raises:
            IndexDamaged: it is not there or not whole.
            StorageError: it cannot be read now.
        """
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            return cls(path, _header(mapped), mapped, names)
        except (FileNotFoundError, ValueError, KeyError, TypeError, IndexError) as error:
            raise IndexDamaged(f"index segment {path} is damaged: {error}") from error
        except OSError as error:
            raise StorageError(f"index segment {path} cannot be read: {error}") from error

    def select(self, filters: Filters, scope: PartScope, dead: Rows) -> Slices:
        """Which rows are in scope; never those of `dead`."""
        if (scope.from_ms is not None and self.last_ms < scope.from_ms) or (
            scope.to_ms is not None and self.first_ms > scope.to_ms
        ):
            return Slices((), None)
        groups = self._places.wanted(filters)
        seen = None
        if not (
            (scope.from_ms is None or scope.from_ms <= self.first_ms)
            and (scope.to_ms is None or scope.to_ms >= self.last_ms)
        ):
            seen = in_window(scope, self._first, self._last, self.first_ms)
        excluded = self.find(filters.exclude)
        never = np.concatenate([dead, excluded[excluded >= 0]])
        if groups is None and seen is None and not never.size:
            return Slices([(0, self.rows)], None)
        selected = np.ones(self.rows, np.bool_)
        if groups is not None:
            selected = np.repeat(groups, self._counts)
        if seen is not None:
            selected &= seen
        selected[never] = False
        return slices_of(selected)

    def find(self, ids: Ids) -> Rows:
        """The row of each of `ids`, shape (M,); -1: not here.

        Raises:
            IndexDamaged: the file is.
        """
        try:
            return self._find(ids)
        except IndexError as error:
            raise IndexDamaged(f"index segment {self.path} is damaged: {error}") from error

    def _find(self, ids: Ids) -> Rows:
        found = np.full(len(ids), -1, np.int64)
        places = np.searchsorted(self._keys, ids[:, 0])
        open_ = np.flatnonzero(places < self.rows)
        while open_.size:
            alike = self._keys[places[open_]] == ids[open_, 0]
            open_ = open_[alike]
            rows = self._order[places[open_]].astype(np.int64)
            same = self.ids[rows, 1] == ids[open_, 1]
            found[open_[same]] = rows[same]
            open_ = open_[~same]
            places[open_] += 1
            open_ = open_[places[open_] < self.rows]
        return found

    def columns(self) -> Columns:
        """Everything, to be written anew."""
        codes = np.repeat(np.arange(len(self.groups), dtype=np.int32), self._counts)
        first = self._first.astype(np.int64) + self.first_ms
        last = self._last.astype(np.int64) + self.first_ms
        return Columns(self.ids, self.groups, codes, first, last, self.vectors)


def write_segment(path: Path, columns: Columns, names: Names) -> Segment:
    """Keep `columns` (at least one row) in `path`, durably, and open it.

    Raises:
        StorageError: the disk refused.
    """
    header, sections = _arrange(columns)
    text = json.dumps(header).encode()
    try:
        with path.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(text), zlib.crc32(text)))
            file.write(text)
            for section in sections:
                file.seek(section.offset)
                file.write(np.ascontiguousarray(section.values).data)
            file.truncate(_up(file.tell()))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"index segment {path} cannot be written: {error}") from error
    return Segment.load(path, names)


class _Section(NamedTuple):
    offset: int
    values: NDArray[Any]


def _arrange(columns: Columns) -> tuple[dict[str, Any], list[_Section]]:
    ranked = sorted(range(len(columns.groups)), key=columns.groups.__getitem__)
    place = np.empty(len(ranked), np.int64)
    place[ranked] = np.arange(len(ranked))
    codes = place[columns.codes]
    order = np.lexsort((columns.first_seen, codes))
    counts = np.bincount(codes, minlength=len(ranked))
    first, last = columns.first_seen[order], columns.last_seen[order]
    base = int(first.min())
    # Four bytes for all but the part of dead clocks.
    kind = np.uint32 if int(last.max()) - base <= np.iinfo(np.uint32).max else np.int64
    ids, vectors = columns.ids[order], columns.vectors[order]
    by_id = np.lexsort((ids[:, 1], ids[:, 0]))
    values: dict[str, NDArray[Any]] = {
        "vectors": vectors,
        "inverse_norms": inverse_norms(vectors),
        "ids": ids,
        "first": (first - base).astype(kind),
        "last": (last - base).astype(kind),
        "keys": ids[by_id, 0],
        "order": by_id.astype(np.uint32),
    }
    header: dict[str, Any] = {
        "rows": len(order),
        "first_ms": base,
        "last_ms": int(last.max()),
        "groups": [columns.groups[number] for number in ranked],
        "counts": counts.tolist(),
        "columns": {},
    }
    # Room for the header itself, whose length depends on the offsets by a few digits each.
    offset = _up(_HEAD.size + len(json.dumps(header)) + 100 * len(values))
    sections = []
    for name, array in values.items():
        header["columns"][name] = (array.dtype.str, array.shape, offset)
        sections.append(_Section(offset, array))
        offset = _up(offset + array.nbytes)
    return header, sections


def _header(mapped: mmap.mmap) -> dict[str, Any]:
    if len(mapped) < _HEAD.size:
        raise ValueError("it is cut off")
    magic, length, crc = _HEAD.unpack_from(mapped)
    text = mapped[_HEAD.size : _HEAD.size + length]
    if magic != _MAGIC or zlib.crc32(text) != crc:
        raise ValueError("its header is damaged")
    header: dict[str, Any] = json.loads(text)
    return header


def _up(size: int) -> int:
    return -(-size // _PAGE) * _PAGE
