"""Small real clips, encoded on the spot."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.video.frame import PictureType

from edge_agent.sampling import Sampler
from edge_agent.source import CropRect, SourceOptions
from models.detection import Detection
from models.roles import Bounds
from shared.classes import ObjectClass
from shared.clock import Clock, ManualClock
from shared.geometry import Rect
from shared.pictures import Picture
from shared.vectors import Vector, normalised

STARTS_AT_MS = 1_700_000_000_000
GREY = 90


@dataclass(frozen=True)
class Actor:
    """A block of one colour (BGR) that moves; `from_s` to `to_s` it is there."""

    colour: tuple[int, int, int]
    start: Rect
    speed: tuple[float, float] = (0.0, 0.0)
    from_s: float = 0.0
    to_s: float = 1e9

    def rect(self, at_s: float) -> Rect | None:
        """Where it is at `at_s`, None when it is not there."""
        if not self.from_s <= at_s <= self.to_s:
            return None
        passed = at_s - self.from_s
        return self.start.shifted(self.speed[0] * passed, self.speed[1] * passed)


def scene(actors: Sequence[Actor], at_s: float, size: tuple[int, int] = (320, 240)) -> Picture:
    """The actors before a grey wall."""
    width, height = size
    picture = np.full((height, width, 3), GREY, dtype=np.uint8)
    for actor in actors:
        rect = actor.rect(at_s)
        if rect is not None:
            left, top, right, bottom = (round(side) for side in rect.clipped(width, height))
            picture[top:bottom, left:right] = actor.colour
            picture[top:bottom:8, left:right] = 255 - np.array(actor.colour, dtype=np.uint8)
    return picture


def encode_clip(
    path: Path,
    pictures: Iterable[Picture],
    times_s: Sequence[float],
    codec: Literal["mpeg4", "mpeg2video"] = "mpeg4",
) -> Path:
    """Write `pictures` with those presentation times."""
    ticks = {"mpeg4": 1000, "mpeg2video": 25}[codec]
    with av.open(str(path), "w") as container:
        stream = None
        for picture, time_s in zip(pictures, times_s, strict=True):
            if stream is None:
                stream = container.add_stream(codec, rate=25)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, ticks)
                stream.codec_context.max_b_frames = 0
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = round(time_s * ticks), Fraction(1, ticks)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
    return path


def encode_h264(
    path: Path, pictures: Sequence[Picture], keys: Container[int], b_frames: int = 0, fps: int = 25
) -> Path:
    """Write `pictures` as a camera does, with key frames where `keys` says."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        coding = f"keyint=1000:scenecut=0:bframes={b_frames}:b-adapt=0:b-pyramid=none"
        stream.options = {
            "preset": "ultrafast",
            "crf": "8",
            "forced-idr": "1",
            "x264-params": coding,
        }
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            frame.pict_type = PictureType.I if number in keys else PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def encode_scene(path: Path, actors: Sequence[Actor], seconds: float, fps: float = 25.0) -> Path:
    """A clip of the actors."""
    times = [index / fps for index in range(round(seconds * fps))]
    return encode_clip(path, (scene(actors, time) for time in times), times)


def options(
    fps: float | None = None, crop: CropRect | None = None, clock: Clock | None = None
) -> SourceOptions:
    """How the tests read a source."""
    return SourceOptions(
        name="door",
        clock=clock or ManualClock(STARTS_AT_MS),
        sampler=Sampler(fps),
        crop=crop,
        starts_at_ms=STARTS_AT_MS,
        fps=fps or 5.0,
    )


class ColourDetector:
    """Finds the blocks of `colours` in a picture: exact where a network is not."""

    def __init__(
        self,
        colours: Sequence[tuple[int, int, int]],
        confidence: float = 0.9,
        shows: ObjectClass = ObjectClass.PERSON,
    ) -> None:
        self._colours = colours
        self._confidence = confidence
        self._shows = shows

    def detect(self, picture: Picture) -> list[Detection]:
        """One detection for each colour that is there."""
        found = []
        for colour in self._colours:
            off = np.abs(picture.astype(np.int16) - np.array(colour, dtype=np.int16)).max(axis=2)
            rows, columns = np.nonzero(off < 60)
            if len(rows) < 200:
                continue
            edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            rect = Rect(*(float(edge) for edge in edges))
            found.append(Detection(rect, self._shows, self._confidence))
        return found

    def describe(self) -> str:
        return "colours@1 none/CPU/exact"


class ColourEmbedder:
    """A crop's mean colour as a vector: alike for one block, apart for two colours."""

    space = "mean-colour@1"
    dimensions = 3
    bounds = Bounds(alike=0.55, unlike=0.3)

    def __init__(self) -> None:
        self.crops: list[Picture] = []

    def embed(self, crops: Sequence[Picture]) -> Vector:
        """One unit row a crop."""
        self.crops += crops
        middle = [crop[crop.shape[0] // 4 : -crop.shape[0] // 4] for crop in crops]
        means = [part.reshape(-1, 3).astype(np.float32).mean(axis=0) - GREY for part in middle]
        return np.stack([normalised(mean + 1e-3) for mean in means])

    def describe(self) -> str:
        return "mean-colour@1 none/CPU/exact"
