"""A stretch of a recording as one MP4 file, nothing encoded again."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import structlog
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge_agent.recording.ring import Span
from edge_agent.recording.segment import Segment
from shared.clock import to_datetime
from shared.errors import DongseonError

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class ClipError(DongseonError):
    """A clip cannot be made of what is recorded."""


class Clip(NamedTuple):
    """What was cut: from its first picture to the end of its last, UTC milliseconds.

    `damaged` counts the segments that could not be read and are missing in it.
    """

    start_ms: int
    end_ms: int
    damaged: int


class _Timed(NamedTuple):
    """A packet and the UTC milliseconds at which it is shown and decoded."""

    packet: "Packet[VideoStream]"
    shown_ms: Fraction
    decoded_ms: Fraction


def cut_clip(segments: Sequence[Segment], span: Span, out: Path, max_bytes: int) -> Clip:
    """Write what `segments` (in the order written) hold of `span` to `out`.

    The clip begins with the last key frame at or before the span, or the first after it, and its
    times count from there; where nothing was recorded its time stamps leave a gap. It ends where
    the span does, or where the camera changed what it sends (codec, size).

    Raises:
        ClipError: nothing of it can be read, or it is over `max_bytes`.
    """
    with closing(_ClipWriter(out, span, max_bytes)) as writer:
        for segment in segments:
            if not writer.add(segment):
                break
        clip = writer.finish()
    with _written(out):
        size = out.stat().st_size
    if size > max_bytes:
        raise writer.too_large()
    return clip


class _ClipWriter:
    def __init__(self, out: Path, span: Span, max_bytes: int) -> None:
        self._out = out
        self._span = span
        self._max_bytes = max_bytes
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._like: tuple[object, ...] = ()
        self._head: list[_Timed] = []
        self._start_ms = 0
        self._shown_ms = self._end_ms = Fraction(0)
        self._last_ms: Fraction | None = None
        self._in_order = True
        self._bytes = 0
        self._damaged = 0

    def add(self, segment: Segment) -> bool:
        """Take what the span has of `segment`; False when the clip is complete."""
        try:
            with av.open(str(segment.path), "r", format="mp4") as container:
                return self._add(segment, container)
        except (av.FFmpegError, OSError, IndexError) as error:
            self._damaged += 1
            log.warning("a segment cannot be read", file=str(segment.path), error=str(error))
            return True

    def finish(self) -> Clip:
        """The clip, complete on disk."""
        if self._container is None or self._last_ms is None:
            raise ClipError("nothing of the recording of that time can be read")
        container, self._container = self._container, None
        with _written(self._out):
            container.close()
        return Clip(self._start_ms, round(self._end_ms), self._damaged)

    def close(self) -> None:
        """Let go of a clip that was not finished."""
        if self._container is not None:
            with suppress(av.FFmpegError, OSError):
                self._container.close()

    def too_large(self) -> ClipError:
        """What to raise for a clip over the cap."""
        return ClipError(
            f"the clip is over {self._max_bytes} bytes, the most that is taken; "
            "ask for a shorter one"
        )

    def _add(self, segment: Segment, container: InputContainer) -> bool:
        stream = container.streams.video[0]
        context = stream.codec_context
        like = (context.name, bytes(context.extradata or b""), context.width, context.height)
        if self._like not in {(), like}:
            return False
        for timed in _timed(segment, container.demux(stream)):
            # Not before pictures are there that are shown before one that others needed earlier.
            if timed.decoded_ms > self._span.end_ms and timed.shown_ms > self._shown_ms:
                return False
            self._take(timed, stream)
        # Nothing is left to hold back: the next segment begins with a key frame of its own.
        self._head.clear()
        self._like = like if self._container is not None else ()
        return True

    def _take(self, timed: _Timed, stream: VideoStream) -> None:
        """Hold packets back since the last key frame until the span begins; then write them."""
        if self._container is not None:
            self._write(timed)
            return
        if timed.packet.is_keyframe:
            self._head.clear()
        if self._head or timed.packet.is_keyframe:
            self._head.append(timed)
        if self._head and timed.shown_ms >= self._span.start_ms:
            self._begin(stream)

    def _begin(self, stream: VideoStream) -> None:
        self._start_ms = round(self._head[0].shown_ms)
        with _written(self._out):
            self._container = av.open(
                str(self._out), "w", format="mp4", container_options={"movflags": "faststart"}
            )
            self._container.metadata["creation_time"] = to_datetime(self._start_ms).isoformat()
            self._stream = self._container.add_stream_from_template(stream, opaque=True)
        head, self._head = self._head, []
        for timed in head:
            self._write(timed)

    def _write(self, timed: _Timed) -> None:
        packet, shown_ms, decoded_ms = timed
        ahead = self._last_ms is None or decoded_ms > self._last_ms
        # After a step back of the clock: on from the first key frame that is ahead again.
        self._in_order = ahead and (self._in_order or packet.is_keyframe)
        if not self._in_order or self._container is None or self._stream is None:
            return
        base = packet.time_base
        packet.pts = round((shown_ms - self._start_ms) / 1000 / base)
        packet.dts = round((decoded_ms - self._start_ms) / 1000 / base)
        packet.stream = self._stream
        self._bytes += packet.size
        if self._bytes > self._max_bytes:
            raise self.too_large()
        self._last_ms = decoded_ms
        self._shown_ms = max(self._shown_ms, shown_ms)
        self._end_ms = max(self._end_ms, shown_ms + (packet.duration or 0) * base * 1000)
        with _written(self._out):
            self._container.mux(packet)


def _timed(segment: Segment, packets: "Iterator[Packet[VideoStream]]") -> Iterator[_Timed]:
    """The packets of a segment with their times; its first picture was at `start_ms`."""
    first: int | None = None
    for packet in packets:
        if packet.pts is None or packet.dts is None:
            continue
        first = packet.pts if first is None else first
        tick_ms = packet.time_base * 1000
        shown_ms = segment.start_ms + (packet.pts - first) * tick_ms
        decoded_ms = segment.start_ms + (packet.dts - first) * tick_ms
        yield _Timed(packet, shown_ms, decoded_ms)


@contextmanager
def _written(out: Path) -> Iterator[None]:
    """Tell a clip that cannot be written from a segment that cannot be read."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise ClipError(f"the clip cannot be written to {out}: {error}") from error
