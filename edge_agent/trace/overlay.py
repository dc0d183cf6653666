"""The clip once more, with what was followed drawn into it."""

import colorsys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Literal

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from edge_agent.source import Frame, open_source
from edge_agent.trace.following import Tell, every_frame
from edge_agent.trace.trace import Placed
from shared.clock import Clock
from shared.errors import StorageError
from shared.pictures import Picture

_TICKS = 1000
# Hues this far apart stay apart for many neighbours (the golden ratio).
_HUE = 0.618034
_CODECS: tuple[Literal["libx264", "mpeg4"], ...] = ("libx264", "mpeg4")


def write_overlay(
    source: str, places: Iterable[Placed], out: Path, clock: Clock, tell: Tell
) -> None:
    """Draw `places` into every frame of `source`: an own colour an object, thin where filled in.

    Raises:
        SourceError: the clip cannot be read.
        StorageError: the video cannot be written.
    """
    shown: dict[int, list[Placed]] = defaultdict(list)
    for place in places:
        shown[place.frame].append(place)
    reader = open_source(source, every_frame(clock))

    def drawn() -> Iterator[tuple[float, Picture]]:
        for index, frame in enumerate(reader.frames(Event())):
            yield frame.position_s, draw(frame, shown[index])
            tell(index + 1, reader.stats.total)

    try:
        _encode(out, drawn())
    except (av.FFmpegError, OSError, ValueError) as error:
        raise StorageError(
            f"{out}: the overlay cannot be written: {error}; name a file ending in .mp4"
        ) from error


def draw(frame: Frame, places: Sequence[Placed]) -> Picture:
    """A copy of the frame with `places` in it; sides are even, as video wants them."""
    height, width = frame.picture.shape[:2]
    canvas = frame.picture[: height - height % 2, : width - width % 2].copy()
    for place in places:
        left, top, right, bottom = (round(side) for side in place.rect)
        colour = _colour(place.number)
        cv2.rectangle(canvas, (left, top), (right, bottom), colour, 2 if place.seen else 1)
        corner = (left + 2, max(12, top - 4))
        cv2.putText(canvas, str(place.number), corner, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 2)
    return canvas


def _colour(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number * _HUE % 1, 0.8, 1)
    return round(255 * blue), round(255 * green), round(255 * red)


def _encode(out: Path, pictures: Iterable[tuple[float, Picture]]) -> None:
    """Write `pictures` with those times in seconds."""
    codec = next(name for name in _CODECS if name in av.codecs_available)
    with av.open(str(out), "w") as container:
        stream: VideoStream | None = None
        for at_s, picture in pictures:
            if stream is None:
                stream = container.add_stream(codec, rate=25)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, _TICKS)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame.pts, frame.time_base = round(at_s * _TICKS), Fraction(1, _TICKS)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
