"""Clips on disk: a folder a day, so that retention is deleting a folder.

A name on disk is made of a date and a UUID and nothing else; of a clip that comes in, `ID.part`.
"""

import base64
import fcntl
import hashlib
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from shared.errors import StorageError

_CHUNK = 1 << 20
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Place(NamedTuple):
    """Where a clip is kept: the day it shows, and its id."""

    day: date
    id: UUID


class OutOfPlace(StorageError):  # noqa: N818 - reads as the statement it is
    """Bytes do not follow those that are there; `held` says how many these are."""

    def __init__(self, held: int) -> None:
        super().__init__(f"{held} bytes are here; go on from there")
        self.held = held


class NoRoom(StorageError):  # noqa: N818
    """The disk is too full for clips."""


class ClipStore:
    """The clips below `root`. Holds nothing open; for any number of threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def append(self, place: Place, offset: int, data: bytes, cap: int) -> int:
        """Add `data` at `offset` of an incoming clip; give its size then.

        Nothing is held between two calls, so that an upload whose line has died is simply
        overtaken by the next one.

        Raises:
            OutOfPlace: the clip does not end at `offset`, or would be over `cap`.
            StorageError: the disk refuses.
        """
        path = self._part(place)
        try:
            self._make(path.parent)
            with path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                held = os.fstat(file.fileno()).st_size
                if held != offset or held + len(data) > cap:
                    raise OutOfPlace(held)
                file.write(data)
        except OSError as error:
            raise _refused(path, error) from error
        return offset + len(data)

    def check_room(self, size: int, min_free: int) -> None:
        """Whether `min_free` bytes of the disk stay free when `size` more are kept.

        Raises:
            NoRoom: they do not.
            StorageError: the disk cannot be asked.
        """
        try:
            self._make(self._root)
            free = shutil.disk_usage(self._root).free
        except OSError as error:
            raise _refused(self._root, error) from error
        if free - size < min_free:
            raise NoRoom(f"the centre's disk has {free} bytes left; {min_free} stay free")

    def held(self, place: Place) -> int:
        """How many bytes of an incoming clip are here."""
        try:
            return self._part(place).stat().st_size
        except FileNotFoundError:
            return 0

    def finish(self, place: Place) -> str:
        """Make an incoming clip a whole one, durably; give its SHA-256 in base64.

        Raises:
            StorageError: it is not here, or the disk refuses.
        """
        path, found = self._part(place), hashlib.sha256()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    found.update(chunk)
                os.fsync(file.fileno())
            path.rename(self.path(place))
            _sync(path.parent)
        except OSError as error:
            raise _refused(path, error) from error
        return base64.b64encode(found.digest()).decode()

    def path(self, place: Place) -> Path:
        """The file of a whole clip."""
        return self._root / place.day.isoformat() / str(place.id)

    def forget(self, place: Place) -> None:
        """Delete a clip, whole or not.

        Raises:
            StorageError: the disk refuses.
        """
        for path in (self._part(place), self.path(place)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _refused(path, error) from error

    def days(self) -> list[date]:
        """The days of which something is here."""
        found = self._root.iterdir() if self._root.is_dir() else ()
        return sorted(date.fromisoformat(one.name) for one in found if _DAY.fullmatch(one.name))

    def files(self, day: date) -> list[Path]:
        """The files of `day`, of whole clips and of others; their stems are the clips' ids."""
        folder = self._root / day.isoformat()
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def strays(self) -> list[Path]:
        """What is here and of no day."""
        found = self._root.iterdir() if self._root.is_dir() else ()
        return sorted(one for one in found if _DAY.fullmatch(one.name) is None)

    def drop_day(self, day: date) -> None:
        """Delete every clip of `day`."""
        shutil.rmtree(self._root / day.isoformat(), ignore_errors=True)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _sync(folder.parent)

    def _part(self, place: Place) -> Path:
        return self.path(place).with_suffix(".part")


def _sync(folder: Path) -> None:
    """Have the names in `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path}: {error}; check the disk's space and health")
