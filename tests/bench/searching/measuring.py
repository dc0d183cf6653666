"""How the benchmarks of search fill, time, weigh and say where they are."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from threadpoolctl import threadpool_limits

from central.index.flat.index import FlatIndex
from tests.bench.searching.world import Chunk

CONSOLE = Console(stderr=True)
QUERIES = 50
BATCH = 5_000
"""As many points the follower hands over when an index is rebuilt."""


def add(index: FlatIndex, chunks: Iterable[Chunk]) -> None:
    """`chunks` into the index, in batches as the follower hands them over."""
    for chunk in chunks:
        points = chunk.points()
        for start in range(0, len(points), BATCH):
            index.upsert(points[start : start + BATCH])
            index.flush()


def timed(ask: Callable[[int], Any]) -> tuple[dict[str, float], list[Any]]:
    """Times of all queries, after a few that warm up, and the answers."""
    for number in range(3):
        ask(number)
    walls, busy, answers = [], [], []
    for number in range(QUERIES):
        begun, cpu = time.perf_counter(), time.process_time()
        answers.append(ask(number))
        walls.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - cpu))
    return {
        "p50_ms": round(float(np.percentile(walls, 50)), 1),
        "p95_ms": round(float(np.percentile(walls, 95)), 1),
        "cpu_p50_ms": round(float(np.percentile(busy, 50)), 1),
    }, answers


@contextmanager
def one_core() -> Iterator[None]:
    """Run on one core, with every thread there is; libraries start no more of them."""
    cores = os.sched_getaffinity(0)
    with threadpool_limits(1):
        _run_on({max(cores)})
        try:
            yield
        finally:
            _run_on(cores)


def _run_on(cores: set[int]) -> None:
    for task in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)


def disk(root: Path) -> int:
    """What the files below `root` take, in bytes."""
    return sum(path.stat().st_blocks * 512 for path in root.rglob("*") if path.is_file())


def say(what: str) -> None:
    """Where the run is."""
    CONSOLE.print(f"{time.strftime('%H:%M:%S')} {what}")
