"""Kept frames on disk: within a quota, for so many days, whole after any crash.

    frames/NAME.jpg, frames/NAME.json     a picture and its `FrameRecord`
    crops/CLASS/NAME-N.jpg                objects cut out of it
    manifest.json                         what is here, written now and then

The picture is written last and deleted first: a frame counts if its picture is there, and what is
there without one is deleted at the next start.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from models.site.fingerprint import Fingerprint, differences
from models.site.folder import AlbumFolder, cost
from models.site.record import FrameRecord, Manifest
from shared.clock import MS_PER_DAY, Clock
from shared.errors import ConfigError, StorageError
from shared.settings import explain

FRAMES = "frames"
CROPS = "crops"
MANIFEST = "manifest.json"

_MANIFEST_ROOM = 64 * 1024
"""Kept free for it: a line for each channel, class and reason."""

_OURS = re.compile(r"\d{13}-.+\.(jpg|json)")
"""What frames and crops are called; files of others are left alone."""

_CLOCK_SET_MS = 1_704_067_200_000
"""2024-01-01: a clock before that was not set yet (a box with no battery for it starts in 1970)."""


@dataclass(frozen=True)
class Limits:
    """How much, how long, what must stay free on the disk, and the share of chance's frames."""

    quota_bytes: int
    keep_days: int
    min_free_bytes: int = 0
    random: float = 0.1


class Pictures(NamedTuple):
    """A frame's picture and crops, encoded; crops by their class, in the order of the record's."""

    frame: bytes
    crops: tuple[bytes, ...] = ()


class Nearest(NamedTuple):
    """The kept frame of a channel most like another.

    `newness` is how different the two are, `light` the least difference of light to any: 0 to 1.
    """

    name: str
    score: float
    newness: float
    light: float


@dataclass(frozen=True, slots=True)
class _Kept:
    """What must be known of a frame without opening its files; `bytes` as the disk counts."""

    record: FrameRecord
    bytes: int
    fingerprint: Fingerprint


