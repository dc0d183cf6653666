"""Parts that the networks of plates share."""

import torch
from torch import Tensor, nn


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
