"""The thread that writes recordings, so that no disk ever holds a channel up."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event

import structlog

from edge_agent.recording.channel import ChannelWriter
from edge_agent.recording.ring import Ring
from edge_agent.recording.settings import RecordingSettings
from shared.clock import Clock
from shared.errors import StorageError

# What may wait for the disk, all channels together: 16 channels of 4 Mbit/s for 8 seconds.
MAX_WAITING_BYTES = 64 * 1024 * 1024
# A packet costs more than its payload.
EACH_BYTES = 512
# Between two looks for what is too old, and between two lines in the log that it cannot go.
_TICK_S = 10.0
_QUIET_S = 600.0

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Work = Callable[[], None]


class Backlog:
    """Work for one thread, with a size in bytes; takes no more than `max_bytes` of it."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._changed = Condition()
        self._waiting: deque[tuple[int, Work]] = deque()
        self._bytes = 0

    def put(self, size: int, work: Work) -> bool:
        """Leave `work`; False when there is no room for it."""
        with self._changed:
            if self._bytes + size > self._max_bytes:
                return False
            self._bytes += size
            self._waiting.append((size, work))
            self._changed.notify()
            return True

    def take(self, seconds: float) -> Work | None:
        """The next work, waited for `seconds` at most; None when there is none."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), seconds):
                return None
            size, work = self._waiting.popleft()
            self._bytes -= size
            return work


class Recorder:
    """Writes what the channels leave here; `run` in a thread of its own.

    Args:
        folder: where recordings are kept.
        settings: caps and age.
        clock: wall time and stopwatch.

    Raises:
        StorageError: the folder cannot be read or written.
    """

    def __init__(self, folder: Path, settings: RecordingSettings, clock: Clock) -> None:
        self.ring = Ring(folder, settings, clock)
        self.backlog = Backlog(MAX_WAITING_BYTES)
        self._settings = settings
        self._clock = clock
        self._writers: list[ChannelWriter] = []
        self._told_s: float | None = None

    def writer(self, channel: str) -> ChannelWriter:
        """The writer of `channel`: for the thread of `run` alone, through `backlog`."""
        made = ChannelWriter(channel, self.ring, self._settings, self._clock)
        self._writers.append(made)
        return made

    @property
    def failed(self) -> int:
        """How often the disk refused, from any thread."""
        return sum(writer.failed for writer in self._writers)

    def run(self, stop: Event) -> None:
        """Write until `stop` is set and everything left here is written."""
        room_s = self._clock.monotonic() + _TICK_S
        while True:
            # By the clock: what is too old goes also while nothing is recorded, and however long
            # the segments are that are being written.
            if self._clock.monotonic() >= room_s:
                room_s = self._clock.monotonic() + _TICK_S
                self._make_room()
            work = self.backlog.take(0.0 if stop.is_set() else _TICK_S)
            if work is not None:
                work()
            elif stop.is_set():
                break
        for writer in self._writers:
            writer.end()

    def wake(self) -> None:
        """End the present wait, so that a `stop` is seen."""
        self.backlog.put(0, _nothing)

    def _make_room(self) -> None:
        try:
            self.ring.make_room()
        except StorageError as error:
            now = self._clock.monotonic()
            if self._told_s is None or now - self._told_s >= _QUIET_S:
                self._told_s = now
                log.warning("old recordings stay", error=str(error))


def _nothing() -> None:
    """Work that is none."""
