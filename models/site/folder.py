"""Files of an album: written whole or not at all, and counted as the disk counts them."""

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from shared.errors import StorageError

_BLOCK = 4096
"""What most file systems give a file at least; a file's cost is rounded up to it."""

_PART = ".part"
_LOCK = ".lock"


def cost(size: int) -> int:
    """Bytes on disk of a file of `size` bytes."""
    return -(-size // _BLOCK) * _BLOCK


class AlbumFolder:
    """The folder `root`, held by one process at a time until `close`.

    Raises:
        StorageError: it cannot be made or written, or another process holds it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._lock = (root / _LOCK).open("w")
        except OSError as error:
            _refused(root, error)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise StorageError(
                f"{root}: another process collects into it; give each its own folder"
            ) from error
        self._remove_parts()

    def close(self) -> None:
        """Let others have it."""
        self._lock.close()

    def write(self, name: str, data: bytes) -> None:
        """Put `data` into the file `name` below the root, durably.

        Raises:
            StorageError: the disk is full, read-only or broken; nothing is left of the file.
        """
        path = self.root / name
        part = path.with_name(f".{path.name}{_PART}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            self._discard(part)
            _refused(path, error)

    def remove(self, names: Sequence[str]) -> None:
        """Delete files, in this order; those that are gone already are not missed.

        Raises:
            StorageError: the disk refuses.
        """
        for name in names:
            try:
                (self.root / name).unlink(missing_ok=True)
            except OSError as error:
                _refused(self.root / name, error)

    def free_bytes(self) -> int:
        """What is free on the disk.

        Raises:
            StorageError: it cannot be told.
        """
        try:
            return shutil.disk_usage(self.root).free
        except OSError as error:
            _refused(self.root, error)

    def _remove_parts(self) -> None:
        try:
            for part in self.root.rglob(f".*{_PART}"):
                part.unlink()
        except OSError as error:
            _refused(self.root, error)

    def _discard(self, part: Path) -> None:
        try:
            part.unlink(missing_ok=True)
        except OSError:
            # On a read-only disk there is nothing to remove; else the next start removes it.
            return


def _refused(path: Path, error: OSError) -> NoReturn:
    raise StorageError(
        f"{path}: {error}; make room there, or give a folder that can be written"
    ) from error
