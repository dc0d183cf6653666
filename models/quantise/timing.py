"""How fast networks are beside each other."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from models.runtimes.port import Network, Tensor

ROUNDS = 40
_WARM_UP = 3

Clock = Callable[[], float]
"""Seconds, always growing."""


def latencies(
    networks: Sequence[Network],
    input_name: str,
    tensor: Tensor,
    rounds: int = ROUNDS,
    clock: Clock = time.perf_counter,
) -> list[float]:
    """Median milliseconds of each of `networks` on `tensor`.

    They take turns, so that whatever else the machine does falls on all of them alike.
    """
    taken: list[list[float]] = [[] for _ in networks]
    for number in range(_WARM_UP + rounds):
        for network, times in zip(networks, taken, strict=True):
            start = clock()
            network.infer({input_name: tensor})
            if number >= _WARM_UP:
                times.append(1000 * (clock() - start))
    return [float(np.median(times)) for times in taken]
