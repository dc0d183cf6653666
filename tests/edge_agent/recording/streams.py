"""Small H.264 streams with B-frames, whose pictures say which they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import cast

import av
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from edge_agent.recording import ChannelTap, Recorder, RecordingSettings
from edge_agent.sampling import Sampler
from edge_agent.source import SourceOptions, open_source
from shared.clock import Clock, ManualClock

FPS = 25
KEY_EVERY = 25
STARTS_AT_MS = 1_784_505_600_000
WIDTH, HEIGHT = 320, 64
NOISY_SIZE = (640, 128)
_BITS = 10
_BLOCK = WIDTH // _BITS


def encode_numbered(
    path: Path,
    seconds: float,
    codec: str = "libx264",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    *,
    noisy: bool = False,
    jump_s: float = 0.0,
) -> Path:
    """A clip of `FPS` pictures a second, each with its number written as black and white blocks.

    `noisy`: larger, and with noise below, so that three seconds are about a megabyte. `jump_s`:
    how far the time stamps jump in the middle.
    """
    noise, count = np.random.default_rng(1), round(seconds * FPS)
    size = NOISY_SIZE if noisy else size
    width, height = size
    with av.open(str(path), "w") as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=FPS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = KEY_EVERY
        stream.codec_context.max_b_frames = 2 if codec == "libx264" else 0
        stream.options = {"sc_threshold": "0"}  # key frames where they are expected, and no more
        shown = (_frame(number, size, noise if noisy else None) for number in range(count))
        packets = (packet for frame in (*shown, None) for packet in stream.encode(frame))
        for packet in _jumping(packets, seconds / 2, jump_s):
            container.mux(packet)
    return path


class FewKeys(ChannelTap):
    """A tap to which only one key frame in `every` is one: a camera that saves bandwidth."""

    def __init__(self, recorder: Recorder, every: int) -> None:
        super().__init__("gate", recorder)
        self._every = every
        self._keys = 0

    def packet(self, packet: Packet[VideoStream]) -> None:
        is_key = packet.is_keyframe
        packet.is_keyframe = is_key and self._keys % self._every == 0
        self._keys += is_key
        super().packet(packet)
        packet.is_keyframe = is_key


def _jumping(
    packets: Iterable[Packet[VideoStream]], from_s: float, jump_s: float
) -> Iterator[Packet[VideoStream]]:
    """`packets`, those from the first key frame after `from_s` on with their times later."""
    ticks = 0
    for packet in packets:
        if packet.pts is not None and packet.dts is not None:
            if packet.is_keyframe and packet.pts * packet.time_base >= from_s:
                ticks = round(jump_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
        yield packet


def picture(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> np.ndarray:
    """The picture that says `number`."""
    width, height = size
    shown = np.full((height, width), 20, dtype=np.uint8)
    for bit in range(_BITS):
        if number >> bit & 1:
            shown[:, bit * width // _BITS : (bit + 1) * width // _BITS] = 235
    return shown


def numbers(path: Path) -> dict[int, int]:
    """Of each picture of the video at `path`: its time in milliseconds, and its number."""
    with av.open(str(path)) as container:
        return {
            round(float(frame.pts * frame.time_base) * 1000): _number(frame)
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        }


def record(
    folder: Path,
    source: Path,
    settings: RecordingSettings | None = None,
    starts_at_ms: int = STARTS_AT_MS,
    clock: Clock | None = None,
) -> Recorder:
    """Record `source` as channel `gate` below `folder`, to its end."""
    recorder = Recorder(folder, settings or RecordingSettings(segment_s=2), clock or ManualClock())
    play(ChannelTap("gate", recorder), source, starts_at_ms)
    write_all(recorder)
    return recorder


def play(tap: ChannelTap, source: Path, starts_at_ms: int = STARTS_AT_MS) -> None:
    """Show `tap` all packets of `source`, as its channel does."""
    for _ in frames(tap, source, starts_at_ms):
        pass


def frames(tap: ChannelTap, source: Path, starts_at_ms: int) -> Iterator[object]:
    """The frames of `source`, whose packets `tap` is shown."""
    options = SourceOptions(
        name="gate",
        clock=ManualClock(starts_at_ms),
        sampler=Sampler(None),
        starts_at_ms=starts_at_ms,
        packets=tap,
    )
    return open_source(str(source), options).frames(Event())


def write_all(recorder: Recorder) -> None:
    """Let the recorder write what it was given."""
    stop = Event()
    stop.set()
    recorder.run(stop)


def _frame(number: int, size: tuple[int, int], noise: np.random.Generator | None) -> av.VideoFrame:
    shown = picture(number, size)
    if noise is not None:
        below = shown[size[1] // 2 + 8 :]
        below[:] = noise.integers(0, 255, below.shape)
    frame = av.VideoFrame.from_ndarray(shown, format="gray")
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _number(frame: av.VideoFrame) -> int:
    grey = frame.to_ndarray(format="gray")
    middle = grey[grey.shape[0] // 2]
    width = len(middle)
    bits = [middle[round((bit + 0.5) * width / _BITS)] > 128 for bit in range(_BITS)]
    return sum(1 << bit for bit, is_set in enumerate(bits) if is_set)
