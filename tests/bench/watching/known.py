"""Tracklets of people and vehicles whose identity is known, none of whom the models learnt from."""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.evaluation.pictures import read_pictures
from models.evaluation.reid_data import ReidSet, read_reid
from models.roles import LoadOptions, load_embedder
from models.store import ModelStore
from models.train.embedder.identities import kind_of, part_of, split_by_identity
from shared.classes import ObjectClass
from shared.vectors import Vector, mean_direction
from tests.bench.data import shared_data

EMBEDDERS = {
    ObjectClass.PERSON: "starter-person-embedder",
    ObjectClass.VEHICLE: "starter-vehicle-embedder",
}
_MARKET = 80
_CROPS = 6


class Tracklet(NamedTuple):
    """The mean of an identity's crops of one camera."""

    identity: str
    camera: str
    vector: Vector


class KnownSet(NamedTuple):
    """Tracklets of one set, in the space of the starter embedder of their class."""

    name: str
    object_class: ObjectClass
    space: str
    tracklets: list[Tracklet]


def known_sets() -> list[KnownSet]:
    """Market identities, held-out workers and held-out vehicles, where their data is."""
    found = []
    for name, object_class, crops in (
        ("Market-1501, 80 identities", ObjectClass.PERSON, _market()),
        ("workers held out", ObjectClass.PERSON, _held("reid_person/conreid_train", {"": 15})),
        ("vehicles held out", ObjectClass.VEHICLE, _vehicles()),
    ):
        if crops is not None:
            found.append(_embedded(name, object_class, crops))
    return found


def _market() -> ReidSet | None:
    folder = shared_data() / "reid_person/market_ids_first501"
    if not folder.is_dir():
        return None
    everyone = read_reid(folder)
    chosen = np.random.default_rng(1).permutation(sorted(everyone.identities))[:_MARKET]
    return part_of(everyone, set(chosen.tolist()))


def _held(name: str, held_out: dict[str, int]) -> ReidSet | None:
    folder: Path = shared_data() / name
    return split_by_identity(read_reid(folder), held_out).held_out if folder.is_dir() else None


def _vehicles() -> ReidSet | None:
    # As the starter vehicle embedder held them out; motorcycles are a class of their own.
    held = _held("reid_vehicle/train", {"bus": 3, "car": 16, "motorcycle": 28, "truck": 13})
    if held is None:
        return None
    return part_of(held, {each for each in held.identities if kind_of(each) != "motorcycle"})


def _embedded(name: str, object_class: ObjectClass, crops: ReidSet) -> KnownSet:
    embedder = load_embedder(EMBEDDERS[object_class], LoadOptions(store=ModelStore()))
    groups: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for crop in crops.crops:
        groups[crop.identity, str(crop.camera)].append(crop.path)
    tracklets = []
    for (identity, camera), paths in sorted(groups.items()):
        spread = paths[:: max(1, len(paths) // _CROPS)][:_CROPS]
        pictures = [picture for _, picture in read_pictures(spread, [])]
        if pictures:
            vectors = list(embedder.embed(pictures))
            tracklets.append(Tracklet(identity, camera, mean_direction(vectors)))
    return KnownSet(name, object_class, embedder.space, tracklets)
