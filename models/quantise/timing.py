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
    clock: Clock = time.process_time,
) -> list[float]:
    """Median milliseconds of each of `networks`, which have one thread, on `tensor`.

    They take turns, so that whatever else the machine does falls on all of them alike. And it is
    the processor's time: on a busy machine a call longer than the scheduler's slice waits for the
    others, a shorter one does not (INT8 of 1 ms seemed 30 times as fast as f32 of 3).
    """
    taken: list[list[float]] = [[] for _ in networks]
    for number in range(_WARM_UP + rounds):
        for network, times in zip(networks, taken, strict=True):
            start = clock()
            network.infer({input_name: tensor})
            if number >= _WARM_UP:
                times.append(1000 * (clock() - start))
    return [float(np.median(times)) for times in taken]
