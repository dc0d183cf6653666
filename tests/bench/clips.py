"""Clips as cameras send them, made of the real ones: H.264 of a size, a rate and a key interval.

Made once and kept beside the demonstration clip (`deploy.clips.clip_cache`).
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame

from deploy.clips import clip_cache, find_vtest
from shared.pictures import Picture
from tests.bench.data import shared_data

_NOISE = 2.0
# Patterns of noise, over and over: more than an encoder looks back.
_NOISES = 16
_SEED = 11
_SAMPLES = 25

Effect = Callable[[Picture, float], Picture]
"""A picture (BGR) and its time in seconds made into another."""


@dataclass(frozen=True)
class Coding:
    """How a camera sends: key frames every `gop` frames, none between; `b_frames` in a row.

    `crf` is x264's quality, `kbit_per_s` a constant bit rate instead.
    """

    width: int
    height: int
    fps: int
    gop: int
    seconds: float
    b_frames: int = 0
    crf: int = 23
    kbit_per_s: int | None = None


def real_clips() -> list[Path]:
    """Every real clip that is long enough to follow anybody in it."""
    clips = [find_vtest(), *sorted((shared_data() / "video").glob("*"))]
    return [clip for clip in clips if "8frames" not in clip.name]


def reencoded(clip: Path, width: int, height: int, fps: int, gop: int, seconds: float) -> Path:
    """`clip`, begun anew where it is shorter, as such a camera would send it."""
    return encoded(clip, Coding(width, height, fps, gop, seconds))


def encoded(clip: Path, coding: Coding, effect: Effect | None = None, name: str = "") -> Path:
    """`clip` in `coding`, each picture changed by `effect`, which `name` tells from others."""
    return _kept(clip, coding, name, lambda: _timed(clip, coding, effect))


def quiet(clip: Path, coding: Coding) -> Path:
    """The place of `clip` with nobody there: the median of its pictures, with a sensor's noise."""
    return _kept(clip, coding, "quiet", lambda: _still(clip, coding))


def _kept(
    clip: Path, coding: Coding, name: str, pictures: Callable[[], Iterator[VideoFrame]]
) -> Path:
    words = f"{clip.name} {clip.stat().st_size} {sorted(asdict(coding).items())} {name}"
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    folder = clip_cache() / "coded"
    path = folder / f"{clip.stem}-{coding.width}x{coding.height}-{name or 'plain'}-{digest}.mp4"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft.mp4")
        _encode(draft, pictures(), coding)
        draft.replace(path)
    return path


def _encode(path: Path, frames: Iterator[VideoFrame], coding: Coding) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=coding.fps)
        stream.width, stream.height, stream.pix_fmt = coding.width, coding.height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options.update(_x264(coding))
        for number, frame in enumerate(frames):
            scaled = frame.reformat(coding.width, coding.height, "yuv420p", threads=1)
            scaled.pts, scaled.time_base = number, Fraction(1, coding.fps)
            scaled.pict_type = PictureType.NONE
            container.mux(stream.encode(scaled))
        container.mux(stream.encode(None))


def _x264(coding: Coding) -> dict[str, str]:
    keys = f"keyint={coding.gop}:min-keyint={coding.gop}:scenecut=0:bframes={coding.b_frames}"
    options = {"preset": "veryfast", "x264-params": keys}
    if coding.kbit_per_s is None:
        return {**options, "crf": str(coding.crf)}
    rate = f"{coding.kbit_per_s}k"
    return {**options, "b": rate, "maxrate": rate, "bufsize": rate}


def _timed(clip: Path, coding: Coding, effect: Effect | None) -> Iterator[VideoFrame]:
    """The frame of `clip` nearest before each time of `coding`."""
    frames = _endless(clip)
    shown, until_s = next(frames)
    for number in range(round(coding.seconds * coding.fps)):
        while until_s <= number / coding.fps + 1e-6:
            shown, until_s = next(frames)
        yield shown if effect is None else _changed(shown, effect, number / coding.fps)


def _endless(clip: Path) -> Iterator[tuple[VideoFrame, float]]:
    """Frames of `clip` over and over, with the time until which each is shown."""
    until_s = 0.0
    while True:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            step_s = 1 / float(stream.average_rate or 25)
            for frame in container.decode(stream):
                until_s += step_s
                yield frame, until_s


def _changed(frame: VideoFrame, effect: Effect, time_s: float) -> VideoFrame:
    return VideoFrame.from_ndarray(effect(_picture(frame), time_s), format="bgr24")


def _picture(frame: VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def _still(clip: Path, coding: Coding) -> Iterator[VideoFrame]:
    rng = np.random.default_rng(_SEED)
    with av.open(str(clip)) as container:
        frames = container.decode(container.streams.video[0])
        every = max(1, (container.streams.video[0].frames or 250) // _SAMPLES)
        seen = [_picture(frame) for number, frame in enumerate(frames) if number % every == 0]
    empty = np.median(np.stack(seen), axis=0).astype(np.float32)
    noisy = (empty + rng.normal(0, _NOISE, empty.shape) for _ in range(_NOISES))
    shown = [
        VideoFrame.from_ndarray(np.clip(one, 0, 255).astype(np.uint8), format="bgr24")
        for one in noisy
    ]
    for number in range(round(coding.seconds * coding.fps)):
        yield shown[number % _NOISES]
