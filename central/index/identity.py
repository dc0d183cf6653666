"""The directory of an embedded index: its name, and one process at a time."""

import fcntl
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from shared.errors import StorageError


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
        raise StorageError(
            f"the index in {root} is in use by another process; stop `dongseon central serve`"
        ) from error
    return held
