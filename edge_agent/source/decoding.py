"""Packets into frames, decoding no more than is needed.

- While a channel is quiet only its key frames are decoded. What lies between two is kept until the
  second is found to show nothing new, so that a channel that wakes sees what woke it.
- A frame that no other needs and the sampler does not want is left out: B-frames of H.264 and
  H.265, all frames of a codec that has only key frames (MJPEG).
- A channel that has fallen behind leaves out what is left until the next key frame: frames that
  come too late to be looked at are not worth the time that the others lack.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge_agent.source.attention import Attention, PacketSeen
from edge_agent.source.frame import SourceOptions, SourceStats
from edge_agent.source.image import FrameImage
from edge_agent.source.sound import Soundness
from edge_agent.source.timeline import Timeline

VideoPacket: TypeAlias = "Packet[VideoStream]"

# What every decoder is told. Four times 8K UHD: more is a damaged or hostile header.
DECODER_CAPS = MappingProxyType({"max_pixels": str(4 * 7680 * 4320)})
# Cameras that stretch the interval between key frames while nothing moves are decoded whole: else
# nobody would look at them for so long. 8 MiB are 16 s of 4 Mbit/s.
_LONGEST_S = 5.0
_KEPT_BYTES = 8 * 1024 * 1024
# A clock that stands still must not make the sampler leave everything out.
_MOST_LEFT_OUT = 60


class Decoding:
    """Decodes one opened stream, whose codec is this object's to steer.

    Args:
        stream: the stream.
        timeline: where its frames lie; only asked, never moved.
        options: sampler, watcher and clock.
        stats: counts what is decoded, skipped and damaged, and the time spent.
        shown: the channel's part of a frame.
    """

    def __init__(
        self,
        stream: VideoStream,
        timeline: Timeline,
        options: SourceOptions,
        stats: SourceStats,
        shown: Callable[[VideoFrame], FrameImage],
    ) -> None:
        self.stream = stream
        self._codec = stream.codec_context
        # Asks the decoder for what it holds back. Of the stream's time base, as every packet: what
        # comes out would have no time else.
        self._end = cast("VideoPacket", Packet())
        self._end.time_base = stream.time_base or self._end.time_base
        self._timeline = timeline
        self._options = options
        self._stats = stats
        self._alone = stream.codec_context.codec.intra_only
        self._left_out = 0
        self._key_s: float | None = None
        self._interval_s = float("inf")
        self._quiet = False
        self._hurries = False
        self._kept: list[VideoPacket] = []
        self._shown: int | None = None
        self._image = shown
        self.reaching_back = False
        """Whether the frame at hand is an older one, of a channel that has just woken."""
        self._soundness = Soundness()

    def frames(self, packet: VideoPacket) -> Iterator[VideoFrame]:
        """What can be shown now that `packet` is here, in order of presentation."""
        if packet.size == 0:
            yield from [] if self._quiet else self._decode(packet)
            return
        position_s = self._position(packet)
        self._options.watcher.packet(PacketSeen(position_s, packet.size, packet.is_keyframe))
        quiet = self._options.watcher.attention is Attention.KEYFRAMES
        if self._hurries and not packet.is_keyframe:
            self._stats.late += 1
            return
        self._hurries = False
        if packet.is_keyframe:
            yield from self._key(packet, position_s, quiet=quiet)
        elif not self._quiet:
            yield from self._next(packet)
        else:
            self._kept.append(packet)
            if not quiet or self._too_many(position_s):
                yield from self._wake()

    def hurry(self) -> None:
        """Leave out everything until the next key frame, unless that may be long in coming."""
        if not self._quiet and not self._alone and self._interval_s <= _LONGEST_S:
            self._hurries = True
            self._codec.flush_buffers()

    def _key(self, packet: VideoPacket, position_s: float, *, quiet: bool) -> Iterator[VideoFrame]:
        if self._key_s is not None:
            self._interval_s = position_s - self._key_s
        self._key_s = position_s
        if quiet and not self._alone and self._interval_s <= _LONGEST_S:
            yield from self._only(packet)
        else:
            self._quiet = False
            self._leave_out()
            yield from self._next(packet)

    def _only(self, packet: VideoPacket) -> Iterator[VideoFrame]:
        """Decode a key frame and nothing after it; if it shows something new, all before it."""
        if not self._quiet:
            yield from self._drain()
        frames = [*self._decode(packet), *self._drain()]
        if self._quiet and any(self._options.watcher.stirs(self._image(one)) for one in frames):
            self._kept.append(packet)
            yield from self._wake()
            return
        self._leave_out()
        self._quiet, self._kept = True, [packet]
        self._shown = frames[-1].pts if frames else None
        yield from frames

    def _leave_out(self) -> None:
        self._stats.skipped += max(0, len(self._kept) - 1)
        self._kept = []

    def _too_many(self, position_s: float) -> bool:
        stretched = position_s - (self._key_s or 0.0) > _LONGEST_S
        return stretched or sum(kept.size for kept in self._kept) > _KEPT_BYTES

    def _wake(self) -> Iterator[VideoFrame]:
        """Decode what was kept, without showing its first key frame again."""
        kept, self._kept, self._quiet = self._kept, [], False
        self.reaching_back = True
        for packet in kept:
            for frame in self._next(packet):
                if self._shown is None or frame.pts is None or frame.pts > self._shown:
                    yield frame
        self.reaching_back = False

    def _next(self, packet: VideoPacket) -> list[VideoFrame]:
        """Decode a packet in its turn, unless nobody needs it."""
        if self._options.sampler.would_want(self._position(packet)):
            self._left_out = 0
            return self._decode(packet)
        if self._alone and self._left_out < _MOST_LEFT_OUT:
            self._left_out += 1
            self._stats.skipped += 1
            return []
        return self._decode(packet, "NONREF")

    def _position(self, packet: VideoPacket) -> float:
        ticks = packet.dts if packet.pts is None else packet.pts
        return self._timeline.foresee(None if ticks is None else float(ticks * packet.time_base))

    def _drain(self) -> list[VideoFrame]:
        """What the decoder still holds back; it begins anew after."""
        held = self._decode(self._end)
        self._codec.flush_buffers()
        return held

    def _decode(
        self, packet: VideoPacket, skip: Literal["DEFAULT", "NONREF"] = "DEFAULT"
    ) -> list[VideoFrame]:
        began = self._options.clock.monotonic()
        try:
            self._codec.skip_frame = skip
            pictures = self._codec.decode(packet)
        except av.FFmpegError:
            self._stats.damaged += 1
            self._soundness.damage(packet.pts)
            return []
        finally:
            self._stats.decode_s += self._options.clock.monotonic() - began
        # A picture with concealed damage shows things that are not there.
        whole = [picture for picture in pictures if self._soundness.admits(picture)]
        self._stats.damaged += len(pictures) - len(whole)
        self._stats.decoded += len(whole)
        return whole
