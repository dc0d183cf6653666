"""What training draws beyond the scenes that readers are judged on: looks that no camera promises.

A reader meets faces, lenses and weather that nobody drew for it. It reads them if it has learnt
what makes a character, not one way of drawing it, so strokes change their weight, their corners
and their course (elastic distortions, Simard et al. 2003), parts are hidden (arXiv 1708.04552),
the light is uneven, and pictures are sharpened, shrunk and cut to few levels of grey.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.plates import effects
from models.train.plates.drawing import InkChance, Random
from models.train.plates.effects import Chance
from models.train.plates.glyphs import Mask
from shared.pictures import Picture


def rounded(random: Random, ink: Mask) -> Mask:
    """Strokes with rounder corners, bolder or thinner."""
    soft = cv2.GaussianBlur(ink, (0, 0), random.uniform(0.6, 1.7)).astype(np.float32)
    level, slope = random.uniform(60, 140), random.uniform(2, 6)
    return np.asarray(np.clip((soft - level) * slope + 128, 0, 255), dtype=np.uint8)


def wavy(random: Random, ink: Mask) -> Mask:
    """Strokes moved by up to about two pixels, neighbours alike."""
    height, width = ink.shape
    cells = (max(2, width // 14), max(2, height // 14))
    moved = (_smooth(random, cells, (width, height)) * random.uniform(0.5, 1.6) for _ in range(2))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across, down = (axis + shift for axis, shift in zip((x, y), moved, strict=True))
    return np.asarray(cv2.remap(ink, across, down, cv2.INTER_LINEAR), dtype=np.uint8)


def slanted(random: Random, ink: Mask) -> Mask:
    """All strokes leaning to one side, and the whole a little narrower or wider."""
    height, width = ink.shape
    lean, wide = random.normal(0, 0.06), random.uniform(0.94, 1.04)
    turn = np.array(
        [[wide, lean, (1 - wide) * width / 2 - lean * height / 2], [0, 1, 0]], dtype=np.float64
    )
    return np.asarray(cv2.warpAffine(ink, turn, (width, height)), dtype=np.uint8)


def hidden(random: Random, picture: Picture) -> Picture:
    """One or two small things stuck on it."""
    covered = picture.copy()
    height, width = picture.shape[:2]
    for _ in range(int(random.integers(1, 3))):
        across, down = (max(2, int(height * random.uniform(0.05, 0.2))) for _ in range(2))
        left, top = int(random.integers(width)), int(random.integers(height))
        covered[top : top + down, left : left + across] = random.uniform(0, 255, 3)
    return covered


def uneven(random: Random, picture: Picture) -> Picture:
    """Light that changes over the picture."""
    height, width = picture.shape[:2]
    share = 1 + random.uniform(0.1, 0.35) * _smooth(random, (4, 3), (width, height))
    return np.asarray(np.clip(picture * share[:, :, None], 0, 255), dtype=np.uint8)


def sharpened(random: Random, picture: Picture) -> Picture:
    """As cameras do: edges with a rim."""
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.6, 1.6))
    more = random.uniform(0.3, 1.5)
    return np.asarray(cv2.addWeighted(picture, 1 + more, soft, -more, 0), dtype=np.uint8)


def shrunk(random: Random, picture: Picture) -> Picture:
    """Made smaller and larger again, as by a recorder's substream."""
    height, width = picture.shape[:2]
    scale = random.uniform(0.55, 0.9)
    small = (max(8, int(width * scale)), max(4, int(height * scale)))
    how = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(random.integers(3))]
    less = cv2.resize(picture, small, interpolation=how)
    return np.asarray(cv2.resize(less, (width, height), interpolation=cv2.INTER_LINEAR))


def levelled(random: Random, picture: Picture) -> Picture:
    """Few levels of grey."""
    step = float(random.uniform(6, 24))
    return np.asarray(np.clip(np.round(picture / step) * step, 0, 255), dtype=np.uint8)


INKS = (InkChance(0.35, rounded), InkChance(0.35, wavy), InkChance(0.3, slanted))
ON_PLATE = (*effects.ON_PLATE, Chance(0.08, hidden))
WEATHER = (*effects.TRAINED, Chance(0.2, uneven))
SENSOR = (
    *(Chance(0.12, sharpened), *effects.TRAINED_SENSOR),
    *(Chance(0.08, shrunk), Chance(0.05, levelled)),
)


def _smooth(random: Random, cells: tuple[int, int], size: tuple[int, int]) -> NDArray[np.float32]:
    """A smooth random field (H, W) of deviation 1 at its `cells` (columns, rows)."""
    coarse = random.standard_normal((cells[1], cells[0]), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
