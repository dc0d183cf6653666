"""Does the box choose the right crop of a tracklet? `make bench-best-shot`.

Tracklets with identities (Market-1501, construction workers, vehicles) are put into scenes where
they are covered, cut, hidden, blurred or badly boxed (`tests.bench.shots.views`). Of each tracklet
a rule chooses one view, which asks for its identity among the clean crops of the other cameras;
mAP as in `models.evaluation.reid`. Vehicles have one crop a camera, seen in six ways.

Two best possible choices stand beside the rules. `likest` is the view whose embedding is nearest
to that of the tracklet's clean crops: what a perfect judge of pictures would take. `lucky` is the
one with the best answer, taken after looking at the answers, which nothing can know before.

PERSON and VEHICLE in the environment name other embedders of the catalogue.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge_agent.quality import is_cut, quality
from edge_agent.tracklet import TrackletPolicy
from models.detection import Detection
from models.evaluation.reid_data import ReidCrop, read_reid
from models.roles import Embedder, LoadOptions, load_embedder
from models.sources import find_mirror
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import DongseonError
from shared.pictures import Picture
from tests.bench.data import shared_data
from tests.bench.shots.views import Scenes, View

Array = NDArray[np.float64]
Rule = Callable[["Tracklet"], int]

_LONGEST, _SHORTEST = 8, 4
_SEED = 1
_BATCH = 32


class Set(NamedTuple):
    """Where crops are, what they show, how many identities are used, and who embeds them."""

    name: str
    folder: Path
    shows: ObjectClass
    identities: str
    embedder: str


@dataclass(frozen=True)
class Tracklet:
    """One object through one camera. Rows of `vectors` are its views', `clean` its true look.

    `answers` is the average precision of each view.
    """

    crop: ReidCrop
    shows: ObjectClass
    views: list[View]
    vectors: Array
    clean: Array
    answers: Array

    def qualities(self) -> Array:
        """What the box thinks of each view."""
        return np.array([_worth(view, self.shows) for view in self.views])


def main() -> None:
    """Measure every set and print."""
    data = shared_data()
    people, cars = (
        os.environ.get(kind, f"starter-{kind.lower()}-embedder") for kind in ("PERSON", "VEHICLE")
    )
    sets = (
        Set(
            "Market-1501",
            data / "reid_person/market_ids_first501",
            ObjectClass.PERSON,
            ":80",
            people,
        ),
        Set("workers", data / "reid_person/conreid_train", ObjectClass.PERSON, ":35", people),
        Set("vehicles", data / "reid_vehicle/train", ObjectClass.VEHICLE, ":80", cars),
    )
    rows = [_measured(chosen) for chosen in sets]
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(stderr=True, width=200).print(table)
    json.dump(rows, sys.stdout, indent=1)


def _measured(chosen: Set) -> dict[str, str | float]:
    embedder = load_embedder(chosen.embedder, LoadOptions(store=_store(chosen.embedder)))
    gallery = _Gallery(chosen, embedder)
    tracklets = list(_tracklets(chosen, embedder, gallery))
    figures = {name: _mean_ap(tracklets, rule) for name, rule in _RULES.items()}
    likest = figures["likest"]
    return {
        "set": chosen.name,
        "embedder": chosen.embedder,
        "tracklets": len(tracklets),
        "any view": _percent(np.mean([tracklet.answers.mean() for tracklet in tracklets])),
        **{name: _percent(figure) for name, figure in figures.items()},
        "ours / likest": _percent(figures["ours"] / likest),
        "common / likest": _percent(figures["common"] / likest),
        "ours / lucky": _percent(figures["ours"] / figures["lucky"]),
        "mean sent": _percent(np.mean([gallery.answer(t.crop, _sent(t)) for t in tracklets])),
        "clean mean": _percent(np.mean([gallery.answer(t.crop, t.clean) for t in tracklets])),
    }


def _store(name: str) -> ModelStore:
    store = ModelStore()
    store.pull(name, find_mirror(None, os.environ))
    return store


def _worth(view: View, shows: ObjectClass) -> float:
    detection = Detection(view.rect, shows, view.confidence)
    luma = np.asarray(cv2.cvtColor(view.crop, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return quality(luma, detection, view.bounds, view.others)


def _common(tracklet: Tracklet) -> int:
    """Confidence times area, not at the edge of the picture if that can be."""
    return int(
        np.argmax(
            [
                view.confidence * view.rect.area * (1e-6 if is_cut(view.rect, view.bounds) else 1)
                for view in tracklet.views
            ]
        )
    )


_RULES: dict[str, Rule] = {
    "common": _common,
    "ours": lambda tracklet: int(np.argmax(tracklet.qualities())),
    "likest": lambda tracklet: int(np.argmax(tracklet.vectors @ tracklet.clean)),
    "lucky": lambda tracklet: int(np.argmax(tracklet.answers)),
}


def _mean_ap(tracklets: list[Tracklet], rule: Rule) -> float:
    return float(np.mean([tracklet.answers[rule(tracklet)] for tracklet in tracklets]))


def _sent(tracklet: Tracklet) -> Array:
    """The vector of a sighting: the mean of the few best views, by their quality."""
    policy, worth = TrackletPolicy(), tracklet.qualities()
    best = np.argsort(-worth)[: policy.crops]
    good = best[worth[best] >= policy.good]
    chosen = good if len(good) else best[:1]
    return _unit(worth[chosen] @ tracklet.vectors[chosen])


class _Gallery:
    """The clean crops, and how well a vector finds its identity in them."""

    def __init__(self, chosen: Set, embedder: Embedder) -> None:
        self.crops = read_reid(chosen.folder, chosen.identities).crops
        self.pictures = [_read(crop.path) for crop in self.crops]
        self.vectors = _embedded(embedder, self.pictures)
        self._people = np.array([crop.identity for crop in self.crops])
        self._cameras = np.array([crop.camera for crop in self.crops])

    def answer(self, asked: ReidCrop, vector: Array) -> float:
        """Average precision among the crops of other cameras; NaN where nobody answers."""
        own = (self._people == asked.identity) & (self._cameras == asked.camera)
        order = np.argsort(-(self.vectors[~own] @ vector), kind="stable")
        places = np.flatnonzero(self._people[~own][order] == asked.identity)
        if not len(places):
            return float("nan")
        return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))


def _tracklets(chosen: Set, embedder: Embedder, gallery: _Gallery) -> Iterator[Tracklet]:
    rng = np.random.default_rng(_SEED)
    scenes, groups = Scenes(rng), defaultdict(list)
    for place, crop in enumerate(gallery.crops):
        sequence = crop.path.stem.split("_")[1]
        groups[crop.identity, crop.camera, sequence].append(place)
    for places in groups.values():
        own = places[:_LONGEST] if chosen.shows is ObjectClass.PERSON else places[:1] * 6
        crop = gallery.crops[places[0]]
        if len(own) < _SHORTEST or np.isnan(gallery.answer(crop, gallery.vectors[places[0]])):
            continue
        strangers = [i for i, other in enumerate(gallery.crops) if other.identity != crop.identity]
        views = [
            scenes.view(gallery.pictures[place], gallery.pictures[rng.choice(strangers)])
            for place in own
        ]
        vectors = _embedded(embedder, [view.crop for view in views])
        clean = _unit(gallery.vectors[places].mean(axis=0))
        answers = np.array([gallery.answer(crop, vector) for vector in vectors])
        yield Tracklet(crop, chosen.shows, views, vectors, clean, answers)


def _embedded(embedder: Embedder, pictures: list[Picture]) -> Array:
    starts = range(0, len(pictures), _BATCH)
    return np.concatenate([embedder.embed(pictures[i : i + _BATCH]) for i in starts]).astype(float)


def _read(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), dtype=np.uint8)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _percent(value: float | np.floating) -> float:
    return round(100 * float(value), 1)


if __name__ == "__main__":
    try:
        main()
    except DongseonError as error:
        sys.exit(f"error: {error}")
