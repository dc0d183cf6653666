"""Pictures of a clip, a camera or a folder, with the moments they show."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from shared.clock import Clock
from shared.errors import ConfigError, PictureError
from shared.ids import PLAIN_NAME
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_NETWORK = ("rtsp://", "rtsps://")


class Shot(NamedTuple):
    """A picture (H x W x 3, BGR, uint8), and the UTC milliseconds of it.

    Of clips and folders the first picture is taken to be of now, as nobody knows better.
    """

    picture: Picture
    captured_ms: int


def shots(source: str, fps: float, clock: Clock) -> Iterator[Shot]:
    """About `fps` pictures a second of `source`: a video file, an `rtsp://` URL, a folder.

    A folder's pictures are taken for neighbours, `fps` a second, in the order of their names;
    those that are damaged are left out.

    Raises:
        ConfigError: there is no such file or folder, or no picture can be read from it.
    """
    if source.startswith(_NETWORK):
        return _live(source, fps, clock)
    path = Path(source)
    if path.is_dir():
        return _of_folder(path, fps, clock)
    if path.is_file():
        return _of_clip(path, fps, clock)
    raise ConfigError(f"{source}: neither a file nor a folder; give one, or rtsp://host/path")


def channel_of(source: str) -> str:
    """A channel's name for `source`: letters, digits, `.`, `_` and `-` of the end of its path."""
    tail = source.rstrip("/").rpartition("/")[2] if source.startswith(_NETWORK) else source
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(tail).stem).lstrip("._-")[:64]
    return name if re.match(PLAIN_NAME, name) else "camera"


def _of_folder(folder: Path, fps: float, clock: Clock) -> Iterator[Shot]:
    start = clock.now_ms()
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    read = 0
    for number, path in enumerate(paths):
        try:
            picture = decode_picture(path.read_bytes(), UPLOAD_CAPS)
        except (OSError, PictureError):
            continue
        read += 1
        yield Shot(picture, start + round(1000 * number / fps))
    if not read:
        raise ConfigError(
            f"{folder}: none of the {len(paths)} pictures in it can be read; "
            f"expected {', '.join(sorted(SUFFIXES))}"
        )


def _of_clip(path: Path, fps: float, clock: Clock) -> Iterator[Shot]:
    start = clock.now_ms()
    next_ms = 0.0
    for number, (picture, position_ms) in enumerate(_decoded(str(path))):
        if position_ms >= next_ms or number == 0:
            next_ms = position_ms + 1000 / fps - 1
            yield Shot(picture, start + round(position_ms))


def _live(url: str, fps: float, clock: Clock) -> Iterator[Shot]:
    next_ms = 0.0
    for picture, _ in _decoded(url):
        now = clock.now_ms()
        if now >= next_ms:
            next_ms = now + 1000 / fps - 1
            yield Shot(picture, now)


def _decoded(source: str) -> Iterator[tuple[Picture, float]]:
    """Every picture with its place in milliseconds.

    Raises:
        ConfigError: it cannot be opened, or nothing in it can be decoded.
    """
    capture = cv2.VideoCapture(source)
    try:
        good, picture = capture.read()
        if not good:
            raise ConfigError(f"{source}: no picture can be read; is it a video, is it there?")
        while good:
            yield np.asarray(picture, dtype=np.uint8), float(capture.get(cv2.CAP_PROP_POS_MSEC))
            good, picture = capture.read()
    finally:
        capture.release()
