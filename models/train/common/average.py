"""The moving average of a network's weights, which is better than its last weights."""

import copy

import torch
from torch import nn

_YOUNG = 10
"""With t steps behind it the average forgets at (1 + t) / (10 + t) at most, as in TensorFlow's."""


class WeightAverage:
    """An exponential moving average of the weights and buffers of `network`.

    Attributes:
        network: a network with the average's weights, in evaluation mode.
    """

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self.steps = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the weights that `network` has after one more step."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (_YOUNG + self.steps))
        current = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(current[name].detach(), 1 - decay)
            else:
                value.copy_(current[name])
