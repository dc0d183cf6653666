"""Where an album's files lie, and how they are read back.

    frames/NAME.jpg, frames/NAME.json     a picture and its `FrameRecord`
    crops/CLASS/NAME-N.jpg                objects cut out of it
    manifest.json                         what is here, written now and then

The picture is written last and deleted first: a frame counts if its picture is there, and what is
there without one is deleted at the next start.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from models.site.folder import AlbumFolder, cost
from models.site.record import FrameRecord, Manifest
from shared.errors import ConfigError, StorageError
from shared.settings import explain

FRAMES = "frames"
CROPS = "crops"
MANIFEST = "manifest.json"

_OURS = re.compile(r"\d{13}-.+\.(jpg|json)")
"""What frames and crops are called; files of others are left alone."""


@dataclass(frozen=True)
class Limits:
    """How much, how long, what must stay free on the disk, and the share of chance's frames."""

    quota_bytes: int
    keep_days: int
    min_free_bytes: int = 0
    random: float = 0.1


def frame_name(captured_ms: int, channel: str) -> str:
    """What a frame is called: names in order are in the order of time."""
    return f"{captured_ms:013d}-{channel}"


def picture_path(record: FrameRecord) -> str:
    """Where its picture lies below the album."""
    return f"{FRAMES}/{record.name}.jpg"


def names_of(record: FrameRecord) -> Iterator[str]:
    """The files of a frame in the order of writing; backwards, that of deleting."""
    yield from record.crops
    yield f"{FRAMES}/{record.name}.json"
    yield picture_path(record)


def read_records(root: Path) -> list[tuple[Path, FrameRecord]]:
    """Every frame of the album in `root` with its picture, in the order of time; changes nothing.

    Raises:
        ConfigError: it is no album, or a side file is damaged.
        StorageError: it cannot be read.
    """
    frames = root / FRAMES
    if not frames.is_dir():
        raise ConfigError(f"{root} has no folder {FRAMES}/; name one that was collected into")
    try:
        found = [
            (path.with_suffix(".jpg"), FrameRecord.read(path.read_text("utf-8"), str(path)))
            for path in frames.glob("*.json")
        ]
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{frames}: cannot be read: {error}") from error
    whole = [(path, record) for path, record in found if path.is_file()]
    return sorted(whole, key=lambda one: (one[1].channel, one[1].captured_ms))


def read_limits(root: Path) -> Limits:
    """The limits that the album in `root` was last collected under.

    Raises:
        ConfigError: it has no manifest, or a damaged one: is it an album?
    """
    path = root / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error}; name a folder that was collected into") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from error
    return Limits(manifest.quota_bytes, manifest.keep_days)


def found(folder: AlbumFolder) -> Iterator[tuple[FrameRecord, int]]:
    """The whole frames in `folder` and their bytes on disk; what else is there is deleted.

    Raises:
        StorageError: the disk refuses.
    """
    known: set[str] = set()
    for path in sorted((folder.root / FRAMES).glob("*.json")):
        record = _read_side(path)
        if record is None or not path.with_suffix(".jpg").is_file():
            continue
        names = list(names_of(record))
        here = [folder.root / name for name in names]
        known.update(names)
        yield record, sum(cost(one.stat().st_size) for one in here if one.is_file())
    for room in (FRAMES, CROPS):
        ours = [path for path in (folder.root / room).rglob("*") if _OURS.match(path.name)]
        names = [str(path.relative_to(folder.root)) for path in ours]
        folder.remove([name for name in names if name not in known])


def _read_side(path: Path) -> FrameRecord | None:
    """The record at `path`; None where it is damaged, or another frame's."""
    try:
        record = FrameRecord.read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, ConfigError):
        return None
    return record if record.name == path.stem else None
