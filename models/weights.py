"""Weight files on disk: whether they are the ones the catalogue records."""

import hashlib
from enum import StrEnum
from pathlib import Path

from models.catalogue import WeightFile


class FileState(StrEnum):
    """What was found at a file's place."""

    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"


def sha256_of(path: Path) -> str:
    """The file's sha256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_of(path: Path, file: WeightFile) -> FileState:
    """Whether what lies at `path` is `file`."""
    if not path.is_file():
        return FileState.MISSING
    return FileState.WRONG if difference(path, file) else FileState.GOOD


def difference(path: Path, file: WeightFile) -> str | None:
    """In which way what lies at `path` is not `file`. The size first: it costs nothing."""
    size = path.stat().st_size
    if size != file.bytes:
        return f"{size} bytes, expected {file.bytes}"
    digest = sha256_of(path)
    if digest != file.sha256:
        return f"sha256 {digest}, expected {file.sha256}"
    return None