class Album:
    """The album in `root`. Any thread may call it.

    Raises:
        StorageError: the folder cannot be used, or another process collects into it.
    """

    def __init__(
        self, root: Path, limits: Limits, clock: Clock, generator: np.random.Generator
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._generator = generator
        self._lock = threading.Lock()
        with ExitStack() as undo:
            self._folder = AlbumFolder(root)
            undo.callback(self._folder.close)
            self._kept = {kept.record.name: kept for kept in _found(self._folder)}
            self._bytes = sum(kept.bytes for kept in self._kept.values())
            self._make_room(0)
            self.purge()
            undo.pop_all()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    @property
    def disk_bytes(self) -> int:
        """On disk, with what is kept free for the manifest; never above the quota."""
        return self._bytes + _MANIFEST_ROOM

    def close(self) -> None:
        """Write the manifest and let others have the folder.

        Raises:
            StorageError: the manifest cannot be written.
        """
        try:
            self.write_manifest()
        finally:
            self._folder.close()

    def nearest(self, channel: str, fingerprint: Fingerprint) -> Nearest | None:
        """The frame of `channel` most like `fingerprint`; None where nothing is kept of it."""
        with self._lock:
            kept = [kept for kept in self._kept.values() if kept.record.channel == channel]
        if not kept:
            return None
        difference = differences(fingerprint, [one.fingerprint for one in kept])
        place = int(difference.whole.argmin())
        record = kept[place].record
        return Nearest(
            record.name,
            record.score,
            float(difference.whole[place]),
            float(difference.light.min()),
        )

    def would_keep(self, score: float, *, random: bool) -> bool:
        """Whether a frame of that score has a chance, or everything here is worth more."""
        with self._lock:
            typical = self._bytes // max(1, len(self._kept))
            fits = self._bytes + typical <= self._room
            return fits or self._leaving(score, random=random) is not None

    def add(self, record: FrameRecord, pictures: Pictures, instead_of: str | None = None) -> bool:
        """Keep a frame; False when there is no room that it is worth, or the clock is not set.

        Args:
            record: with the names of its crops, as many as `pictures` has.
            pictures: masked already.
            instead_of: a frame that leaves for it.

        Raises:
            StorageError: the disk refuses; nothing is left of the frame.
        """
        files = _files(record, pictures)
        size = sum(cost(len(data)) for _, data in files)
        with self._lock:
            if self._clock.now_ms() < _CLOCK_SET_MS or record.name in self._kept:
                return False
            if self._folder.free_bytes() - size < self._limits.min_free_bytes:
                return False
            if instead_of in self._kept:
                self._drop(instead_of)
            if not self._make_room(size, record.score, random=record.random):
                return False
            self._write(files)
            self._kept[record.name] = _light(record, size)
            self._bytes += size
            return True

    def purge(self, keep_days: int | None = None) -> int:
        """Delete frames kept longer ago than `keep_days` (the limit unless given); how many.

        A frame from as far in the future goes too: one of the clocks was wrong, and pictures must
        not stay for that.

        Raises:
            StorageError: the disk refuses.
        """
        days = self._limits.keep_days if keep_days is None else keep_days
        now = self._clock.now_ms()
        if now < _CLOCK_SET_MS:
            return 0
        with self._lock:
            old = [
                name
                for name, kept in self._kept.items()
                if abs(now - kept.record.kept_ms) >= days * MS_PER_DAY
            ]
            for name in old:
                self._drop(name)
        return len(old)

    def write_manifest(self) -> None:
        """Write what is here.

        Raises:
            StorageError: the disk refuses.
        """
        with self._lock:
            text = self._manifest().model_dump_json(indent=1)
            self._folder.write(MANIFEST, text.encode("utf-8"))

    @property
    def _room(self) -> int:
        return self._limits.quota_bytes - _MANIFEST_ROOM

    def _write(self, files: Sequence[tuple[str, bytes]]) -> None:
        try:
            for name, data in files:
                self._folder.write(name, data)
        except StorageError:
            self._folder.remove([name for name, _ in reversed(files)])
            raise

    def _make_room(self, size: int, score: float = 1.0, *, random: bool = True) -> bool:
        """Let frames leave until `size` fits; False, none having left, when it is not worth it."""
        if size > self._room:
            return False
        while self._bytes + size > self._room:
            leaving = self._leaving(score, random=random)
            if leaving is None:
                return False
            self._drop(leaving)
        return True

    def _leaving(self, score: float, *, random: bool) -> str | None:
        """Who leaves for a frame of `score`: the least informative, the oldest of such.

        Chance's frames have a share of their own. Beyond it one of them leaves, by chance again,
        so that those that stay are spread over the whole time; else a hard one does.
        """
        chance = [name for name, kept in self._kept.items() if kept.record.random]
        hard = [kept.record for kept in self._kept.values() if not kept.record.random]
        beyond = len(chance) + random - max(1, round(self._limits.random * len(self._kept)))
        if chance and (not hard or beyond > 0):
            return chance[int(self._generator.integers(len(chance)))]
        least = min(hard, key=lambda record: (record.score, record.kept_ms), default=None)
        if least is None or (not random and least.score > score):
            return None
        return least.name

    def _drop(self, name: str) -> None:
        kept = self._kept[name]
        self._folder.remove([*_names(kept.record)][::-1])
        del self._kept[name]
        self._bytes -= kept.bytes

    def _manifest(self) -> Manifest:
        records = [kept.record for kept in self._kept.values()]
        moments = [record.kept_ms for record in records]
        return Manifest(
            written_ms=self._clock.now_ms(),
            quota_bytes=self._limits.quota_bytes,
            keep_days=self._limits.keep_days,
            frames=len(records),
            crops=sum(len(record.crops) for record in records),
            bytes=self.disk_bytes,
            oldest_ms=min(moments, default=None),
            newest_ms=max(moments, default=None),
            masks=Counter(record.mask for record in records),
            channels=Counter(record.channel for record in records),
            reasons=Counter(reason for record in records for reason in record.reasons),
            detectors=Counter(record.detector for record in records),
        )


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


def frame_name(captured_ms: int, channel: str) -> str:
    """What a frame is called: names in order are in the order of time."""
    return f"{captured_ms:013d}-{channel}"


def picture_path(record: FrameRecord) -> str:
    """Where its picture lies below the album."""
    return f"{FRAMES}/{record.name}.jpg"


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


def _files(record: FrameRecord, pictures: Pictures) -> list[tuple[str, bytes]]:
    """Every file of a frame in the order of writing."""
    side = record.model_dump_json().encode("utf-8")
    return list(zip(_names(record), (*pictures.crops, side, pictures.frame), strict=True))


def _names(record: FrameRecord) -> Iterator[str]:
    """The files of a frame in the order of writing; backwards, that of deleting."""
    yield from record.crops
    yield f"{FRAMES}/{record.name}.json"
    yield picture_path(record)


def _light(record: FrameRecord, size: int) -> _Kept:
    """Without the detections, which are most of a record and are not needed to choose."""
    fingerprint = Fingerprint.of_text(record.fingerprint)
    return _Kept(record.model_copy(update={"detections": (), "fingerprint": ""}), size, fingerprint)


def _found(folder: AlbumFolder) -> Iterator[_Kept]:
    """The whole frames in `folder`; what else is there is deleted."""
    known: set[str] = set()
    for path in sorted((folder.root / FRAMES).glob("*.json")):
        record = _read_side(path)
        if record is None or not path.with_suffix(".jpg").is_file():
            continue
        names = list(_names(record))
        here = [folder.root / name for name in names]
        known.update(names)
        yield _light(record, sum(cost(one.stat().st_size) for one in here if one.is_file()))
    for room in (FRAMES, CROPS):
        ours = [path for path in (folder.root / room).rglob("*") if _OURS.match(path.name)]
        names = [str(path.relative_to(folder.root)) for path in ours]
        folder.remove([name for name in names if name not in known])


def _read_side(path: Path) -> FrameRecord | None:
    try:
        return FrameRecord.read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, ConfigError):
        return None
