"""Scenes as the tensors a step of training takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.catalogue import ImageInput
from models.plates.slots import DIGIT_SLOTS, SLOTS, encode
from models.preparation import Size, prepare
from models.train.plates.glimpses import FRAME
from models.train.plates.network import COLUMNS, HEIGHT, ROWS, WIDTH
from models.train.plates.scenes import Scene, Studio

S = TypeVar("S")

INPUT = ImageInput(name="image", width=WIDTH, height=HEIGHT, colour="grey", fit="stretch")
_SIZE = Size(WIDTH, HEIGHT)
_NEW = 4
_FIRST, _KEPT = 1_000, 8_000
_SPREAD = 0.6
"""Standard deviation, in cells of the grid, of where a slot may look around its character."""


@dataclass(frozen=True)
class PlateBatch:
    """N scenes.

    Attributes:
        pictures: (N, 1, 96, 192) float32, 0..255.
        plate: (N,) whether there is one; where there is none the classes are 0 and mean nothing.
        regions, digits, letters: classes, (N,), (N, 7), (N,).
        frames: (N, 9, 6) where the characters are, as `models.train.plates.glimpses` has them; NaN
            where a slot is empty.
        looks: (N, 9, 160) where each slot should look, a distribution; zeros where it is empty.
    """

    pictures: Tensor
    plate: Tensor
    regions: Tensor
    digits: Tensor
    letters: Tensor
    frames: Tensor
    looks: Tensor


def batches(studio: Studio, random: np.random.Generator, size: int) -> Iterator[PlateBatch]:
    """Batches of `size` scenes, without end."""
    for scenes in reused(studio.scene, random, size):
        yield collate(scenes)


def reused(
    make: Callable[[np.random.Generator], S], random: np.random.Generator, size: int
) -> Iterator[list[S]]:
    """Lists of `size` of what `make` makes, without end.

    A quarter of each is new, the rest are from those made before: drawing takes as long as learning
    from it, and a scene seen four times is not learnt by heart.
    """
    kept: list[S] = []
    while True:
        new = [make(random) for _ in range(size // _NEW if len(kept) >= _FIRST else size)]
        again = random.integers(max(1, len(kept)), size=size - len(new))
        yield [*new, *(kept[int(number)] for number in again)]
        kept = (kept + new)[-_KEPT:]


def collate(scenes: Sequence[Scene]) -> PlateBatch:
    """`scenes` as one batch."""
    codes = [encode(scene.number) if scene.number else None for scene in scenes]
    none = (0,) * DIGIT_SLOTS
    return PlateBatch(
        pictures=torch.from_numpy(np.stack([_seen(scene) for scene in scenes])),
        plate=torch.tensor([code is not None for code in codes]),
        regions=torch.tensor([code.region if code else 0 for code in codes]),
        digits=torch.tensor([code.digits if code else none for code in codes]),
        letters=torch.tensor([code.letter if code else 0 for code in codes]),
        frames=torch.from_numpy(_frames(np.stack([scene.frames for scene in scenes]))),
        looks=torch.from_numpy(_looks(np.stack([scene.frames[:, 0] for scene in scenes]))),
    )


def _seen(scene: Scene) -> NDArray[np.float32]:
    return prepare(scene.picture, INPUT, _SIZE).tensor


def _frames(parts: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 9, 3, 2) with 1 as a whole side to (N, 9, 6) with 1 as half of it, from the middle."""
    frames = 2 * parts
    frames[:, :, 0] -= 1
    return frames.reshape(len(parts), SLOTS, FRAME)


def _looks(centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 9, 2) places as distributions over the grid."""
    columns, rows = np.arange(COLUMNS) + 0.5, np.arange(ROWS) + 0.5
    across = _bell((columns - centres[..., :1] * COLUMNS) / _SPREAD)
    down = _bell((rows - centres[..., 1:] * ROWS) / _SPREAD)
    grid = down[..., :, None] * across[..., None, :]
    flat = np.nan_to_num(grid.reshape(len(centres), SLOTS, ROWS * COLUMNS))
    return np.asarray(flat / np.maximum(flat.sum(axis=2, keepdims=True), 1e-6), dtype=np.float32)


def _bell(distance: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.exp(-np.square(distance) / 2))
