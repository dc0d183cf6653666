"""H.264 as a camera would send it, encoded on the spot, for `tests/rtsp/server.py` to play."""

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from shared.pictures import Picture

FPS = 10
GOP = 10
_RECORD = struct.Struct(">ddI")
_TICKS = 1000


class AccessUnit(NamedTuple):
    """One encoded picture: when it is decoded and shown, seconds, and its Annex B bytes."""

    dts_s: float
    pts_s: float
    data: bytes
    key: bool = False


def encode_units(
    pictures: Iterable[Picture], fps: int = FPS, gop: int = GOP, b_frames: int = 0, slices: int = 1
) -> list[AccessUnit]:
    """`pictures` (BGR, one size) as H.264, headers before each key frame."""
    coder = av.CodecContext.create("libx264", "w")
    coder.pix_fmt = "yuv420p"
    coder.time_base = Fraction(1, _TICKS)
    coder.framerate = Fraction(fps)
    coder.gop_size, coder.max_b_frames = gop, b_frames
    coder.thread_count = 1
    coder.options = {
        "preset": "veryfast",
        "x264-params": "repeat-headers=1:scenecut=0:annexb=1:b-adapt=0:sliced-threads=0:"
        f"bframes={b_frames}:slices={slices}",
    }
    packets = []
    for number, picture in enumerate(pictures):
        if number == 0:
            coder.height, coder.width = picture.shape[:2]
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = round(number * _TICKS / fps), Fraction(1, _TICKS)
        packets += coder.encode(frame)
    packets += coder.encode(None)
    first = packets[0].dts or 0
    return [
        AccessUnit(
            ((packet.dts or 0) - first) / _TICKS,
            (packet.pts or 0) / _TICKS,
            bytes(packet),
            packet.is_keyframe,
        )
        for packet in packets
    ]


def write_units(path: Path, units: Sequence[AccessUnit]) -> Path:
    """The file that the server plays."""
    with path.open("wb") as file:
        for unit in units:
            file.write(_RECORD.pack(unit.dts_s, unit.pts_s, len(unit.data)) + unit.data)
    return path


def street(seconds: float, size: tuple[int, int] = (320, 240), fps: int = FPS) -> list[Picture]:
    """A textured wall with a bar that walks; its left edge moves four pixels a frame."""
    width, height = size
    wall = np.random.default_rng(7).integers(40, 200, (height // 8, width // 8, 3), dtype=np.uint8)
    wall = np.kron(wall, np.ones((8, 8, 1), dtype=np.uint8))
    pictures = []
    for number in range(round(seconds * fps)):
        picture = np.zeros((height, width, 3), dtype=np.uint8)
        picture[: wall.shape[0], : wall.shape[1]] = wall
        left = 4 * number % (width - 40)
        picture[height // 4 : -height // 4, left : left + 40] = (20, 20, 230)
        pictures.append(picture)
    return pictures


def joined(parts: Sequence[Sequence[AccessUnit]], fps: int = FPS) -> list[AccessUnit]:
    """The parts one after the other, as one clip."""
    starts = [0.0]
    for part in parts[:-1]:
        starts.append(starts[-1] + part[-1].dts_s + 1 / fps)
    return [
        unit._replace(dts_s=unit.dts_s + start, pts_s=unit.pts_s + start)
        for start, part in zip(starts, parts, strict=True)
        for unit in part
    ]


def rising(values: Iterable[float]) -> bool:
    """Whether each value is larger than the one before."""
    return all(before < after for before, after in pairwise(values))
