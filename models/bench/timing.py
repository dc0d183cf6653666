"""How long calls take, measured in rounds so that what else the machine does falls on all alike.

Each round calls every case once, in an order drawn anew. A machine that is busy for a while slows
every case of that while: ratios within one run hold where figures of two runs do not.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from models.bench.cases import Loaded, Unavailable
from models.bench.processor import Processor

Clock = Callable[[], float]
"""Seconds, never backwards."""

_LEAST_ROUNDS = 5
_MS = 1000.0


@dataclass(frozen=True)
class Timing:
    """One case: milliseconds for one picture (a call's, divided by its batch) over `calls` calls.

    `cpu_ms` is the median of what all cores together worked on it: unlike the time that passed,
    it hardly grows when other programs want the cores too.
    `against_f32` is its median over that of the same model in f32 on the same runtime, threads
    and batch, where that was measured too.
    """

    model: str
    runtime: str
    file: str
    computes: str
    threads: int
    batch: int
    p50_ms: float
    p90_ms: float
    cpu_ms: float
    calls: int
    runs_as: str
    against_f32: float | None = None


@dataclass(frozen=True)
class Missing:
    """A case that this machine cannot do."""

    model: str
    runtime: str
    file: str
    computes: str
    threads: int
    batch: int
    reason: str


@dataclass(frozen=True)
class Measured:
    """What was measured, on what."""

    processor: Processor
    timings: Sequence[Timing]
    missing: Sequence[Missing]

    def as_json(self) -> dict[str, Any]:
        """As plain tables."""
        return {
            "processor": self.processor._asdict(),
            "timings": [asdict(timing) for timing in self.timings],
            "missing": [asdict(case) for case in self.missing],
        }


def measure(
    cases: Sequence[Loaded | Unavailable],
    seconds: float,
    processor: Processor,
    clocks: tuple[Clock, Clock] = (time.perf_counter, time.process_time),
) -> Measured:
    """Time every case for about `seconds`, all together `seconds` times their number.

    `clocks` are of the time that passes, and of the time the cores work for this process.
    """
    clock, work = clocks
    loaded = [case for case in cases if isinstance(case, Loaded)]
    taken: list[list[float]] = [[] for _ in loaded]
    worked: list[list[float]] = [[] for _ in loaded]
    generator = np.random.default_rng(0)
    end = clock() + seconds * len(loaded)
    rounds = 0
    while loaded and (rounds < _LEAST_ROUNDS or clock() < end):
        for place in generator.permutation(len(loaded)):
            start, working = clock(), work()
            loaded[place].call()
            taken[place].append(clock() - start)
            worked[place].append(work() - working)
        rounds += 1
    timings = [_timing(*row) for row in zip(loaded, taken, worked, strict=True)]
    return Measured(
        processor,
        [_compared(timing, timings) for timing in timings],
        [_missing(case) for case in cases if isinstance(case, Unavailable)],
    )


def _timing(case: Loaded, taken: Sequence[float], worked: Sequence[float]) -> Timing:
    kind = case.case
    each = [seconds * _MS / kind.batch for seconds in taken]
    return Timing(
        model=kind.entry.name,
        runtime=kind.runtime,
        file=kind.variant,
        computes=case.runs_as.rpartition("/")[2],
        threads=kind.threads,
        batch=kind.batch,
        p50_ms=round(statistics.median(each), 2),
        p90_ms=round(statistics.quantiles(each, n=10)[-1], 2),
        cpu_ms=round(statistics.median(worked) * _MS / kind.batch, 2),
        calls=len(each),
        runs_as=case.runs_as,
    )


def _missing(case: Unavailable) -> Missing:
    kind = case.case
    return Missing(
        model=kind.entry.name,
        runtime=kind.runtime,
        file=kind.variant,
        computes=kind.precision,
        threads=kind.threads,
        batch=kind.batch,
        reason=case.reason,
    )


def _compared(timing: Timing, timings: Sequence[Timing]) -> Timing:
    def like(other: Timing) -> bool:
        return other.computes == "f32" and all(
            getattr(other, name) == getattr(timing, name)
            for name in ("model", "runtime", "threads", "batch")
        )

    base = next((other for other in timings if like(other)), None)
    if base is None or base is timing:
        return timing
    return replace(timing, against_f32=round(timing.p50_ms / base.p50_ms, 2))
