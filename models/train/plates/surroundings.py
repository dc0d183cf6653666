"""What is around a plate: parts of real vehicles where a folder of them is at hand, or drawn."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from shared.pictures import Picture

Parts = tuple[float, float]

_PICTURES = 400
_LARGEST = 320


class Surroundings:
    """Patches of any size to put plates on; `pictures` may be empty, then all are drawn."""

    def __init__(self, pictures: Sequence[Picture] = ()) -> None:
        self._pictures = pictures

    @classmethod
    def read(cls, folder: Path) -> "Surroundings":
        """Those of the pictures below `folder`, as many as are of use; none are found is well."""
        paths = sorted(folder.rglob("*.jpg"))
        step = max(1, len(paths) // _PICTURES)
        read = (cv2.imread(str(path)) for path in paths[::step])
        return cls([_small(np.asarray(one, dtype=np.uint8)) for one in read if one is not None])

    def patch(
        self, random: np.random.Generator, width: int, height: int, parts: Parts = (0.3, 0.9)
    ) -> Picture:
        """A new one; of a picture it takes from the least to the most `parts` of each side."""
        if self._pictures and random.random() < 0.6:  # noqa: PLR2004 - the rest is drawn
            source = self._pictures[int(random.integers(len(self._pictures)))]
            return _cut(random, source, (width, height), parts)
        return _bodywork(random, width, height)


def _small(picture: Picture) -> Picture:
    scale = min(1.0, _LARGEST / max(picture.shape[:2]))
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _cut(
    random: np.random.Generator, source: Picture, size: tuple[int, int], parts: Parts
) -> Picture:
    """A part of `source`, stretched to `size`."""
    across, down = (
        max(6, int(side * random.uniform(*parts))) for side in (source.shape[1], source.shape[0])
    )
    left = int(random.integers(source.shape[1] - across + 1))
    top = int(random.integers(source.shape[0] - down + 1))
    part = source[top : top + down, left : left + across]
    patch = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.flip(patch, 1) if random.random() < 0.5 else patch, dtype=np.uint8)  # noqa: PLR2004


def _bodywork(random: np.random.Generator, width: int, height: int) -> Picture:
    """Paint that is lighter above, with a few bars, gaps and lamps."""
    paint = random.uniform(15, 225) + random.normal(0, 18, 3)
    shade = np.linspace(random.uniform(0.8, 1.3), random.uniform(0.5, 1.1), height)
    column = np.clip(shade[:, None] * paint, 0, 255).astype(np.uint8)
    patch = np.repeat(column[:, None], width, axis=1)
    for _ in range(int(random.integers(0, 5))):
        level = int(random.integers(0, height))
        colour = tuple([int(random.uniform(5, 245))] * 3)
        ends = (0, level), (width, level + int(random.normal(0, height / 12)))
        cv2.line(patch, *ends, colour, int(random.integers(1, max(2, height // 6))), cv2.LINE_AA)
    for _ in range(int(random.integers(0, 3))):
        at = int(random.integers(width)), int(random.integers(height))
        axes = int(random.integers(2, width // 4 + 3)), int(random.integers(2, height // 4 + 3))
        colour = tuple(int(value) for value in random.uniform(0, 255, 3))
        cv2.ellipse(patch, at, axes, float(random.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    return patch
