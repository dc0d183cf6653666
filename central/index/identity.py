"""The directory of an embedded index: its name, and one process at a time."""

import fcntl
import os
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import structlog

from shared.errors import StorageError

_log = structlog.get_logger(__name__)


class IndexInUse(StorageError):  # noqa: N818 - reads as the statement it is
    """Another process has the index."""


class IndexGone(StorageError):  # noqa: N818
    """The directory of an open index was removed or replaced."""


def index_identity(root: Path) -> UUID:
    """The index's id, made with the directory: a lost directory comes back with another.

    Raises:
        StorageError: the file is there and is no id, or cannot be written.
    """
    path = root / "index_id"
    try:
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_text(str(uuid4()), encoding="ascii")
            fresh.replace(path)
        return UUID(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise StorageError(
            f"{path}: {error}; remove {root} and the index is built again from the database"
        ) from error


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
