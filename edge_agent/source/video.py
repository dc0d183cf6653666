"""Video by PyAV: files, RTSP, USB."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from threading import Event

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge_agent.source.decoding import DECODER_CAPS, Decoding
from edge_agent.source.frame import Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.hardware import decoding_device
from edge_agent.source.image import FrameImage
from edge_agent.source.reason import source_error, without_secrets
from edge_agent.source.sound import is_blank
from edge_agent.source.stall import Arrivals
from edge_agent.source.timeline import Timeline
from edge_agent.source.wall import ClipTime, LiveTime
from shared.geometry import Rect

_DEFAULT_FPS = 25.0
_MAX_FPS = 1000.0


@dataclass(frozen=True, slots=True)
class VideoInput:
    """What PyAV opens: a URL or path, and how."""

    url: str
    live: bool
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    timeout_s: float | None = None

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        return without_secrets(self.url)


class VideoSource:
    """A video as chosen frames. Packets that do not decode are counted and left out.

    No more is decoded than the channel's sampler and watcher need (`edge_agent.source.decoding`),
    and nothing is converted before somebody asks.
    """

    def __init__(self, video: VideoInput, options: SourceOptions) -> None:
        self._video = video
        self._options = options
        self._size: tuple[int, int] | None = None
        self._shown = f"{options.name}: {video.shown}"
        self._device = decoding_device(options.hardware, options.name)
        self.finite = not video.live and not options.loop
        self.stats = SourceStats()
        limit_s = options.pictureless_s if video.live else inf
        self._arrivals = Arrivals(self._shown, options.clock, self.stats, limit_s)

    def frames(self, stop: Event) -> Iterator[Frame]:
        """The chosen frames, until the clip ends or `stop` is set.

        Raises:
            SourceError: cannot be opened, nothing decodes, or a live stream broke off.
            ConfigError: the crop rectangle is not inside the picture.
        """
        try:
            yield from self._live(stop) if self._video.live else self._clip(stop)
        finally:
            self._options.packets.end()

    def _clip(self, stop: Event) -> Iterator[Frame]:
        options = self._options
        time = ClipTime(options.clock, options.starts_at_ms, realtime=options.realtime)
        timeline: Timeline | None = None
        again = False
        while not stop.is_set():
            with self._open() as container:
                stream = self._stream(container)
                timeline = timeline or Timeline(_step_s(stream))
                decoding = self._decoding(stream, timeline)
                for decoded in self._decoded(container, decoding):
                    position_s = timeline.position(decoded.time)
                    if not time.due(position_s, stop):
                        return
                    captured_ms = time.captured_ms(position_s)
                    self._timed(decoded, captured_ms)
                    if options.sampler.wants(position_s):
                        frame = self._frame(decoded, captured_ms, position_s, again=again)
                        if frame is not None:
                            again = False
                            yield frame
            if not options.loop:
                return
            timeline.restart()
            again = True

    def _live(self, stop: Event) -> Iterator[Frame]:
        with self._open() as container:
            stream = self._stream(container)
            # A longer silence would have ended the stream.
            longest_s = self._options.silence_s + self._options.pictureless_s
            timeline = Timeline(_step_s(stream), longest_s)
            time = LiveTime(self._options.clock)
            decoding = self._decoding(stream, timeline)
            for decoded in self._decoded(container, decoding):
                if stop.is_set():
                    return
                position_s = timeline.position(decoded.time)
                waited = self._arrivals.waited
                lag_s = time.lag_s(position_s, waited=waited)
                captured_ms = time.captured_ms(lag_s)
                self._timed(decoded, captured_ms)
                if time.behind(lag_s, waited=waited) and not decoding.reaching_back:
                    self.stats.late += 1
                    decoding.hurry()
                elif self._options.sampler.wants(position_s):
                    frame = self._frame(decoded, captured_ms, position_s)
                    if frame is not None:
                        yield frame
        raise SourceError(f"{self._shown} ended; it will be reopened")

    def _open(self) -> InputContainer:
        video, clock = self._video, self._options.clock
        # FFmpeg's RTSP reads once more after its reading was interrupted: silence ends a stream
        # after twice the time for reading (measured with FFmpeg 8).
        limit_s = video.timeout_s
        began_s = clock.monotonic()
        try:
            return av.open(
                video.url,
                "r",
                format=video.format,
                options=video.options,
                timeout=None if limit_s is None else (limit_s, limit_s / 2),
                hwaccel=self._device,
            )
        except (av.FFmpegError, OSError) as error:
            silent = limit_s is not None and clock.monotonic() - began_s >= limit_s
            what = f"{self._shown} cannot be opened as video"
            raise source_error(what, error, silent=silent) from error

    def _stream(self, container: InputContainer) -> VideoStream:
        stream = next(iter(container.streams.video), None)
        # A stream cut within its first frame has no decoder; decoding it would end the process.
        # https://github.com/PyAV-Org/PyAV/issues/2344
        if stream is None or stream.codec_context is None:
            raise SourceError(f"{self._shown} holds no video stream")
        # One thread a channel: channels share the cores, and frame threads add a delay.
        stream.codec_context.thread_count = 1
        stream.codec_context.options = dict(DECODER_CAPS)
        self.stats.total = stream.frames or None if self.finite else None
        self._options.packets.begin(stream)
        return stream

    def _decoding(self, stream: VideoStream, timeline: Timeline) -> Decoding:
        return Decoding(stream, timeline, self._options, self.stats, self._image)

    def _decoded(self, container: InputContainer, decoding: Decoding) -> Iterator[VideoFrame]:
        found = self.stats.decoded
        try:
            for packet in self._arrivals.of(container.demux(decoding.stream)):
                self._options.packets.packet(packet)
                yield from decoding.frames(packet)
        except (av.FFmpegError, OSError) as error:
            self.stats.damaged += 1
            if self._video.live:
                raise source_error(f"{self._shown} broke off", error) from error
        if self.stats.decoded == found:
            raise SourceError(
                f"{self._shown}: nothing in it can be decoded "
                f"({self.stats.damaged} damaged packets); is it a video?"
            )

    def _timed(self, decoded: VideoFrame, captured_ms: int) -> None:
        if decoded.pts is not None:
            self._options.packets.timed(decoded.pts, captured_ms)

    def _frame(
        self, decoded: VideoFrame, captured_ms: int, position_s: float, *, again: bool = False
    ) -> Frame | None:
        """The frame, None if there is nothing in it."""
        width, height = decoded.width, decoded.height
        image = self._image(decoded)
        if is_blank(image):
            self.stats.blank += 1
            return None
        cut = again or self._size not in {None, (width, height)}
        self._size = (width, height)
        left, top = (0, 0) if self._options.crop is None else self._options.crop[:2]
        return Frame(image, captured_ms, position_s, width, height, left, top, cut)

    def _image(self, decoded: VideoFrame) -> FrameImage:
        """The channel's part of a frame."""
        crop = self._options.crop
        if crop is None:
            return FrameImage(decoded)
        crop.checked(decoded.width, decoded.height, self._options.name)
        return FrameImage(decoded, Rect(*crop))


def _step_s(stream: VideoStream) -> float:
    rate = float(stream.average_rate or 0)
    return 1 / (rate if 0 < rate <= _MAX_FPS else _DEFAULT_FPS)
