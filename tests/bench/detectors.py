"""How much of the people each detector finds, whole picture and third: `make bench-detectors`.

The demonstration clip has no ground truth. A person counts as there where a detector of each of
two families (Open Model Zoo, YOLOX), trained apart, puts a box: what only one family finds counts
against it, right or wrong. The starter detector, which they taught, has no say. JSON goes to
standard output, a table to standard error.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from rich.console import Console
from rich.table import Table

from deploy.clips import find_vtest
from models.catalogue import Catalogue
from models.detectors.views import Tiles
from models.roles import LoadOptions, load_detector
from models.sources import find_mirror
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import DongseonError
from shared.geometry import Rect
from shared.pictures import Picture

OMZ, FAR, YOLOX = (
    "person-vehicle-bike-detection-2004",
    "person-vehicle-bike-detection-2003",
    "yolox-nano-416",
)
STARTER = "starter-detector"
_EVERY = 20
_THIRD = 256
_SAME = 0.4
_SURE = 0.35
_SCORES = (0.2, 0.3, 0.4, 0.5)

Found = list[list[tuple[float, Rect]]]


class Way(NamedTuple):
    """A detector and how it looks."""

    model: str
    note: str
    precision: str | None = None
    reshaped: bool = True
    tiles: Tiles = "auto"


WAYS = (
    Way(OMZ, "as a box runs it"),
    Way(OMZ, "the same at FP16", precision="FP16"),
    Way(OMZ, "never reshaped", reshaped=False, tiles="off"),
    Way(FAR, "as a box runs it"),
    Way(YOLOX, "never in tiles", tiles="off"),
    Way(YOLOX, "tiles where it is long"),
    Way(STARTER, "as a box runs it"),
)


def main() -> None:
    """Measure every way on whole pictures and on thirds."""
    store = ModelStore()
    for name in (OMZ, FAR, YOLOX):
        store.pull(name, find_mirror(None, os.environ))
    whole = list(_frames(find_vtest()))
    thirds = [
        np.ascontiguousarray(frame[:, left : left + _THIRD])
        for frame in whole
        for left in range(0, frame.shape[1], _THIRD)
    ]
    rows = [*_compared(store, "whole", whole), *_compared(store, "third", thirds)]
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(stderr=True, width=160).print(table)
    json.dump(rows, sys.stdout, indent=1)


def _compared(
    store: ModelStore, shown: str, pictures: list[Picture]
) -> Iterator[dict[str, str | float]]:
    runs = [(way, *_run(store, way, pictures)) for way in WAYS]
    there = [
        _agreed(
            (way.model == YOLOX, *one)
            for way, found, _ in runs
            if way.model != STARTER
            for one in found[number]
        )
        for number in range(len(pictures))
    ]
    for way, found, ms in runs:
        row: dict[str, str | float] = {"shown": shown, "model": way.model, "how": way.note}
        row |= {"people": sum(map(len, there)), "ms": ms}
        for score in _SCORES:
            row[f"recall / precision at {score}"] = _scored(there, found, score)
        yield row


def _run(store: ModelStore, way: Way, pictures: list[Picture]) -> tuple[Found, float]:
    options = LoadOptions(
        store=store if way.reshaped else ModelStore(store.root, _fixed(store.catalogue)),
        precision=way.precision,
        tiles=way.tiles,
        score=min(_SCORES),
    )
    detector = load_detector(way.model, options)
    detector.detect(pictures[0])
    found, taken = [], []
    for picture in pictures:
        start = time.perf_counter()
        detections = detector.detect(picture)
        taken.append((time.perf_counter() - start) * 1000)
        people = [one for one in detections if one.object_class is ObjectClass.PERSON]
        found.append([(one.confidence, one.rect) for one in people])
    return found, round(statistics.median(taken), 1)


def _fixed(catalogue: Catalogue) -> Catalogue:
    """The same models, none of which is reshaped."""
    return Catalogue(
        models=tuple(
            entry.model_copy(update={"input": entry.input.model_copy(update={"multiple": None})})
            for entry in catalogue.models
        )
    )


def _agreed(boxes: Iterable[tuple[bool, float, Rect]]) -> list[Rect]:
    """The surest box of each person whom both families see."""
    people: list[tuple[Rect, set[bool]]] = []
    for family, confidence, rect in sorted(boxes, key=lambda box: -box[1]):
        same = next((seen for known, seen in people if known.iou(rect) > _SAME), None)
        if confidence < _SURE:
            continue
        if same is None:
            people.append((rect, {family}))
        else:
            same.add(family)
    return [rect for rect, seen in people if len(seen) == 2]


def _scored(there: list[list[Rect]], found: Found, score: float) -> str:
    hits = claims = 0
    for people, boxes in zip(there, found, strict=True):
        kept = [rect for confidence, rect in boxes if confidence >= score]
        claims += len(kept)
        for person in people:
            best = max(kept, key=person.iou, default=None)
            if best is not None and person.iou(best) > _SAME:
                hits += 1
                kept.remove(best)
    return f"{hits / sum(map(len, there)):.3f} / {hits / max(1, claims):.3f}"


def _frames(clip: Path) -> Iterator[Picture]:
    with av.open(str(clip)) as opened:
        for number, frame in enumerate(opened.decode(video=0)):
            if number % _EVERY == _EVERY // 2:
                yield np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


if __name__ == "__main__":
    try:
        main()
    except DongseonError as error:
        sys.exit(f"error: {error}")
