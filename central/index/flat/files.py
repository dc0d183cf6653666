"""The files of a part: numbered, never written again, and named by a manifest if they count.

The manifest is replaced in one step, so a crash leaves the files of before or of after.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog

from central.index.flat.columns import Columns, Names
from central.index.flat.scan import Rows
from central.index.flat.segment import Segment
from central.index.identity import IndexDamaged
from shared.errors import StorageError

_MANIFEST = "manifest.json"
NO_ROWS: Rows = np.empty(0, np.int64)

# What was read and is not what it should be; anything else of the system may pass.
_LOST = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
_WRONG = (*_LOST, ValueError, KeyError, TypeError, IndexError, EOFError)

_log = structlog.get_logger(__name__)


class Kept(NamedTuple):
    """A segment and which of its rows are dead: replaced by a later revision, or moved."""

    segment: Segment
    dead: Rows

    @property
    def alive(self) -> int:
        """How many rows count."""
        return self.segment.rows - self.dead.size

    def columns(self) -> Columns:
        """The rows that count."""
        columns = self.segment.columns()
        if not self.dead.size:
            return columns
        alive = np.ones(self.segment.rows, np.bool_)
        alive[self.dead] = False
        return columns.take(alive)


class Named(NamedTuple):
    """What a manifest names."""

    dimensions: int
    kept: tuple[Kept, ...]
    log: Path


class Files:
    """The files in `path`; `number` is the highest that one has been given."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self._number = number

    @classmethod
    def load(cls, path: Path, names: Names) -> tuple["Files", Named]:
        """The files in `path`, and what their manifest names.

        Raises:
            IndexDamaged: one that it names is not there or is damaged.
            StorageError: they cannot be read now.
        """
        try:
            manifest = json.loads((path / _MANIFEST).read_bytes())
            kept = tuple(_load_kept(path, entry, names) for entry in manifest["segments"])
            named = Named(int(manifest["dimensions"]), kept, path / manifest["log"])
            return cls(path, int(manifest["number"])), named
        except _WRONG as error:
            raise IndexDamaged(f"index part {path} is damaged: {error}") from error
        except OSError as error:
            raise StorageError(f"index part {path} cannot be read: {error}") from error

    def next(self, suffix: str) -> Path:
        """The name for another file."""
        self._number += 1
        return self.path / f"{self._number:06}.{suffix}"

    def name(self, named: Named) -> None:
        """Make `named` what counts.

        Raises:
            StorageError: the disk refused, and what counted still does.
        """
        try:
            entries = [self._entry(kept) for kept in named.kept]
            manifest = {
                "dimensions": named.dimensions,
                "number": self._number,
                "segments": entries,
                "log": named.log.name,
            }
            fresh = self.path / "manifest.new"
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(manifest, file)
                file.flush()
                os.fsync(file.fileno())
            # The new names first: once it is replaced, nothing may fail.
            sync(self.path)
            fresh.replace(self.path / _MANIFEST)
        except OSError as error:
            raise StorageError(f"index part {self.path} cannot be written: {error}") from error

    def sweep(self) -> None:
        """Remove files that the manifest does not name, if they can be; they do no harm."""
        try:
            manifest = json.loads((self.path / _MANIFEST).read_bytes())
            named = {_MANIFEST, manifest["log"]}
            for entry in manifest["segments"]:
                named |= {entry["file"], entry["dead"]}
            for file in self.path.iterdir():
                if file.name not in named:
                    file.unlink(missing_ok=True)
        except (OSError, ValueError) as error:
            _log.warning("a part cannot be cleaned", part=str(self.path), error=str(error))

    def _entry(self, kept: Kept) -> dict[str, str | None]:
        dead = None
        if kept.dead.size:
            path = self.next("dead")
            with path.open("wb") as file:
                np.save(file, kept.dead)
                file.flush()
                os.fsync(file.fileno())
            dead = path.name
        return {"file": kept.segment.path.name, "dead": dead}


def sync(directory: Path) -> None:
    """Make the names in `directory` durable.

    Raises:
        OSError: the disk refused.
    """
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _load_kept(path: Path, entry: dict[str, str | None], names: Names) -> Kept:
    segment = Segment.load(path / str(entry["file"]), names)
    return Kept(segment, _load_dead(path / entry["dead"], segment) if entry["dead"] else NO_ROWS)


def _load_dead(path: Path, segment: Segment) -> Rows:
    with path.open("rb") as file:
        dead: Rows = np.lib.format.read_array(file, allow_pickle=False)
    if dead.dtype != np.int64 or dead.ndim != 1:
        raise ValueError(f"{path.name} is no list of rows")
    if dead.size and not 0 <= dead.min() <= dead.max() < segment.rows:
        raise ValueError(f"{path.name} names rows that {segment.path.name} does not have")
    return dead
