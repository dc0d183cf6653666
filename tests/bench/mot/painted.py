"""Pictures for sequences that come without: each person of the truth a block of its own colour.

Whoever stands lower in the picture is in front. So a crop of a detection shows who is really
there, covered as they would be, and an embedder can say who that is without error, or not at all.
"""

from collections.abc import Sequence

import numpy as np

from models.roles import Bounds
from shared.pictures import Picture
from shared.vectors import Vector
from tests.bench.mot.sequences import Boxes

BOUNDS = Bounds(alike=0.5, unlike=0.5)
NEVER = Bounds(alike=2.0, unlike=-2.0)
_DIMENSIONS = 64
_GREY = 90
_STRIPES = 32
_BLUE, _GREEN = 200, 100


def paint(truth: Boxes, size: tuple[int, int]) -> Picture:
    """The people of one frame, by id, in a picture of `size` (width, height)."""
    picture = np.full((size[1], size[0], 3), _GREY, dtype=np.uint8)
    for index in np.argsort(truth.corners[:, 3]):
        left, top, right, bottom = (max(0, round(side)) for side in truth.corners[index])
        person = int(truth.values[index])
        picture[top:bottom, left:right] = (_BLUE + person // 250, _GREEN, person % 250)
        # Stripes, so that it is sharp.
        thick = max(1, (bottom - top) // _STRIPES)
        for row in range(top, bottom, 2 * thick):
            picture[row : row + thick, left:right, 1] = 255
    return picture


def blind(crops: Sequence[Picture]) -> list[Vector]:
    """All crops look alike: with `NEVER` as bounds nothing is joined or parted by looks."""
    return [_vector(0) for _ in crops]


def ideal(crops: Sequence[Picture]) -> list[Vector]:
    """One vector a person, at right angles almost, by who stands in the middle of a crop."""
    return [_vector(_person(crop)) for crop in crops]


def _person(crop: Picture) -> int:
    height, width = crop.shape[:2]
    middle = crop[height // 4 : height - height // 4, width // 3 : max(1, width - width // 3)]
    blue, _, red = np.median(middle.reshape(-1, 3), axis=0)
    return -1 if blue < _BLUE else int(blue - _BLUE) * 250 + int(red)


def _vector(person: int) -> Vector:
    values = np.random.default_rng(person + 1).standard_normal(_DIMENSIONS).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)
