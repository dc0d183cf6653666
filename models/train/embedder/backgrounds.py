"""What people are put before: windows of the free clips' frames."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from models.preparation import Size
from shared.errors import ConfigError
from shared.pictures import Picture

CLIPS = (
    "video/bgs_highway60_320.avi",
    "video/bgs_highway_320.avi",
    "video/iacv_foreste.mp4",
    "video/iacv_milanoest.mp4",
    "video/intel_car-detection.mp4",
    "video/intel_one-by-one-person.mp4",
    "video/intel_person-bicycle-car.mp4",
    "fire/car_fire_854x480.mp4",
)
"""Below the data folder; all under licences that allow training (CC-BY-4.0 and MIT)."""


def clip_frames(path: Path, count: int) -> list[Picture]:
    """So many frames of the clip, evenly through it, or all where there are fewer.

    Raises:
        ConfigError: it cannot be read.
    """
    video = cv2.VideoCapture(str(path))
    total = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    wanted = set(np.linspace(0, max(0, total - 1), min(count, max(1, total))).astype(int).tolist())
    frames = []
    for number in range(total):
        if not video.grab():
            break
        if number in wanted:
            frames.append(np.asarray(video.retrieve()[1], dtype=np.uint8))
    video.release()
    if not frames:
        raise ConfigError(f"{path} is missing, or no clip that can be read; check --data")
    return frames


def read_backgrounds(data: Path, a_clip: int = 12) -> list[Picture]:
    """Frames of all the clips. Errors as `clip_frames`."""
    return [frame for clip in CLIPS for frame in clip_frames(data / clip, a_clip)]


def read_photos(data: Path) -> list[Picture]:
    """The freely licensed pictures below `backgrounds/`; none where there is no such folder."""
    photos = [cv2.imread(str(path)) for path in sorted((data / "backgrounds").glob("*.jpg"))]
    return [np.asarray(photo, dtype=np.uint8) for photo in photos if photo is not None]


def draw_background(frames: Sequence[Picture], size: Size, rng: np.random.Generator) -> Picture:
    """A window of one of `frames`, mirrored and lit anew, at `size`."""
    frame = frames[int(rng.integers(len(frames)))]
    height, width = frame.shape[:2]
    tall = rng.uniform(0.25, 0.9) * height
    wide = min(tall * size.width / size.height * rng.uniform(0.8, 1.3), width - 1)
    top, left = rng.uniform(0, height - tall), rng.uniform(0, width - wide)
    window = frame[int(top) : int(top + tall) + 1, int(left) : int(left + wide) + 1]
    if rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        window = window[:, ::-1]
    seen = cv2.resize(window, size, interpolation=cv2.INTER_AREA)
    lit = seen * rng.uniform(0.5, 1.4) + rng.uniform(-20, 40)
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)
