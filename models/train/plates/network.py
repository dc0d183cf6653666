"""The network that reads a plate: a look at the whole cut, and a closer one at each character.

Convolutions look at the cut at once. From their coarse overview the network finds out which form
of plate this is, and so where each slot's character must be; each slot then looks there (one head
of attention), which tells roughly what is there and exactly where. The closer look is that of
`models.train.plates.glimpses`. Characters' places come from the drawing, so that looking is taught
and not only hoped for, which takes a fraction of the pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models.plates.slots import (
    DIGIT_CLASSES,
    LETTER_CLASSES,
    REGION_CLASSES,
    SLOTS,
)
from models.train.plates.glimpses import Agreement, Correction, Frames, PatchReader, PatchShape
from models.train.plates.layers import Residual, convolution

HEIGHT, WIDTH = 96, 192
ROWS, COLUMNS = 8, 20
_STRIDE = 8
"""Of the first look, which is at a smaller picture."""

_FIRST_TOLD = 0.5
"""Share of plates that are read in training with what the first look saw."""

_REGION, _LETTER = 0, 4
_FINE = 16
_FORM = 96
CORRECTED_PATCH = PatchShape(16, 16, (24, 32))
SETTLED_PATCH = PatchShape(16, 16, (32, 48))
DIGIT_PATCH = PatchShape(16, 12, (32, 48, 64))
SYLLABLE_PATCH = PatchShape(24, 20, (32, 48, 64))
"""Of a letter, or of the two syllables of a region, beside or above each other."""


class Sight(NamedTuple):
    """What slots saw (N, 9, hidden), and where.

    `looks` are logits (N, 9, 160); `frames` are four guesses (4, N, 9, 6), the last the best.
    """

    seen: Tensor
    looks: Tensor
    frames: Tensor


class _Told(NamedTuple):
    """What slots saw at first and what they are (N, 9, hidden), the form, where they looked."""

    glimpses: Tensor
    slots: Tensor
    form: Tensor
    looks: Tensor


class PlateNet(nn.Module):
    """Grey cuts (N, 1, 96, 192) of 0..255 to logits, and to where each slot looked.

    The first look is at 64 x 160, and its features are a grid of 8 x 20.
    """

    def __init__(self, width: int = 64, key: int = 64, hidden: int = 160) -> None:
        super().__init__()
        self.features = nn.Sequential(
            convolution(1, 16, 2),
            convolution(16, 24, 2),
            Residual(24),
            convolution(24, width, 2),
            Residual(width),
            Residual(width),
        )
        self.values = nn.Sequential(
            nn.Conv2d(width, 2 * width, 1, bias=False), nn.BatchNorm2d(2 * width), nn.ReLU()
        )
        self.overview = nn.Sequential(nn.Conv2d(width, 16, 1), nn.ReLU(inplace=True))
        self.form = nn.Sequential(
            nn.Linear(16 * ROWS * COLUMNS // 4, _FORM), nn.ReLU(inplace=True), nn.Dropout(0.1)
        )
        self.places = nn.Linear(_FORM, SLOTS * key)
        self.keys = nn.Conv2d(width, key, 1)
        self.where = nn.Parameter(torch.randn(1, key, ROWS * COLUMNS) * 0.02)
        self.slots = nn.Parameter(torch.randn(1, SLOTS, hidden) * 0.02)
        self.seen = nn.Linear(2 * width, hidden)
        self.told = nn.Linear(_FORM, hidden)
        self.frames = Frames(ROWS, COLUMNS, hidden)
        self.fine = convolution(1, _FINE, 2)
        self.agreed = Agreement(_FORM)
        self.corrected = Correction(_FINE, CORRECTED_PATCH)
        self.settled = Correction(_FINE, SETTLED_PATCH)
        self.digits = PatchReader(_FINE, hidden, DIGIT_PATCH)
        self.syllables = PatchReader(_FINE, hidden, SYLLABLE_PATCH)
        self.mixed = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.region = nn.Linear(hidden, REGION_CLASSES)
        self.digit = nn.Linear(hidden, DIGIT_CLASSES)
        self.letter = nn.Linear(hidden, LETTER_CLASSES)

    def look(self, picture: Tensor) -> Sight:
        """Both looks at (N, 1, 96, 192)."""
        picture = (picture - 127.5) / 64.0
        told = self._first_look(picture)
        fine = self.fine(picture)
        frames = self._framed(told, fine)
        closer = self._closer_look(fine, frames[-1])
        seen = self.mixed(told.slots + self._at_times(told.glimpses) + closer)
        return Sight(seen, told.looks, frames)

    def _framed(self, told: _Told, fine: Tensor) -> Tensor:
        first = self.frames(told.looks.softmax(dim=2), told.glimpses + told.slots)
        agreed = self.agreed(first, told.form)
        corrected = self.corrected(fine, agreed)
        return torch.stack((first, agreed, corrected, self.settled(fine, corrected)))

    def _at_times(self, glimpses: Tensor) -> Tensor:
        """What the first look saw: in training half the plates must be read without it."""
        if not self.training:
            return glimpses
        return glimpses * (torch.rand(len(glimpses), 1, 1, device=glimpses.device) < _FIRST_TOLD)

    def _first_look(self, picture: Tensor) -> _Told:
        size = ROWS * _STRIDE, COLUMNS * _STRIDE
        features = self.features(nn.functional.interpolate(picture, size, mode="bilinear"))
        coarse = nn.functional.avg_pool2d(self.overview(features), 2).flatten(1)
        form = self.form(coarse)
        queries = self.places(form).reshape(-1, SLOTS, self.where.shape[1])
        keys = self.keys(features).flatten(2) + self.where
        looks = queries @ keys * self.where.shape[1] ** -0.5
        glimpses = looks.softmax(dim=2) @ self.values(features).flatten(2).transpose(1, 2)
        return _Told(self.seen(glimpses), self.told(form)[:, None] + self.slots, form, looks)

    def _closer_look(self, fine: Tensor, frames: Tensor) -> Tensor:
        """Features (N, 16, 48, 96) and frames to (N, 9, hidden)."""
        digits = self.digits(fine, _digits(frames))
        both = torch.cat((frames[:, :1], frames[:, _LETTER : _LETTER + 1]), dim=1)
        syllables = self.syllables(fine, both)
        ahead, behind = digits[:, : _LETTER - 1], digits[:, _LETTER - 1 :]
        return torch.cat((syllables[:, :1], ahead, syllables[:, 1:], behind), dim=1)

    def heads(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits of regions (N, 18), digits (N, 7, 11) and letters (N, 40)."""
        digits = self.digit(_digits(seen))
        return self.region(seen[:, _REGION]), digits, self.letter(seen[:, _LETTER])

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits alone, as they are exported."""
        return self.heads(self.look(picture).seen)


def _digits(slots: Tensor) -> Tensor:
    """(N, 9, ...) to (N, 7, ...)."""
    return torch.cat((slots[:, 1:_LETTER], slots[:, _LETTER + 1 :]), dim=1)


def count_gflop(network: nn.Module, height: int = HEIGHT, width: int = WIDTH) -> float:
    """10^9 operations (a multiplication and an addition are two) of one picture."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, height, width))
    return float(counter.get_total_flops()) / 1e9
