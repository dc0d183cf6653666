"""What each candidate costs on this box: measured in turns, a busy moment hits all alike."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from edge_agent.calibrate.proposal import Candidate, Timed

TURN = 3
"""Calls in a row: caches are then as warm as they are in a channel that works."""


class Stopwatch(NamedTuple):
    """Seconds that passed, and seconds that all threads of this process worked."""

    wall: Callable[[], float] = time.perf_counter
    cpu: Callable[[], float] = time.process_time


class Ready(NamedTuple):
    """A candidate that is loaded; `call` has it do its work once."""

    candidate: Candidate
    call: Callable[[], object]


def measure(
    ready: Sequence[Ready],
    seconds: float,
    tell: Callable[[float], None] = lambda _: None,
    watch: Stopwatch = Stopwatch(),  # noqa: B008 - immutable
) -> list[Timed]:
    """What one call of each costs; takes about `seconds` in all.

    Args:
        ready: what to measure.
        seconds: how long; longer where that is too little for one round.
        tell: told after each round how much of the time is over, 0 to 1.
        watch: the clock.
    """
    began = watch.wall()
    taken: list[list[tuple[float, float]]] = [[] for _ in ready]
    over = 0.0
    while ready and over < 1:
        for one, times in zip(ready, taken, strict=True):
            one.call()  # what ran before has used the caches
            times += [_timed(one.call, watch) for _ in range(TURN)]
        over = (watch.wall() - began) / seconds
        tell(min(1.0, over))
    return [_summed(one.candidate, times) for one, times in zip(ready, taken, strict=True)]


def _timed(call: Callable[[], object], watch: Stopwatch) -> tuple[float, float]:
    cpu, wall = watch.cpu(), watch.wall()
    call()
    return (watch.cpu() - cpu) * 1000, (watch.wall() - wall) * 1000


def _summed(candidate: Candidate, times: Iterable[tuple[float, float]]) -> Timed:
    cpu, wall = zip(*times, strict=True)
    p90 = statistics.quantiles(wall, n=10)[-1]
    return Timed(candidate, statistics.median(cpu), statistics.median(wall), p90, len(wall))
