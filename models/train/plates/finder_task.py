"""What finding plates is learnt from: the cells in a plate's middle, and its box."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models.catalogue import ImageInput
from models.preparation import Size, prepare
from models.train.plates.batches import reused
from models.train.plates.finder_network import COLUMNS, HEIGHT, ROWS, STRIDE, WIDTH, FinderNet
from models.train.plates.vehicles import VehicleScene, VehicleStudio
from shared.geometry import Rect

INPUT = ImageInput(name="image", width=WIDTH, height=HEIGHT, colour="grey", fit="stretch")
_SIZE = Size(WIDTH, HEIGHT)
_BATCH = 32
_MIDDLE = 0.25
"""Part of a plate's sides, on each side of its centre, in which cells must find it."""

_CERTAIN = 0.8
"""Where the network is surer than this that there is a plate and none was drawn, it is not told
otherwise: many of the vehicles bear their own plates."""

_FOUND = 0.5
"""Intersection over union from which a plate counts as found."""


class FinderBatch(NamedTuple):
    """N vehicles.

    Pictures (N, 1, 128, 160) of 0..255, boxes (N, 4) in their pixels, and the cells (N, 320) in
    which they must be found.
    """

    pictures: Tensor
    boxes: Tensor
    cells: Tensor


class FinderTask:
    """Trains `network` on scenes of `studio`, judged on those `held_out`."""

    def __init__(
        self, network: FinderNet, studio: VehicleStudio, held_out: Sequence[VehicleScene]
    ) -> None:
        self.network: nn.Module = network
        self._finder = network
        self._studio = studio
        self._held_out = held_out

    def batches(self, seed: int) -> Iterator[FinderBatch]:
        """Batches without end; another `seed`, others."""
        for scenes in reused(self._studio.scene, np.random.default_rng(seed), _BATCH):
            yield collate(scenes)

    def losses(self, batch: FinderBatch, _done: float) -> Mapping[str, Tensor]:
        """Cross-entropy of the scores, generalised IoU of the boxes (arXiv 1902.09630)."""
        device = self._finder.head.weight.device
        logits, corners = self._finder.raw(batch.pictures.to(device))
        cells = batch.cells.to(device)
        wanted = cells.float()
        each = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        kept = cells | (logits.detach().sigmoid() < _CERTAIN)
        hard = (wanted - logits.detach().sigmoid()).abs().square()
        count = cells.sum().clamp(min=1)
        boxes = batch.boxes.to(device)[:, :, None].expand_as(corners)
        missed = 1 - _overlap(corners, boxes)
        return {
            "score": 4 * (each * hard * kept).sum() / count,
            "box": (missed * cells).sum() / count,
        }

    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """The share of plates whose box is found as the surest of its vehicle."""
        return {"found": found(network, self._held_out)} if self._held_out else {}


def collate(scenes: Sequence[VehicleScene]) -> FinderBatch:
    """`scenes` as one batch."""
    prepared = [prepare(scene.picture, INPUT, _SIZE) for scene in scenes]
    boxes = np.zeros((len(scenes), 4), dtype=np.float32)
    for row, (scene, one) in enumerate(zip(scenes, prepared, strict=True)):
        if scene.plate is not None:
            boxes[row] = np.multiply(scene.plate, (one.scale_x, one.scale_y) * 2)
    return FinderBatch(
        torch.from_numpy(np.stack([one.tensor for one in prepared])),
        torch.from_numpy(boxes),
        torch.from_numpy(np.stack([_cells(box) for box in boxes])),
    )


@torch.no_grad()
def found(network: nn.Module, scenes: Sequence[VehicleScene]) -> float:
    """The share of `scenes` with a plate whose surest box is there."""
    batch = collate(scenes)
    rows = network(batch.pictures)
    surest = rows[torch.arange(len(rows)), rows[:, :, 0].argmax(dim=1), 1:].numpy()
    pixels = surest * np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    hits = [
        Rect(*box.tolist()).iou(Rect(*wanted.tolist())) >= _FOUND
        for box, wanted, scene in zip(pixels, batch.boxes.numpy(), scenes, strict=True)
        if scene.plate is not None
    ]
    return float(np.mean(hits)) if hits else 0.0


def _cells(box: np.ndarray) -> np.ndarray:
    """Which cells (320,) are in the middle of `box`; at least the one at its centre."""
    cells = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    if box[2] <= box[0]:
        return cells.reshape(-1)
    centre, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * _MIDDLE
    x, y = (np.arange(COLUMNS) + 0.5) * STRIDE, (np.arange(ROWS) + 0.5) * STRIDE
    inside = (np.abs(y - centre[1]) <= half[1])[:, None] & (np.abs(x - centre[0]) <= half[0])
    cells |= inside
    row, column = int(centre[1] // STRIDE), int(centre[0] // STRIDE)
    cells[min(row, ROWS - 1), min(column, COLUMNS - 1)] = True
    return cells.reshape(-1)


def _overlap(one: Tensor, other: Tensor) -> Tensor:
    """Generalised intersection over union of boxes (N, 4, cells): (N, cells), -1 to 1."""
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    areas = [(box[:, 2:] - box[:, :2]).prod(dim=1) for box in (one, other)]
    union = areas[0] + areas[1] - shared + 1e-6
    around = torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])
    hull = around.prod(dim=1) + 1e-6
    return shared / union - (hull - union) / hull
