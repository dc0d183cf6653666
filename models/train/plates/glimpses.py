"""A second, sharper look at each character: cut out upright and level, however the plate hangs.

Where a slot's character is, how large and how turned, comes from the first look and is taught from
the drawing; a spatial transformer (arXiv 1506.02025) samples a patch of fine features there, and a
small network names what is on it.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.plates.slots import SLOTS
from models.train.plates.layers import convolution

ROOM = 1.2
"""How much larger a patch is than its character."""

FRAME = 6
"""Numbers of a frame: its centre, from there to the right edge and to the lower one, x and y each;
the cut reaches from -1 to 1."""

_FIRST_FRAME = (0.0, 0.0, 0.09, 0.0, 0.0, 0.4)
"""Of a digit on one line, about; the centre is only what is to be put right."""

_WITHIN, _TOGETHER = 64, 96
"""Features between what was seen and a frame, and between all frames and better ones."""


class PatchShape(NamedTuple):
    """Rows and columns of a patch, multiples of four, and channels of its convolutions."""

    rows: int
    columns: int
    channels: tuple[int, ...]


class Frames(nn.Module):
    """Where the characters are: the middle of the look, put right by what was seen there."""

    grid: Tensor

    def __init__(self, rows: int, columns: int, hidden: int) -> None:
        super().__init__()
        last = nn.Linear(_WITHIN, FRAME)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.copy_(torch.tensor(_FIRST_FRAME))
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(hidden, _WITHIN), nn.ReLU(), last)
        down, across = torch.meshgrid(_middles(rows), _middles(columns), indexing="ij")
        grid = torch.stack((across, down), dim=-1).reshape(-1, 2)
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, looks: Tensor, seen: Tensor) -> Tensor:
        """Looks (N, S, cells), distributions, and (N, S, hidden) to frames (N, S, 6)."""
        rest = self.rest(seen)
        return torch.cat((looks @ self.grid + rest[..., :2], rest[..., 2:]), dim=2)


class Agreement(nn.Module):
    """Frames put right by each other: the characters of a plate stand on one board."""

    def __init__(self, form: int) -> None:
        super().__init__()
        last = nn.Linear(_TOGETHER, SLOTS * FRAME)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.zero_()
        first = nn.Linear(SLOTS * FRAME + form, _TOGETHER)
        self.rest = nn.Sequential(first, nn.ReLU(), last)

    def forward(self, frames: Tensor, form: Tensor) -> Tensor:
        """Frames (N, 9, 6) and features of the form (N, F) to frames."""
        rest: Tensor = self.rest(torch.cat((frames.flatten(1), form), dim=1))
        return frames + rest.reshape(-1, SLOTS, FRAME)


class Patches(nn.Module):
    """Samples features where frames are, `rows` x `columns` of them."""

    unit: Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self._size = size = rows, columns
        down, across = (torch.linspace(-ROOM, ROOM, count) for count in size)
        unit = torch.stack((across.expand(size), down[:, None].expand(size)), dim=-1)
        self.register_buffer("unit", unit.reshape(-1, 2), persistent=False)

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """(N, C, H, W) and frames (N, S, 6) to (S N, C, rows, columns).

        Frames stay where they are taught to be: no gradient goes back to them.
        """
        channels, slots = features.shape[1], frames.shape[1]
        held = frames.detach()
        axes = held[..., 2:].reshape(-1, slots, 2, 2)
        points = (self.unit @ axes + held[:, :, None, :2]).flatten(1, 2)[:, :, None]
        sampled = nn.functional.grid_sample(features, points, align_corners=False)
        return sampled.reshape(-1, channels, slots, *self._size).transpose(1, 2).flatten(0, 1)


class Correction(nn.Module):
    """Frames put right by what is on their patches, in a patch's own measure."""

    def __init__(self, inside: int, shape: PatchShape) -> None:
        super().__init__()
        first, second = shape.channels
        self.patches = Patches(shape.rows, shape.columns)
        self.shapes = nn.Sequential(convolution(inside, first, 2), convolution(first, second, 2))
        self.rest = nn.Linear(second * (shape.rows // 4) * (shape.columns // 4), FRAME)
        nn.init.zeros_(self.rest.weight)
        nn.init.zeros_(self.rest.bias)

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """(N, C, H, W) and frames (N, S, 6) to frames."""
        shapes = self.shapes(self.patches(features, frames)).flatten(1)
        slots = frames.shape[1]
        rest: Tensor = self.rest(shapes).reshape(-1, slots, FRAME // 2, 2)
        axes = frames.detach()[..., 2:].reshape(-1, slots, 2, 2)
        return frames + (rest @ axes).flatten(2)


class PatchReader(nn.Module):
    """Makes of each patch what its slot says."""

    def __init__(self, inside: int, hidden: int, shape: PatchShape) -> None:
        super().__init__()
        first, second, third = shape.channels
        self.patches = Patches(shape.rows, shape.columns)
        self.shapes = nn.Sequential(
            convolution(inside, first, 2), convolution(first, second), convolution(second, third, 2)
        )
        self.named = nn.Linear(third * (shape.rows // 4) * (shape.columns // 4), hidden)

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """(N, C, H, W) and frames (N, S, 6) to (N, S, hidden)."""
        shapes = self.shapes(self.patches(features, frames)).flatten(1)
        named: Tensor = self.named(shapes)
        return named.reshape(-1, frames.shape[1], self.named.out_features)


def _middles(count: int) -> Tensor:
    return (torch.arange(count) + 0.5) / count * 2 - 1
