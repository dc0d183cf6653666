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
        same: the teacher's vectors themselves; there is one, with as many dimensions.
    """

    classes: float = 0.5
    contrast: float = 1.0
    triplet: float = 1.0
    relations: float = 10.0
    likeness: float = 2.0
    same: float = 0.0


COPY = Weights(classes=0, contrast=0, triplet=0, relations=10.0, likeness=0, same=2.0)
"""To become as much like one teacher as can be; who is who is not asked."""


@dataclass(frozen=True)
class Batch:
    """Crops as the network takes them, whom they show, and each teacher's unit vectors."""

    pictures: Tensor
    labels: Tensor
    teachers: tuple[Tensor, ...]


class Training(nn.Module):
    """The network, and what is thrown away when it is trained."""

    def __init__(self, shape: Shape, pool: Pool, weights: Weights) -> None:
        super().__init__()
        self.embedder = EmbedderNetwork(shape)
        self.classes = Classes(shape.dimensions, pool.identities if weights.classes else 0)
        self.likeness = nn.ModuleList(
            Likeness(shape.dimensions, rows.shape[1]) for rows in pool.teachers if weights.likeness
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
    """Trains `network` (a `Training`) on a pool, and judges it on people or vehicles held out.

    `unseen` are crops that are not learnt from, for how near the network comes to its teacher.

    Raises:
        ConfigError: a held-out crop cannot be read, or the teacher's vectors cannot be had as they
            are: there is not one teacher, or it has other dimensions.
    """

    def __init__(
        self, setting: Setting, pool: Pool, held_out: ReidSet | None, unseen: Pool | None = None
    ) -> None:
        _check_copying(setting, pool)
        training = Training(setting.shape, pool, setting.weights).to(setting.device)
        # Convolutions of so few channels are a fifth faster so (measured with AVX2).
        self._training = training.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: nn.Module = self._training
        self._setting = setting
        self._pool = pool
        self._teachers = tuple(centred(rows, mean_of(rows)) for rows in pool.teachers)
        self._unseen = _targets(unseen, pool, setting.shape.input) if unseen else None
        self._held_out = held_out
        self._seen = _read(held_out, setting.shape.input) if held_out else None

    def batches(self, seed: int) -> Iterator[Batch]:
        """Batches without end, in the pool's crops as cameras might have given them."""
        setting, device = self._setting, self._setting.device
        rng = np.random.default_rng(seed)
        drawn = batches(self._pool, setting.draw, setting.shape.input, setting.strength, rng)
        for places, pictures in drawn:
            yield Batch(
                _as_input(pictures, device),
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
            ).contiguous(memory_format=torch.channels_last)
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
            "same": lambda: 1 - functional.cosine_similarity(raw, batch.teachers[0]).mean(),
        }
        factors = {name: float(getattr(weights, name)) for name in parts}
        if not batch.teachers:
            factors |= {"relations": 0.0, "likeness": 0.0, "same": 0.0}
        return {name: factors[name] * part() for name, part in parts.items() if factors[name]}

    @torch.no_grad()
    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """Rank-1 and mAP in percent on what is held out; of the unseen, `agreement_of`.

        Nothing where there is nothing.
        """
        figures: dict[str, float] = {}
        if self._held_out is not None and self._seen is not None:
            scores = score_vectors(self._vectors(network, self._seen), self._held_out)
            figures |= {"rank1": scores.rank1, "mAP": scores.mean_ap}
        if self._unseen is not None:
            crops, wanted = self._unseen
            figures |= agreement_of(self._vectors(network, crops), wanted)
        return figures

    def _vectors(self, network: nn.Module, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Of unit length."""
        parts = np.array_split(crops, max(1, len(crops) // _AT_ONCE))
        rows = [network(_as_input(part, self._setting.device)) for part in parts]
        return np.asarray(functional.normalize(torch.cat(rows)).cpu().numpy(), dtype=np.float32)


def embedder_of(network: nn.Module) -> EmbedderNetwork:
    """What is kept of a `Training`."""
    embedder = network.embedder
    if not isinstance(embedder, EmbedderNetwork):
        raise TypeError(f"{type(network).__name__} trains no embedder")
    return embedder


def agreement_of(own: NDArray[np.float32], wanted: NDArray[np.float32]) -> dict[str, float]:
    """How like the teacher's (`wanted`) vectors are, both N x D and of unit length.

    `agreement` is the mean cosine of the two of a crop, `relations` how the cosines between crops
    correlate (Pearson), both in percent.
    """
    others = np.triu_indices(len(own), 1)
    relations = np.corrcoef((own @ own.T)[others], (wanted @ wanted.T)[others])[0, 1]
    return {
        "agreement": 100 * float((own * wanted).sum(axis=1).mean()),
        "relations": 100 * float(relations),
    }


def mean_of(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """What vectors have in common."""
    return np.asarray(rows.mean(axis=0, dtype=np.float32), dtype=np.float32)


def centred(rows: NDArray[np.float16], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors without `mean`, what they have in common, as unit vectors again.

    A teacher's cosines of things it was not made for are all high; what tells these apart is left.
    """
    apart = rows.astype(np.float32) - mean
    norms = np.linalg.norm(apart, axis=1, keepdims=True)
    return np.asarray(apart / np.maximum(norms, 1e-6), dtype=np.float32)


def _check_copying(setting: Setting, pool: Pool) -> None:
    widths = [rows.shape[1] for rows in pool.teachers]
    if setting.weights.same and widths and widths != [setting.shape.dimensions]:
        raise ConfigError(
            f"vectors of {setting.shape.dimensions} numbers cannot be those of teachers with "
            f"{widths}; name one teacher with as many"
        )


def _targets(
    unseen: Pool, pool: Pool, size: Size
) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
    """Crops at `size`, and their teacher's vectors as they are learnt; None without a teacher."""
    if not pool.teachers:
        return None
    crops = [cv2.resize(unseen.picture(place), size) for place in range(len(unseen.crops))]
    wanted = centred(unseen.teachers[0], mean_of(pool.teachers[0]))
    return np.stack(crops).astype(np.uint8), wanted


def _as_input(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """N x H x W x 3 as N x 3 x H x W, laid out as before."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float()


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
