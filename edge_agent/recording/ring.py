"""Every segment of the box, by channel and time: the oldest make way for the newest."""

import os
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from typing import NamedTuple

import structlog

from edge_agent.recording.repair import repair
from edge_agent.recording.segment import Segment, open_name, parse_open, parse_sealed
from edge_agent.recording.settings import RecordingSettings
from shared.clock import Clock
from shared.errors import StorageError
from shared.ids import PLAIN_NAME

# Age alone takes this many at a time: a clock that jumps a year must not empty the ring at once.
_EXPIRED_AT_ONCE = 2

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Span(NamedTuple):
    """From the first picture to the last, UTC milliseconds; there may be gaps between."""

    start_ms: int
    end_ms: int


class RingCount(NamedTuple):
    """How full it is, since when, and how many segments had to go since the agent started."""

    segments: int
    bytes: int
    oldest_ms: int | None
    evicted: int


class Ring:
    """The segments below `folder`. Safe to use from several threads.

    What was left half written is repaired or deleted first.

    Args:
        folder: made when missing.
        settings: caps and age.
        clock: wall time.

    Raises:
        StorageError: the folder cannot be read or written.
    """

    def __init__(self, folder: Path, settings: RecordingSettings, clock: Clock) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._lock = RLock()
        self._listener: Callable[[], None] = lambda: None
        self._channels: dict[str, deque[Segment]] = {}
        self._bytes: dict[str, int] = {}
        self._open: dict[str, int] = {}
        self._evicted = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for segment in sorted(_found(folder), key=lambda segment: segment.seq):
                self._append(segment)
        except OSError as error:
            raise self._refused(error) from error
        newest = (segments[-1].seq for segments in self._channels.values())
        self._seq = max(newest, default=0)

    def begin(self, channel: str, start_ms: int) -> Path:
        """Where the next segment of `channel` goes, after room was made for it.

        Raises:
            StorageError: the disk is too full for a recording, or refuses.
        """
        with self._lock:
            self.make_room()
            self._seq += 1
            folder = self._folder / channel
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise self._refused(error) from error
            self._open[channel] = start_ms
            return folder / open_name(self._seq, start_ms)

    def end(self, channel: str, segment: Segment) -> None:
        """What was begun for `channel` is `segment` now, and it goes on from there.

        Raises:
            StorageError: older segments cannot be deleted.
        """
        with self._lock:
            self._append(segment)
            self._open[channel] = segment.end_ms
            self._keep_quota(channel)
        self._listener()

    def abandon(self, channel: str) -> None:
        """Nothing is being written for `channel` any more."""
        with self._lock:
            self._open.pop(channel, None)
        self._listener()

    def make_room(self) -> None:
        """Delete what is too old, and what there is no room for.

        Raises:
            StorageError: the disk is full of other things, or refuses.
        """
        with self._lock:
            expired_ms = self._clock.now_ms() - self._settings.keep_ms
            for _ in range(_EXPIRED_AT_ONCE):
                oldest = self._oldest()
                if oldest is not None and self._channels[oldest][0].end_ms < expired_ms:
                    self._evict(oldest)
            while self._free() < self._settings.min_free_bytes:
                oldest = self._oldest()
                if oldest is None:
                    raise StorageError(
                        f"{self._folder}: less than {self._settings.min_free_mib} MiB are free, "
                        "and no recording is left to make room; nothing is recorded until there is"
                    )
                self._evict(oldest)

    def find(self, channel: str, span: Span) -> list[Segment]:
        """The segments of `channel` that have something of `span`, in the order written."""
        with self._lock:
            return [
                segment
                for segment in self._channels.get(channel, ())
                if segment.start_ms <= span.end_ms and segment.end_ms >= span.start_ms
            ]

    def span(self, channel: str) -> Span | None:
        """From when to when `channel` is recorded; None when nothing of it is."""
        with self._lock:
            segments = self._channels.get(channel)
            if not segments:
                return None
            return Span(
                min(segment.start_ms for segment in segments),
                max(segment.end_ms for segment in segments),
            )

    def coming(self, channel: str, until_ms: int) -> bool:
        """Whether something of `channel` up to `until_ms` is still to be written.

        It can be read once it is sealed, which `on_change` tells.
        """
        with self._lock:
            start_ms = self._open.get(channel)
            return start_ms is not None and start_ms <= until_ms

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` when a segment was sealed or given up, from the writing thread."""
        self._listener = listener

    def count(self) -> RingCount:
        """How full it is."""
        with self._lock:
            segments = sum(len(segments) for segments in self._channels.values())
            oldest = self._oldest()
            oldest_ms = None if oldest is None else self._channels[oldest][0].start_ms
            return RingCount(segments, sum(self._bytes.values()), oldest_ms, self._evicted)

    def _append(self, segment: Segment) -> None:
        held = self._channels.setdefault(segment.channel, deque())
        # One object for the folder of them all.
        held.append(segment._replace(folder=held[0].folder) if held else segment)
        self._bytes[segment.channel] = self._bytes.get(segment.channel, 0) + segment.size

    def _keep_quota(self, channel: str) -> None:
        while self._bytes.get(channel, 0) > self._settings.channel_quota_bytes:
            self._evict(channel)
        while sum(self._bytes.values()) > self._settings.quota_bytes:
            oldest = self._oldest()
            if oldest is None:
                return
            self._evict(oldest)

    def _oldest(self) -> str | None:
        """The channel that has the oldest segment. By number: wall clocks jump."""
        held = [(segments[0].seq, name) for name, segments in self._channels.items() if segments]
        return min(held)[1] if held else None

    def _evict(self, channel: str) -> None:
        segment = self._channels[channel].popleft()
        self._bytes[channel] -= segment.size
        self._evicted += 1
        try:
            segment.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(f"{self._folder}: {error}; is [recording] folder there and writable?")


def _found(folder: Path) -> Iterator[Segment]:
    """What an earlier program has left in `folder`: sealed segments, and mended ones.

    What cannot be read stays where it is: it must not keep the rest from being recorded.
    """
    for place in sorted(folder.iterdir()):
        # Others have folders here too: the root of a file system has its `lost+found`.
        if not re.fullmatch(PLAIN_NAME, place.name):
            continue
        try:
            left = list(os.scandir(place)) if place.is_dir() else []
        except OSError as error:
            log.warning("a folder of recordings cannot be read", error=str(error))
            continue
        yield from filter(None, (_segment(entry, place.name) for entry in left))


def _segment(entry: os.DirEntry[str], channel: str) -> Segment | None:
    try:
        if sealed := parse_sealed(entry, channel):
            return sealed
        broken = parse_open(Path(entry.path), channel)
        return repair(broken) if broken else None
    except (OSError, StorageError) as error:
        log.warning("a recording cannot be read or mended", file=entry.path, error=str(error))
        return None
