"""The starter detector's network: dense 3x3 convolutions and ReLU, boxes without anchors.

Fast on a CPU and kind to INT8: no depthwise convolution, no attention, no smooth activation. A
ResNet-like trunk (arXiv 1512.03385), a pyramid that goes down and up again (arXiv 1803.01534), and
one head of YOLOX (arXiv 2107.08430) whose two branches share their 3x3 convolution.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
_PRIOR = 0.01
"""What an untrained head says: RetinaNet's (arXiv 1708.02002, section 4.1)."""

_BOX = 5


@dataclass(frozen=True)
class Widths:
    """Channels: of the trunk at strides 2 to 32, of the pyramid, and inside the last block."""

    trunk: tuple[int, int, int, int, int] = (16, 32, 48, 96, 128)
    pyramid: int = 56
    narrow: int = 64


class ConvBlock(nn.Sequential):
    """Convolution, normalisation, ReLU."""

    def __init__(self, inside: int, outside: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, channels: int, narrow: int | None = None) -> None:
        super().__init__()
        narrow = narrow or channels
        self.first = ConvBlock(channels, narrow)
        self.second = nn.Sequential(
            nn.Conv2d(narrow, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        return functional.relu(x + self.second(self.first(x)))


class Pyramid(nn.Module):
    """The trunk's last three maps, each told what the coarser and the finer ones see."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        width = widths.pyramid
        self.lateral = nn.ModuleList(ConvBlock(one, width, 1) for one in widths.trunk[2:])
        self.down = nn.ModuleList(ConvBlock(width, width) for _ in STRIDES[1:])
        self.up = nn.ModuleList(ConvBlock(width, width, 3, 2) for _ in STRIDES[1:])

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Maps at strides 8, 16 and 32, and the same at the pyramid's width."""
        fine, middle, coarse = (one(x) for one, x in zip(self.lateral, maps, strict=True))
        middle = self.down[0](middle + _doubled(coarse))
        fine = self.down[1](fine + _doubled(middle))
        middle = middle + self.up[0](fine)
        coarse = coarse + self.up[1](middle)
        return [fine, middle, coarse]


class Head(nn.Module):
    """At each cell: the box, whether there is an object, and its class."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.stem = ConvBlock(width, width)
        self.what = ConvBlock(width, width, 1)
        self.where = ConvBlock(width, width, 1)
        self.scores = nn.Conv2d(width, classes, 1)
        self.box = nn.Conv2d(width, _BOX, 1)
        nn.init.constant_(self.scores.bias, -math.log((1 - _PRIOR) / _PRIOR))  # type: ignore[arg-type]
        with torch.no_grad():
            self.box.bias[4] = -math.log((1 - _PRIOR) / _PRIOR)  # type: ignore[index]

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) to logits (N, 5 + classes, H, W)."""
        x = self.stem(x)
        return torch.cat((self.box(self.where(x)), self.scores(self.what(x))), dim=1)


class DetectorNetwork(nn.Module):
    """Pictures (N, 3, H, W), BGR, 0..255, sides multiples of 32, to (N, cells, 5 + classes).

    Cells are those of strides 8, 16 and 32 in turn, each row by row. A cell's values are the offset
    of the box's centre from the cell and the logarithm of its sides, in cells, then whether there
    is an object and the classes: logits in training, as the decoder wants them otherwise.
    """

    def __init__(self, classes: int = 3, widths: Widths | None = None) -> None:
        super().__init__()
        widths = widths or Widths()
        w2, w4, w8, w16, w32 = widths.trunk
        self.stem = nn.Sequential(ConvBlock(3, w2, 3, 2), ConvBlock(w2, w4, 3, 2))
        self.early = nn.Sequential(ConvBlock(w4, w4 // 2), ConvBlock(w4 // 2, w8, 3, 2))
        self.fine = Residual(w8)
        self.middle = nn.Sequential(ConvBlock(w8, w16, 3, 2), Residual(w16))
        self.coarse = nn.Sequential(ConvBlock(w16, w32, 3, 2), Residual(w32, widths.narrow))
        self.pyramid = Pyramid(widths)
        self.heads = nn.ModuleList(Head(widths.pyramid, classes) for _ in STRIDES)
        _start(self)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        x = self.early(self.stem(pictures / 127.5 - 1.0))
        fine = self.fine(x)
        middle = self.middle(fine)
        maps = self.pyramid([fine, middle, self.coarse(middle)])
        rows = [
            head(x).flatten(2).transpose(1, 2) for head, x in zip(self.heads, maps, strict=True)
        ]
        logits = torch.cat(rows, dim=1)
        if self.training:
            return logits
        return torch.cat((logits[..., :4], logits[..., 4:].sigmoid()), dim=2)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _start(network: nn.Module) -> None:
    """He's initialisation for ReLU (arXiv 1502.01852), residual branches from nothing."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, Residual):
            nn.init.zeros_(module.second[1].weight)  # type: ignore[arg-type]


def count_gflop(network: DetectorNetwork, height: int, width: int) -> float:
    """2 x multiply-adds of the convolutions for a picture of that size, in thousand millions."""
    total = 0

    def count(module: nn.Module, _given: tuple[Tensor, ...], made: Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += 2 * made[0].numel() * module.weight[0].numel()

    hooks = [module.register_forward_hook(count) for module in network.modules()]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, height, width))
    for hook in hooks:
        hook.remove()
    return total / 1e9
