"""Which cell is to find which object, and what it costs not to.

SimOTA of YOLOX (arXiv 2107.08430, section 2.1), for a whole batch at once: each object gets as many
of the cells about its centre as its best boxes' overlaps add up to, those where the network is
nearest to right.

Whether there is an object is asked as how well the cell's box fits it (as in arXiv 2008.13367), not
as yes or no: a score then says what to expect, and of two boxes of one object the worse is lower.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.train.detector.network import STRIDES

_CANDIDATES = 10
_RADIUS = 1.5
"""Cells, in each direction: how far from an object's centre it is looked for."""

_OVERLAP_WEIGHT = 3.0
_BOX_WEIGHT = 5.0
_OUTSIDE = 1e5
_LOG_SIDES = 6.0
"""exp of it in cells is far beyond any picture: keeps an early box finite."""

_EPSILON = 1e-7


class Targets(NamedTuple):
    """What B pictures show: `boxes` (B, M, 4) x1 y1 x2 y2 in input pixels, `classes` (B, M) int.

    A class below 0 is none: filling. `ignored` (B, K, 4) are places where nothing is asked for;
    filling there has no area.
    """

    boxes: Tensor
    classes: Tensor
    ignored: Tensor


class Grid(NamedTuple):
    """Of every cell: `corners` (cells, 2) column and row, `strides` (cells, 1)."""

    corners: Tensor
    strides: Tensor

    @property
    def centres(self) -> Tensor:
        """In input pixels, (cells, 2)."""
        return (self.corners + 0.5) * self.strides


class Assignment(NamedTuple):
    """`chosen` (B, cells): cells that are to find an object; `which` (B, cells): its number."""

    chosen: Tensor
    which: Tensor
    overlap: Tensor


def grid_of(height: int, width: int) -> Grid:
    """The cells of a picture of that size, in the network's order."""
    corners, strides = [], []
    for stride in STRIDES:
        ys, xs = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        corners.append(torch.stack((xs.flatten(), ys.flatten()), dim=1).float())
        strides.append(torch.full((xs.numel(), 1), float(stride)))
    return Grid(torch.cat(corners), torch.cat(strides))


def boxes_of(logits: Tensor, grid: Grid) -> Tensor:
    """x1 y1 x2 y2 in input pixels, (B, cells, 4), as the decoder at run time reads them."""
    centres = (logits[..., :2] + grid.corners) * grid.strides
    halves = logits[..., 2:4].clamp(max=_LOG_SIDES).exp() * grid.strides / 2
    return torch.cat((centres - halves, centres + halves), dim=-1)


def detection_losses(logits: Tensor, targets: Targets, grid: Grid) -> dict[str, Tensor]:
    """The parts of the loss for the network's `logits` (B, cells, 5 + classes)."""
    boxes = boxes_of(logits, grid)
    given = assign(logits.detach(), boxes.detach(), targets, grid)
    count = given.chosen.sum().clamp(min=1)
    present = logits[..., 4]
    asked = (given.chosen | ~_inside_any(grid.centres, targets.ignored)).to(logits.dtype)
    quality = given.overlap.clamp(0, 1) * given.chosen
    objects = functional.binary_cross_entropy_with_logits(present, quality, reduction="none")
    losses = {"object": (objects * asked).sum() / count}
    if not given.chosen.any():
        zero = logits.sum() * 0
        return losses | {"box": zero, "class": zero}
    picture, cell = given.chosen.nonzero(as_tuple=True)
    number = given.which[picture, cell]
    wanted = targets.boxes[picture, number]
    classes = functional.one_hot(targets.classes[picture, number], logits.shape[2] - 5)
    kinds = functional.binary_cross_entropy_with_logits(
        logits[picture, cell, 5:], classes.to(logits.dtype), reduction="sum"
    )
    gious = generalised_iou(boxes[picture, cell], wanted)
    return losses | {"box": _BOX_WEIGHT * (1 - gious).sum() / count, "class": kinds / count}


@torch.no_grad()
def assign(logits: Tensor, boxes: Tensor, targets: Targets, grid: Grid) -> Assignment:
    """Which cells are to find which of the targets' objects."""
    there = targets.classes >= 0
    overlaps = pairwise_iou(targets.boxes, boxes) * there[..., None]
    near = _near(targets.boxes, grid) & there[..., None]
    scores = (logits[..., 5:].sigmoid() * logits[..., 4:5].sigmoid()).sqrt()
    cost = (
        _class_cost(scores, targets.classes.clamp(min=0))
        - _OVERLAP_WEIGHT * torch.log(overlaps + 1e-8)
        + _OUTSIDE * ~near
    )
    candidates = min(_CANDIDATES, cost.shape[2])
    wanted = (overlaps * near).topk(candidates, dim=2).values.sum(dim=2).int().clamp(min=1)
    best, cells = cost.topk(candidates, dim=2, largest=False)
    rank = torch.arange(candidates, device=cost.device)
    keep = (rank < wanted[..., None]) & there[..., None]
    keep &= (best < _OUTSIDE) | (rank == 0)
    matched = torch.zeros_like(near).scatter_(2, cells, keep)
    which = torch.where(matched, cost, torch.inf).argmin(dim=1)
    chosen = matched.any(dim=1)
    overlap = overlaps.gather(1, which[:, None]).squeeze(1)
    return Assignment(chosen, which, overlap)


def _class_cost(scores: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy of `scores` (B, cells, C) with the objects' classes: (B, M, cells)."""
    scores = scores.clamp(_EPSILON, 1 - 1e-4)
    misses = -torch.log(1 - scores)
    hits = -torch.log(scores)
    each = misses.sum(dim=2, keepdim=True) - misses + hits
    return each.transpose(1, 2).gather(1, classes[..., None].expand(-1, -1, each.shape[1]))


def _near(boxes: Tensor, grid: Grid) -> Tensor:
    """Cells about the centre of each box, (B, M, cells)."""
    middles = (boxes[..., :2] + boxes[..., 2:]) / 2
    away = (grid.centres - middles[:, :, None]).abs() / grid.strides
    return away.amax(dim=-1) < _RADIUS


def _inside_any(points: Tensor, boxes: Tensor) -> Tensor:
    """Whether each of the points (P, 2) is in one of the boxes (B, K, 4): (B, P)."""
    after = (points[None, None] > boxes[:, :, None, :2]).all(dim=-1)
    before = (points[None, None] < boxes[:, :, None, 2:]).all(dim=-1)
    return (after & before).any(dim=1)


def pairwise_iou(one: Tensor, other: Tensor) -> Tensor:
    """Overlap of each box of (B, M, 4) with each of (B, N, 4): (B, M, N)."""
    low = torch.maximum(one[:, :, None, :2], other[:, None, :, :2])
    high = torch.minimum(one[:, :, None, 2:], other[:, None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    areas = _areas(one)[:, :, None] + _areas(other)[:, None]
    return shared / (areas - shared + _EPSILON)


def generalised_iou(one: Tensor, other: Tensor) -> Tensor:
    """Of boxes (N, 4) with boxes (N, 4), -1 to 1 (arXiv 1902.09630)."""
    low = torch.maximum(one[:, :2], other[:, :2])
    high = torch.minimum(one[:, 2:], other[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    union = _areas(one) + _areas(other) - shared + _EPSILON
    around = torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])
    hull = around.prod(dim=-1) + _EPSILON
    return shared / union - (hull - union) / hull


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)
