"""One channel's recording: which packets go into which segment, and when that was."""

from fractions import Fraction
from typing import NamedTuple

import structlog
from av.packet import Packet
from av.video.stream import VideoStream

from edge_agent.recording.file import SegmentFile, Template
from edge_agent.recording.ring import Ring
from edge_agent.recording.segment import Segment, seal
from edge_agent.recording.settings import RecordingSettings
from shared.clock import Clock
from shared.errors import StorageError

# A stream whose time stamps jump by more is another stretch of time.
_JUMP_S = 5.0
# ...and one whose wall time does is, too: the clock of the box was set.
_STEP_MS = 1000
# Packets that wait to be told their time; a decoder gives its first picture long before.
_MAX_WAITING = 256
# After a disk refused, and between two lines in the log that say so.
_PAUSE_S = 10.0
_QUIET_S = 600.0

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Known(NamedTuple):
    """A time stamp of the stream and the UTC milliseconds it stands for."""

    pts: int
    ms: int


class _Writing:
    """The segment being written. Its pictures follow `start_ms` as their time stamps say."""

    def __init__(self, file: SegmentFile, first_pts: int, start_ms: int) -> None:
        self.file = file
        self.first_pts = first_pts
        self.start_ms = start_ms
        self.end_pts = first_pts
        self.last_dts: int | None = None


class ChannelWriter:
    """Writes the segments of one channel; never raises. For one thread.

    Args:
        name: the channel.
        ring: where the segments go.
        settings: how long and how large segments may be.
        clock: stopwatch.
    """

    def __init__(self, name: str, ring: Ring, settings: RecordingSettings, clock: Clock) -> None:
        self._name = name
        self._ring = ring
        self._settings = settings
        self._clock = clock
        self._template: Template | None = None
        self._writing: _Writing | None = None
        self._known: _Known | None = None
        self._last_pts: int | None = None
        self._waiting: list[Packet[VideoStream]] = []
        self._resume_s = clock.monotonic()
        self._told_s: float | None = None
        self.failed = 0

    def begin(self, template: Template | None) -> None:
        """Another stream begins; None: one that cannot be recorded."""
        self.end()
        self._template = template

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """The stream's next packet, in decoding order."""
        if self._template is None or not self._stamped(packet):
            return
        pts = packet.pts or 0
        if self._last_pts is not None and self._apart(pts, self._last_pts):
            self.end()
        self._last_pts = pts
        if self._known is None:
            self._wait(packet)
        else:
            self._take(packet, self._known)

    def timed(self, pts: int, captured_ms: int) -> None:
        """The picture with that time stamp was captured then."""
        if self._last_pts is None or self._apart(pts, self._last_pts):
            return  # a picture from before a jump, which its decoder gave late
        self._known = known = _Known(pts, captured_ms)
        waiting, self._waiting = self._waiting, []
        for packet in waiting:
            self._take(packet, known)

    def end(self) -> None:
        """The stream has ended, or some of it was lost: what follows is a segment of its own."""
        self._seal()
        self._ring.abandon(self._name)
        self._known = self._last_pts = None
        self._waiting.clear()

    def _stamped(self, packet: "Packet[VideoStream]") -> bool:
        """Whether `packet` says when it is, after one time was taken for the other where it lacks.

        Where a container keeps no decoding times, those after a jump are still guessed from
        before it.
        """
        if packet.pts is None:
            packet.pts = packet.dts
        if packet.pts is None:
            return False
        if packet.dts is None or self._apart(packet.pts, packet.dts):
            packet.dts = packet.pts
        return True

    def _wait(self, packet: "Packet[VideoStream]") -> None:
        if len(self._waiting) >= _MAX_WAITING:
            self._waiting.clear()
        if self._waiting or packet.is_keyframe:
            self._waiting.append(packet)

    def _take(self, packet: "Packet[VideoStream]", known: _Known) -> None:
        try:
            if self._writing is not None and self._breaks(self._writing, packet, known):
                self._seal()
                if not packet.is_keyframe:
                    self._wait_for_key()
            if self._writing is None and packet.is_keyframe:
                self._writing = self._opened(packet, known)
            if self._writing is not None:
                self._write(self._writing, packet)
        except StorageError as error:
            self._give_up(error)

    def _wait_for_key(self) -> None:
        """Nothing more can be recorded before the next key frame."""
        self._ring.abandon(self._name)
        log.warning(
            "no key frame comes and nothing is recorded until one does; set the camera's "
            "key frame (I frame) interval to a few seconds",
            channel=self._name,
        )

    def _breaks(self, writing: _Writing, packet: "Packet[VideoStream]", known: _Known) -> bool:
        """Whether a new segment begins with `packet`."""
        pts, settings = packet.pts or 0, self._settings
        passed_s = float((pts - writing.first_pts) * self._base())
        if passed_s >= settings.segment_most_s or writing.file.size >= settings.segment_bytes:
            return True
        if not packet.is_keyframe:
            return False
        expected_ms = writing.start_ms + round(1000 * passed_s)
        stepped = abs(self._wall_ms(pts, known) - expected_ms) > _STEP_MS
        return stepped or passed_s >= settings.segment_s

    def _opened(self, packet: "Packet[VideoStream]", known: _Known) -> _Writing | None:
        if self._template is None or self._clock.monotonic() < self._resume_s:
            return None
        pts = packet.pts or 0
        start_ms = self._wall_ms(pts, known)
        path = self._ring.begin(self._name, start_ms)
        return _Writing(SegmentFile(path, self._template), pts, start_ms)

    def _write(self, writing: _Writing, packet: "Packet[VideoStream]") -> None:
        pts, dts = packet.pts or 0, packet.dts or 0
        if writing.last_dts is not None and dts <= writing.last_dts:
            # MP4 wants decoding times that rise; a camera's step back of a frame is mended.
            packet.dts = dts = writing.last_dts + 1
            packet.pts = pts = max(pts, dts)
        writing.last_dts = dts
        # Files say of the last packet before a jump that it lasts until after it.
        length = packet.duration or 0
        length = 0 if self._apart(length, 0) else length
        writing.end_pts = max(writing.end_pts, pts + length)
        writing.file.write(packet)

    def _seal(self) -> None:
        """End the segment that is being written, if there is one."""
        writing = self._writing
        if writing is None:
            return
        try:
            segment = self._sealed(writing)
            self._writing = None
            self._ring.end(self._name, segment)
        except StorageError as error:
            self._give_up(error)

    def _sealed(self, writing: _Writing) -> Segment:
        length_s = float((writing.end_pts - writing.first_pts) * self._base())
        writing.file.finish()
        end_ms = writing.start_ms + max(1, round(1000 * length_s))
        return seal(writing.file.path, self._name, end_ms)

    def _give_up(self, error: StorageError) -> None:
        """Drop the segment at hand and pause: a recording never costs anything else."""
        self.failed += 1
        now = self._clock.monotonic()
        self._resume_s = now + _PAUSE_S
        self._ring.abandon(self._name)
        if self._writing is not None:
            self._writing.file.abandon()
            self._writing = None
        if self._told_s is None or now - self._told_s >= _QUIET_S:
            self._told_s = now
            log.error("a recording cannot be kept", channel=self._name, error=str(error))

    def _apart(self, one: int, other: int) -> bool:
        return abs(float((one - other) * self._base())) > _JUMP_S

    def _wall_ms(self, pts: int, known: _Known) -> int:
        return known.ms + round(float((pts - known.pts) * self._base()) * 1000)

    def _base(self) -> Fraction:
        if self._template is None:
            raise StorageError(f"{self._name}: a packet without a stream")
        return self._template.time_base
