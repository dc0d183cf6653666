"""The network that reads a plate: features of the whole cut, and a glimpse for each slot.

Convolutions look at the cut at once. From their coarse overview the network finds out which form
of plate this is, and so where each slot's character must be; each slot then looks there (one head
of attention) and names what it sees. Characters' places come from the drawing, so that attention
is taught and not only hoped for, which takes a fraction of the pictures.
"""

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models.plates.slots import (
    DIGIT_CLASSES,
    LETTER_CLASSES,
    REGION_CLASSES,
    SLOTS,
)

HEIGHT, WIDTH = 64, 160
ROWS, COLUMNS = 8, 20
_REGION, _LETTER = 0, 4


def convolution(inside: int, outside: int, stride: int = 1, spread: int = 1) -> nn.Sequential:
    """A 3 x 3 convolution, its normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, spread, spread, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions beside a way past them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return torch.relu(features + self.second(self.first(features)))


class PlateNet(nn.Module):
    """Grey cuts (N, 1, 64, 160) of 0..255 to logits, and to where each slot looked.

    Everything is at the stride of 8: a grid of 8 x 20.
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
            nn.Linear(16 * ROWS * COLUMNS // 4, 96), nn.ReLU(inplace=True), nn.Dropout(0.1)
        )
        self.places = nn.Linear(96, SLOTS * key)
        self.keys = nn.Conv2d(width, key, 1)
        self.where = nn.Parameter(torch.randn(1, key, ROWS * COLUMNS) * 0.02)
        self.slots = nn.Parameter(torch.randn(1, SLOTS, hidden) * 0.02)
        self.seen = nn.Linear(2 * width, hidden)
        self.told = nn.Linear(96, hidden)
        self.mixed = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.region = nn.Linear(hidden, REGION_CLASSES)
        self.digit = nn.Linear(hidden, DIGIT_CLASSES)
        self.letter = nn.Linear(hidden, LETTER_CLASSES)

    def look(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """What each slot saw (N, 9, hidden), and the logits of where it looked (N, 9, 160)."""
        features = self.features((picture - 127.5) / 64.0)
        coarse = nn.functional.avg_pool2d(self.overview(features), 2).flatten(1)
        form = self.form(coarse)
        queries = self.places(form).reshape(-1, SLOTS, self.where.shape[1])
        keys = self.keys(features).flatten(2) + self.where
        looks = queries @ keys * self.where.shape[1] ** -0.5
        glimpses = looks.softmax(dim=2) @ self.values(features).flatten(2).transpose(1, 2)
        seen = self.seen(glimpses) + self.told(form)[:, None] + self.slots
        return self.mixed(seen), looks

    def heads(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits of regions (N, 18), digits (N, 7, 11) and letters (N, 40)."""
        digits = torch.cat((seen[:, 1:_LETTER], seen[:, _LETTER + 1 :]), dim=1)
        return self.region(seen[:, _REGION]), self.digit(digits), self.letter(seen[:, _LETTER])

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits alone, as they are exported."""
        return self.heads(self.look(picture)[0])


def count_gflop(network: nn.Module, height: int = HEIGHT, width: int = WIDTH) -> float:
    """10^9 operations (a multiplication and an addition are two) of one picture."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, height, width))
    return float(counter.get_total_flops()) / 1e9
