"""Kept frames on disk: within a quota, for so many days, whole after any crash."""

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.site.fingerprint import Fingerprint, differences
from models.site.folder import AlbumFolder, cost
from models.site.layout import MANIFEST, Limits, found, names_of
from models.site.record import FrameRecord, Manifest
from shared.clock import MS_PER_DAY, Clock
from shared.errors import StorageError

_MANIFEST_ROOM = 64 * 1024
"""Kept free for it: a line for each channel, class and reason."""

_CLOCK_SET_MS = 1_704_067_200_000
"""2024-01-01: a clock before that was not set yet (a box with no battery for it starts in 1970)."""


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
            self._kept = {record.name: _light(record, size) for record, size in found(self._folder)}
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
        """Let frames leave until `size` fits; False where those that stay are worth more."""
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
        self._folder.remove([*names_of(kept.record)][::-1])
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


def _files(record: FrameRecord, pictures: Pictures) -> list[tuple[str, bytes]]:
    """Every file of a frame in the order of writing."""
    side = record.model_dump_json().encode("utf-8")
    return list(zip(names_of(record), (*pictures.crops, side, pictures.frame), strict=True))


def _light(record: FrameRecord, size: int) -> _Kept:
    """Without the detections, which are most of a record and are not needed to choose."""
    fingerprint = Fingerprint.of_text(record.fingerprint)
    return _Kept(record.model_copy(update={"detections": (), "fingerprint": ""}), size, fingerprint)
