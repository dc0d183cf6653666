"""Pictures to measure on where none are given: what they show hardly changes the time taken."""

import cv2
import numpy as np

from models.preparation import Size
from shared.pictures import Picture

FRAME = Size(1280, 720)
CROP = Size(80, 200)
PLATE = Size(140, 40)
_BLOCK = 16


def made_picture(size: Size, seed: int = 0) -> Picture:
    """A picture of `size` with soft shapes of every brightness, the same for the same seed."""
    generator = np.random.default_rng(seed)
    blocks = (size.height // _BLOCK + 2, size.width // _BLOCK + 2, 3)
    coarse = generator.integers(0, 256, blocks, dtype=np.uint8)
    soft = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(soft, dtype=np.uint8)
