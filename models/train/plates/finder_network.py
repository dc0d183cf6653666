"""The network that finds plates on vehicles: a grid of cells, each with a score and a box."""

import torch
from torch import Tensor, nn

from models.train.plates.layers import Residual, convolution

HEIGHT, WIDTH = 128, 160
STRIDE = 8
ROWS, COLUMNS = HEIGHT // STRIDE, WIDTH // STRIDE
_REACH = 32.0
"""Pixels that one unit of a box's sides means."""


class FinderNet(nn.Module):
    """Grey pictures (N, 1, 128, 160) of 0..255 to (N, 320, 5): score, x1, y1, x2, y2.

    The score is 0 to 1, the corners are parts of the input's sides.
    """

    centres: Tensor

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.features = nn.Sequential(
            convolution(1, 12, 2),
            convolution(12, 24, 2),
            convolution(24, width, 2),
            Residual(width),
            Residual(width),
            convolution(width, width, spread=3),
            Residual(width),
        )
        self.head = nn.Conv2d(width, 5, 1)
        nn.init.constant_(self.head.bias[:1], -4.0)  # type: ignore[index]
        rows, columns = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
        centres = (torch.stack((columns, rows)).float() + 0.5) * STRIDE
        self.register_buffer("centres", centres.reshape(1, 2, -1))

    def raw(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, 320), and corners (N, 4, 320) in pixels of the input."""
        cells = self.head(self.features((picture - 127.5) / 64.0)).flatten(2)
        reach = nn.functional.softplus(cells[:, 1:]) * _REACH
        low, high = self.centres - reach[:, :2], self.centres + reach[:, 2:]
        return cells[:, 0], torch.cat((low, high), dim=1)

    def forward(self, picture: Tensor) -> Tensor:
        """As it is exported."""
        logits, corners = self.raw(picture)
        sides = torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT], device=corners.device)
        parts = corners / sides[:, None]
        return torch.cat((logits.sigmoid()[:, None], parts), dim=1).transpose(1, 2)
