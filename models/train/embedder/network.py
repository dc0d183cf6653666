"""The network of both embedders: dense 3 x 3 convolutions, pooled in stripes, one vector out."""

from dataclasses import dataclass

from torch import Tensor, nn

from models.preparation import Size

_MEAN = 114.0
_DEVIATION = 58.0
"""Of the pixels of ordinary pictures, all channels alike: the network takes them raw."""


@dataclass(frozen=True)
class Shape:
    """How large the network is.

    Attributes:
        input: what it looks at, in multiples of 16.
        channels: of the first layer and of the three stages, each at half the size of the one
            before it.
        blocks: residual blocks in each stage.
        stripes: the last feature map is averaged in that many horizontal stripes. What is worn
            above and below is told apart by them (arXiv 1711.09349), and they fold into one linear
            layer.
        dimensions: of the vector.
    """

    input: Size
    channels: tuple[int, int, int, int]
    blocks: tuple[int, int, int]
    stripes: int
    dimensions: int


class EmbedderNetwork(nn.Module):
    """N x 3 x H x W pictures, BGR, 0 to 255, into N x D vectors; their cosine is likeness.

    ReLU and batch normalisation behind each convolution only: it folds away, and what is left
    quantises well. The vector is normalised over the batch at last (BNNeck, arXiv 1903.07071),
    which folds into the linear layer.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        first, *stages = shape.channels
        layers: list[nn.Module] = [_Layer(3, first, stride=2)]
        before = first
        for channels, blocks in zip(stages, shape.blocks, strict=True):
            layers.append(_Layer(before, channels, stride=2))
            layers += [_Residual(channels) for _ in range(blocks)]
            before = channels
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d((shape.stripes, 1))
        self.head = nn.Sequential(
            nn.Linear(before * shape.stripes, shape.dimensions, bias=False),
            nn.BatchNorm1d(shape.dimensions),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The vectors, not of unit length."""
        seen = self.features((pictures - _MEAN) * (1 / _DEVIATION))
        vectors: Tensor = self.head(self.pool(seen).flatten(1))
        return vectors


class _Layer(nn.Sequential):
    def __init__(self, inward: int, outward: int, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inward, outward, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outward),
            nn.ReLU(inplace=True),
        )


class _Residual(nn.Module):
    """Two convolutions beside a way around them (arXiv 1512.03385)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _Layer(channels, channels)
        # It starts as the way around alone.
        norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(norm.weight)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), norm)

    def forward(self, seen: Tensor) -> Tensor:
        result: Tensor = (seen + self.second(self.first(seen))).relu()
        return result


def gflop_of(shape: Shape) -> float:
    """2 x multiply-adds of one picture, in thousands of millions; convolutions and head only."""
    places = shape.input.width * shape.input.height / 4
    first, *stages = shape.channels
    total, before = 3 * first * 9 * places, first
    for channels, blocks in zip(stages, shape.blocks, strict=True):
        places /= 4
        total += (before * channels + 2 * blocks * channels**2) * 9 * places
        before = channels
    return 2e-9 * (total + before * shape.stripes * shape.dimensions)
