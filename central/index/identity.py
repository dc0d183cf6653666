"""The directory of an embedded index: its name, and one process at a time."""

import fcntl
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import structlog

from shared.errors import StorageError
from shared.ids import PLAIN_NAME

_log = structlog.get_logger(__name__)


class IndexInUse(StorageError):  # noqa: N818 - reads as the statement it is
    """Another process has the index."""


class IndexGone(StorageError):  # noqa: N818
    """The directory of an open index was removed or replaced."""


class IndexDamaged(StorageError):  # noqa: N818
    """Something in the index was read and is not what it should be."""


def index_identity(root: Path) -> UUID:
    """The index's id, made with the directory: a lost directory comes back with another.

    Raises:
        IndexDamaged: the file is there and is no id.
        StorageError: it cannot be read or written now.
    """
    path = root / "index_id"
    try:
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_text(str(uuid4()), encoding="ascii")
            fresh.replace(path)
        return UUID(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise IndexDamaged(
            f"{path}: {error}; remove {root} and the index is built again from the database"
        ) from error
    except OSError as error:
        raise StorageError(f"{path}: {error}") from error


def part_folders(root: Path) -> Iterator[tuple[date, str]]:
    """Day and embedding space of each folder `parts/{day}/{space}`; what else is there is logged.

    Raises:
        StorageError: the disk refused.
    """
    try:
        for path in sorted((root / "parts").glob("*/*")):
            if path.is_dir() and _is_day(path.parent.name) and re.fullmatch(PLAIN_NAME, path.name):
                yield date.fromisoformat(path.parent.name), path.name
            else:
                _log.warning("what is no part of the index is passed over", path=str(path))
    except OSError as error:
        raise StorageError(f"the index directory {root} cannot be read: {error}") from error


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def lock_directory(root: Path) -> IO[bytes]:
    """Hold `root` until the file given is closed.

    Raises:
        StorageError: another process holds it, or it cannot be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        held = (root / "lock").open("wb")
    except OSError as error:
        raise StorageError(f"the index directory {root} cannot be used: {error}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise IndexInUse(
            f"the index in {root} is in use by another process; stop `dongseon central serve`"
        ) from error
    return held


def check_still_there(root: Path, held: IO[bytes]) -> None:
    """Whether `root` is still the directory that `held` was locked in.

    Raises:
        IndexGone: it is not; what would be written there would be lost.
    """
    try:
        same = os.path.samestat(os.fstat(held.fileno()), (root / "lock").stat())
    except OSError:
        same = False
    if not same:
        raise IndexGone(f"the index directory {root} is gone; it is made again")


def set_aside(root: Path, path: Path, error: StorageError) -> None:
    """Move what cannot be read from `path` to `root/aside/`, for somebody to look at.

    Raises:
        StorageError: the disk refused.
    """
    name = "-".join(path.relative_to(root).parts[-2:])
    aside = root / "aside" / f"{name}-{uuid4().hex[:8]}"
    try:
        aside.parent.mkdir(exist_ok=True)
        path.rename(aside)
    except OSError as refused:
        raise StorageError(f"{error}; and it cannot be set aside: {refused}") from error
    _log.error("a piece of the index is set aside", aside=str(aside), error=str(error))
