"""What each model costs on this machine, on real pictures: `make bench-models`.

One core, one call at a time. Weights come from the mirror. JSON goes to standard output, a table
for people to standard error.
"""

import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import av
import numpy as np
from rich.console import Console
from rich.table import Table

from deploy.clips import find_vtest
from models.catalogue import Entry
from models.roles import LoadOptions, load_detector, load_embedder
from models.sources import find_mirror
from models.store import ModelStore
from shared.errors import DongseonError
from shared.pictures import Picture

_ROUNDS = 40
_BATCH = 8

T = TypeVar("T")


class Timing(NamedTuple):
    """One row: a model as loaded, what it was shown, and ms for one picture or crop."""

    model: str
    shown: str
    median_ms: float
    p90_ms: float


def main() -> None:
    """Measure every model of the catalogue, print the figures."""
    store = ModelStore()
    mirror = find_mirror(None, os.environ)
    frame = _frame(find_vtest(), 300)
    timings = []
    for entry in store.catalogue.models:
        store.pull(entry.name, mirror)
        for precision, runtime in itertools.product(entry.variants, entry.runtimes):
            options = LoadOptions(store=store, precision=precision, runtime=runtime)
            timings += _measured(entry, options, frame)
    _report(timings)


def _measured(entry: Entry, options: LoadOptions, frame: Picture) -> list[Timing]:
    if entry.detection is not None:
        detector = load_detector(entry.name, options)
        third = np.ascontiguousarray(frame[:, 256:512])
        return [
            _timed(detector.describe(), _shape(picture), picture, detector.detect)
            for picture in (frame, third)
        ]
    embedder = load_embedder(entry.name, options)
    crop = np.ascontiguousarray(frame[158:231, 298:325])
    return [
        _timed(embedder.describe(), f"{count} crops", [crop] * count, embedder.embed, count)
        for count in (1, _BATCH)
    ]


def _timed(model: str, shown: str, given: T, call: Callable[[T], object], count: int = 1) -> Timing:
    call(given)
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        call(given)
        taken.append((time.perf_counter() - start) * 1000 / count)
    p90 = statistics.quantiles(taken, n=10)[-1]
    return Timing(model, shown, round(statistics.median(taken), 2), round(p90, 2))


def _frame(clip: Path, number: int) -> Picture:
    with av.open(str(clip)) as opened:
        frame = next(itertools.islice(opened.decode(video=0), number, None))
        return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def _shape(picture: Picture) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"


def _report(timings: list[Timing]) -> None:
    table = Table("model", "shown", "median ms", "p90 ms")
    for timing in timings:
        table.add_row(*(str(value) for value in timing))
    Console(stderr=True).print(table)
    json.dump([timing._asdict() for timing in timings], sys.stdout, indent=1)


if __name__ == "__main__":
    try:
        main()
    except DongseonError as error:
        sys.exit(f"error: {error}")
