"""What cosines mean in each embedding space, on tracks of real clips: `make bench-likeness`.

Nobody has to label anything: crops of one track a second apart show one object (but for the
tracker's mistakes), crops of two tracks in one frame show two. The catalogue's `unlike` is what
95 % of the pairs of two are below, `alike` lies halfway between what 99 % of them are below and
what half of the pairs of one are above. JSON goes to standard output, a table to standard error.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from threading import Event
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from deploy.clips import find_vtest
from edge_agent.sampling import Sampler
from edge_agent.source.frame import SourceOptions
from edge_agent.source.open import open_source
from edge_agent.tracker import Tracker, TrackerSettings
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.sight import look
from models.catalogue import Entry
from models.roles import LoadOptions, load_detector, load_embedder
from models.sources import find_mirror
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.pictures import Picture
from shared.vectors import Vector
from tests.bench.data import shared_data

DETECTOR = "person-vehicle-bike-detection-2004"
STREETS = ("intel_car-detection.mp4", "iacv_foreste.mp4", "iacv_milanoest.mp4")
_FPS = 5.0
_APART_S = 1.0
_GOOD = 0.2
_POLICY = TrackletPolicy(min_width=20, min_height=20)


class Sample(NamedTuple):
    """A crop of a track."""

    track: int
    at_s: float
    picture: Picture


class Seen(NamedTuple):
    """The crops of one clip, and the pairs of tracks that were in one frame."""

    samples: list[Sample]
    together: set[frozenset[int]]


def main() -> None:
    """Measure every embedder on people and on vehicles."""
    store = ModelStore()
    mirror = find_mirror(None, os.environ)
    entries = [entry for entry in store.catalogue.models if entry.embedding is not None]
    for name in (DETECTOR, *(entry.name for entry in entries)):
        store.pull(name, mirror)
    people = [_watch(store, find_vtest(), ObjectClass.PERSON)]
    videos = shared_data() / "video"
    clips = [videos / name for name in STREETS if (videos / name).is_file()]
    vehicles = [_watch(store, clip, ObjectClass.VEHICLE) for clip in clips]
    shown = {ObjectClass.PERSON: people, ObjectClass.VEHICLE: vehicles}
    rows = [
        _measured(store, entry, kind, clips)
        for entry in entries
        for kind, clips in shown.items()
        if any(clip.samples for clip in clips)
    ]
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(stderr=True, width=160).print(table)
    json.dump(rows, sys.stdout, indent=1)


def _watch(store: ModelStore, clip: Path, kind: ObjectClass) -> Seen:
    """Track the clip; keep a good crop of each track about once a second."""
    detector = load_detector(DETECTOR, LoadOptions(store=store, score=TrackerSettings().low))
    tracker = Tracker()
    seen = Seen([], set())
    last: dict[int, float] = {}
    options = SourceOptions(clip.stem, SystemClock(), Sampler(_FPS))
    for frame in open_source(str(clip), options).frames(Event()):
        step = tracker.update(detector.detect(frame.picture), frame.position_s, frame.area)
        points = [
            p for p in step.seen if p.confirmed and p.sure and p.detection.object_class is kind
        ]
        seen.together.update(frozenset(pair) for pair in combinations((p.track for p in points), 2))
        for point in points:
            glimpse = look(frame, point, step.seen, _POLICY).glimpse
            waited = frame.position_s - last.get(point.track, -_APART_S)
            if glimpse is not None and glimpse.quality >= _GOOD and waited >= _APART_S:
                last[point.track] = frame.position_s
                picture = glimpse.shot.picture
                seen.samples.append(Sample(point.track, frame.position_s, picture))
    return seen


def _measured(
    store: ModelStore, entry: Entry, kind: ObjectClass, clips: Sequence[Seen]
) -> dict[str, str | float]:
    embedder = load_embedder(entry.name, LoadOptions(store=store))
    cosines: dict[bool, list[float]] = defaultdict(list)
    for clip in clips:
        vectors = embedder.embed([sample.picture for sample in clip.samples])
        for same, cosine in _pairs(clip, list(vectors)):
            cosines[same].append(cosine)
    one, two = np.array(cosines[True]), np.array(cosines[False])
    return {
        "model": entry.name,
        "shown": str(kind),
        "pairs of one / of two": f"{len(one)} / {len(two)}",
        "one: 5 %": _percentile(one, 5),
        "one: half": _percentile(one, 50),
        "two: half": _percentile(two, 50),
        "two: 95 %": _percentile(two, 95),
        "two: 99 %": _percentile(two, 99),
        "unlike": _percentile(two, 95),
        "alike": round((_percentile(two, 99) + _percentile(one, 50)) / 2, 3),
    }


def _pairs(clip: Seen, vectors: Sequence[Vector]) -> Iterator[tuple[bool, float]]:
    """Whether two crops show one object, and their cosine, where it is known."""
    for (a, u), (b, v) in combinations(zip(clip.samples, vectors, strict=True), 2):
        if a.track == b.track or frozenset((a.track, b.track)) in clip.together:
            yield a.track == b.track, float(np.dot(u, v))


def _percentile(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", share: float) -> float:
    return round(float(np.percentile(values, share)), 3) if len(values) else float("nan")


if __name__ == "__main__":
    main()
