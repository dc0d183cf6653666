"""What is trained: vectors that find the same one again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.evaluation.pictures import read_pictures
from models.evaluation.reid import score_vectors
from models.evaluation.reid_data import ReidSet
from models.preparation import Size
from models.train.embedder.batches import Draw, batches
from models.train.embedder.degrade import Strength
from models.train.embedder.losses import Classes, Likeness, contrast, hardest, same_relations
from models.train.embedder.network import EmbedderNetwork, Shape
from models.train.embedder.pool import Pool
from shared.errors import ConfigError

_AT_ONCE = 64
_COARSE = 0.75
"""Of the sides, while pictures are smaller."""


@dataclass(frozen=True)
class Weights:
    """How much each part of the loss counts; nothing of it where 0.

    Attributes:
        classes: telling all identities apart.
        contrast: those of a batch, all pairs.
        triplet: those of a batch, the hardest.
        relations: the teachers' cosines.
        likeness: the teachers' vectors through a linear layer.
    """

    classes: float = 0.5
    contrast: float = 1.0
    triplet: float = 1.0
    relations: float = 10.0
    likeness: float = 2.0


@dataclass(frozen=True)
class Batch:
    """Crops as the network takes them, whom they show, and each teacher's unit vectors."""

    pictures: Tensor
    labels: Tensor
    teachers: tuple[Tensor, ...]


class Training(nn.Module):
    """The network, and what is thrown away when it is trained."""

    def __init__(self, shape: Shape, pool: Pool) -> None:
        super().__init__()
        self.embedder = EmbedderNetwork(shape)
        self.classes = Classes(shape.dimensions, pool.identities)
        self.likeness = nn.ModuleList(
            Likeness(shape.dimensions, rows.shape[1]) for rows in pool.teachers
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The vectors, not of unit length."""
        vectors: Tensor = self.embedder(pictures)
        return vectors


@dataclass(frozen=True)
class Setting:
    """What a run is about, apart from its pool and what is held out.

    `coarse` is the part of the run, from its start, that sees smaller pictures: it learns nearly as
    much from each in half the time (arXiv 2104.00298).
    """

    shape: Shape
    draw: Draw
    strength: Strength
    weights: Weights
    device: torch.device
    coarse: float = 0.6


class EmbedderTask:
    """Trains `network` (a `Training`) on a pool, and judges it on people or vehicles held out."""

    def __init__(self, setting: Setting, pool: Pool, held_out: ReidSet | None) -> None:
        self._training = Training(setting.shape, pool).to(setting.device)
        self.network: nn.Module = self._training
        self._setting = setting
        self._pool = pool
        self._teachers = tuple(centred(rows) for rows in pool.teachers)
        self._held_out = held_out
        self._seen = _read(held_out, setting.shape.input) if held_out else None

    def batches(self, seed: int) -> Iterator[Batch]:
        """Batches without end, in the pool's crops as cameras might have given them."""
        setting, device = self._setting, self._setting.device
        rng = np.random.default_rng(seed)
        drawn = batches(self._pool, setting.draw, setting.shape.input, setting.strength, rng)
        for places, pictures in drawn:
            yield Batch(
                torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float().contiguous(),
                torch.from_numpy(self._pool.labels[places]).to(device),
                tuple(torch.from_numpy(rows[places]).to(device) for rows in self._teachers),
            )

    def losses(self, batch: Batch, done: float) -> Mapping[str, Tensor]:
        """The parts of the loss; the part `coarse` of the run looks at smaller pictures."""
        weights, network = self._setting.weights, self._training
        pictures = batch.pictures
        if done < self._setting.coarse:
            pictures = functional.interpolate(
                pictures, scale_factor=_COARSE, mode="bilinear", align_corners=False
            )
        raw = network(pictures)
        unit = functional.normalize(raw)
        parts: dict[str, Callable[[], Tensor]] = {
            "classes": lambda: network.classes(unit, batch.labels),
            "contrast": lambda: contrast(unit, batch.labels),
            "triplet": lambda: hardest(unit, batch.labels),
            "relations": lambda: _mean([same_relations(unit, one) for one in batch.teachers]),
            "likeness": lambda: _mean(
                [
                    layer(raw, one)
                    for layer, one in zip(network.likeness, batch.teachers, strict=True)
                ]
            ),
        }
        factors = {name: float(getattr(weights, name)) for name in parts}
        if not batch.teachers:
            factors |= {"relations": 0.0, "likeness": 0.0}
        return {name: factors[name] * part() for name, part in parts.items() if factors[name]}

    @torch.no_grad()
    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """Rank-1 and mAP in percent on what is held out; nothing where nothing is."""
        if self._held_out is None or self._seen is None:
            return {}
        device = self._setting.device
        rows = [
            functional.normalize(
                network(torch.from_numpy(part).to(device).permute(0, 3, 1, 2).float())
            ).cpu()
            for part in np.array_split(self._seen, max(1, len(self._seen) // _AT_ONCE))
        ]
        figures = score_vectors(torch.cat(rows).numpy(), self._held_out)
        return {"rank1": figures.rank1, "mAP": figures.mean_ap}


def embedder_of(network: nn.Module) -> EmbedderNetwork:
    """What is kept of a `Training`."""
    embedder = network.embedder
    if not isinstance(embedder, EmbedderNetwork):
        raise TypeError(f"{type(network).__name__} trains no embedder")
    return embedder


def centred(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Unit vectors without what they have in common, as unit vectors again.

    A teacher's cosines of things it was not made for are all high; what tells these apart is left.
    """
    apart = rows.astype(np.float32)
    apart -= apart.mean(axis=0)
    norms = np.linalg.norm(apart, axis=1, keepdims=True)
    return np.asarray(apart / np.maximum(norms, 1e-6), dtype=np.float32)


def _mean(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).mean()


def _read(crops: ReidSet, size: Size) -> NDArray[np.uint8]:
    """The crops of a held-out set at `size`.

    Raises:
        ConfigError: one cannot be read.
    """
    damaged: list[str] = []
    seen = [
        cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
        for _, picture in read_pictures([crop.path for crop in crops.crops], damaged)
    ]
    if damaged:
        raise ConfigError(f"{len(damaged)} held-out crops cannot be read; first {damaged[0]}")
    return np.stack(seen).astype(np.uint8)
