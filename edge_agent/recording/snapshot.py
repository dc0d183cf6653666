"""The latest picture of a channel, kept as its packet and decoded when somebody asks."""

import io
from threading import Lock
from typing import NamedTuple, cast

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL import Image

from edge_agent.source.decoding import DECODER_CAPS
from shared.errors import PictureError

_QUALITY = 85


class Snapshot(NamedTuple):
    """A JPEG picture and when it was taken, UTC milliseconds; None where that is not known."""

    data: bytes
    captured_ms: int | None


class _Key(NamedTuple):
    data: bytes
    pts: int | None
    codec: str
    extradata: bytes | None


class LatestPicture:
    """The last key frame of the channel `name`: as old as its key frames are apart.

    `begin`, `packet` and `timed` as in `PacketSink`; `snapshot` from any thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._codec = ""
        self._extradata: bytes | None = None
        self._key: _Key | None = None
        self._captured_ms: int | None = None

    def begin(self, stream: VideoStream) -> None:
        """See `PacketSink`."""
        context = stream.codec_context
        extradata = context.extradata
        self._codec = context.codec.name
        self._extradata = None if extradata is None else bytes(extradata)

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """See `PacketSink`."""
        if packet.is_keyframe:
            key = _Key(bytes(packet), packet.pts, self._codec, self._extradata)
            with self._lock:
                self._key, self._captured_ms = key, None

    def timed(self, pts: int, captured_ms: int) -> None:
        """See `PacketSink`."""
        with self._lock:
            if self._key is not None and self._key.pts == pts:
                self._captured_ms = captured_ms

    def snapshot(self) -> Snapshot:
        """The picture.

        Raises:
            PictureError: there is none yet, or it cannot be decoded.
        """
        with self._lock:
            key, captured_ms = self._key, self._captured_ms
        if key is None:
            raise PictureError(f"channel {self._name} has shown no picture of a video yet")
        return Snapshot(self._jpeg(key), captured_ms)

    def _jpeg(self, key: _Key) -> bytes:
        written = io.BytesIO()
        try:
            context = cast("VideoCodecContext", VideoCodecContext.create(key.codec, "r"))
            context.extradata = key.extradata
            context.options = dict(DECODER_CAPS)
            frames = [*context.decode(Packet(key.data)), *context.decode(None)]
            picture = frames[0].to_ndarray(format="rgb24")
            Image.fromarray(picture).save(written, "JPEG", quality=_QUALITY)
        except (av.FFmpegError, OSError, ValueError, IndexError) as error:
            raise PictureError(
                f"the latest picture of channel {self._name} cannot be decoded: {error}"
            ) from error
        return written.getvalue()
