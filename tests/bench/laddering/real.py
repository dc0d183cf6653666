"""The rungs that need no map on real identities: tracklets of Market-1501, Con-ReID and vehicles.

Sightings are means of the crops of one identity, camera and sequence; every one asks for those of
other cameras. There are no places, times or words, so those rungs are not climbed. In the second
round two right ones among the first twenty are confirmed and two wrong ones rejected.

Con-ReID has builders in vests that look alike. The curves of bands were fitted on it, so that it is
not graded; the starter embedder is asked only for those it was not trained on.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from central.search.bands import Curve, chances_by, curve_of
from central.search.fitting import Labelled, without_cameras
from central.search.ladder.attributes import said
from central.search.ladder.camera_mean import Rows
from central.search.ladder.climb import Found, Question, Rungs, Sights, climb
from models.evaluation.reid import embed_set
from models.evaluation.reid_data import read_reid
from models.roles import LoadOptions, load_embedder
from models.sources import find_mirror
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import DependencyMissing
from tests.bench.data import shared_data
from tests.bench.laddering.asking import CONFIRMED, SHOWN, Ints
from tests.bench.laddering.calibration import Shown, calibration, joined

_HELD = Path("models/train/embedder")
_CONREID = "reid_person/conreid_train"
_ASKED = 300
_NONE = dict.fromkeys(Rungs.__dataclass_fields__, False)


class RealSet(NamedTuple):
    """Where crops are, which identities, and who embeds them."""

    name: str
    folder: str
    identities: str | None
    model: str
    space: str
    shows: ObjectClass = ObjectClass.PERSON
    graded: bool = True


SETS = (
    RealSet(
        "Market-1501",
        "reid_person/market_ids_first501",
        ":200",
        "starter-person-embedder",
        "starter-person-2",
    ),
    RealSet(
        "Market-1501",
        "reid_person/market_ids_first501",
        ":200",
        "osnet-x0-25",
        "osnet-x0-25-msmt17",
    ),
    RealSet(
        "Con-ReID, held out",
        _CONREID,
        str(_HELD / "held-out-people.txt"),
        "starter-person-embedder",
        "starter-person-2",
        graded=False,
    ),
    RealSet(
        "Con-ReID",
        _CONREID,
        None,
        "osnet-x0-25",
        "osnet-x0-25-msmt17",
        graded=False,
    ),
    RealSet(
        "held-out vehicles",
        "reid_vehicle/train",
        str(_HELD / "held-out-vehicles.txt"),
        "starter-vehicle-embedder",
        "starter-vehicle-1",
        ObjectClass.VEHICLE,
    ),
)


def measure_real(say: Callable[[str], None]) -> list[dict[str, str | float]]:
    """A row for each set and rung; a set whose data or weights are not here is told and skipped."""
    rows: list[dict[str, str | float]] = []
    for chosen in SETS:
        try:
            crops = _embedded(chosen)
        except (DependencyMissing, FileNotFoundError) as error:
            say(f"{chosen.name} with {chosen.model} is left out: {error}")
            continue
        if crops is not None:
            rows.extend(_rungs(chosen, crops))
        else:
            say(f"{chosen.name} is left out: no {shared_data() / chosen.folder}")
    return rows


def grade_real() -> list[dict[str, str | float | int | None]]:
    """How calibrated the bands of the first twenty answers are, a row for each graded set here.

    The curves of people were fitted on other people; that of vehicles on these vehicles.
    """
    rows: list[dict[str, str | float | int | None]] = []
    for chosen in SETS:
        if not chosen.graded:
            continue
        try:
            crops = _embedded(chosen)
        except (DependencyMissing, FileNotFoundError):
            continue
        curve = curve_of(chosen.space, chosen.shows, centred=True)
        if crops is None or curve is None:
            continue
        answers = [_shown(crops, query, curve) for query in range(len(crops.vectors))[:_ASKED]]
        rows.append({"set": chosen.name, "model": chosen.model, **calibration(joined(answers))})
    return rows


def _shown(labelled: Labelled, query: int, curve: Curve) -> Shown:
    own = labelled.identities == labelled.identities[query]
    scope = np.flatnonzero(~(own & (labelled.cameras == labelled.cameras[query])))
    rungs = Rungs(**{**_NONE, "whitening": True, "k_reciprocal": True, "rounds": True})
    found = _climbed(without_cameras(labelled).vectors, scope, [query], [], rungs)
    first = found.order[:SHOWN]
    return Shown(np.array(chances_by(curve, found, len(scope)))[first], own[scope[first]])


def embed_crops(folder: Path, identities: str | None, model: str) -> tuple[Labelled, list[str]]:
    """The crops of a set as vectors, and the name of the tracklet each is of."""
    store = ModelStore()
    store.pull(model, find_mirror(None, os.environ))
    crops = read_reid(folder, identities)
    vectors, _ = embed_set(load_embedder(model, LoadOptions(store=store)), crops)
    names = [
        f"{crop.identity} {crop.camera} {crop.path.stem.split('_')[1]}" for crop in crops.crops
    ]
    return (
        Labelled(
            vectors,
            np.array([crop.identity for crop in crops.crops]),
            np.array([crop.camera for crop in crops.crops]),
        ),
        names,
    )


@cache
def _embedded(chosen: RealSet) -> Labelled | None:
    folder = shared_data() / chosen.folder
    if not folder.is_dir():
        return None
    crops, names = embed_crops(folder, chosen.identities, chosen.model)
    places = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    means = np.stack([crops.vectors[rows].mean(axis=0) for rows in places.values()])
    first = np.array([rows[0] for rows in places.values()])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return Labelled(means.astype(np.float32), crops.identities[first], crops.cameras[first])


def _rungs(chosen: RealSet, tracklets: Labelled) -> Iterator[dict[str, str | float]]:
    plain, centred = tracklets.vectors, without_cameras(tracklets).vectors
    neighbours = Rungs(**{**_NONE, "k_reciprocal": True, "rounds": True})
    whitening = Rungs(**{**_NONE, "whitening": True})
    both = Rungs(**{**vars(neighbours), "whitening": True})
    unsteered = Rungs(**{**vars(both), "rounds": False})
    steering = Rungs(**{**_NONE, "rounds": True})
    ladder = (
        ("tracklet mean", plain, Rungs(**_NONE)),
        ("camera_mean", centred, Rungs(**_NONE)),
        ("only rounds", plain, steering),
        ("k_reciprocal alone", plain, neighbours),
        ("+ whitening", centred, whitening),
        ("+ k_reciprocal", centred, both),
        ("without whitening", centred, neighbours),
        ("without rounds", centred, unsteered),
    )
    for name, vectors, rungs in ladder:
        judged = [
            _judged(tracklets, vectors, rungs, query) for query in range(len(vectors))[:_ASKED]
        ]
        rank1, mean_ap, recall, later = np.nanmean(judged, axis=0)
        yield {
            "set": chosen.name,
            "model": chosen.model,
            "rung": name,
            "rank1": round(100 * float(rank1), 1),
            "map": round(100 * float(mean_ap), 1),
            "recall20": round(100 * float(recall), 1),
            "recall20_two_confirms": round(100 * float(later), 1),
        }


def _judged(labelled: Labelled, vectors: Rows, rungs: Rungs, query: int) -> list[float]:
    own = labelled.identities == labelled.identities[query]
    scope = np.flatnonzero(~(own & (labelled.cameras == labelled.cameras[query])))
    total = int(own[scope].sum())
    if not total:
        return [float("nan")] * 4
    first = _ranked(vectors, scope, [query], [], rungs)
    right = np.flatnonzero(own[first])
    shown = first[:SHOWN]
    confirmed = shown[own[shown]][:CONFIRMED].tolist()
    wrong = shown[~own[shown]][:CONFIRMED].tolist()
    rest = scope[~np.isin(scope, confirmed + wrong)]
    again = _ranked(vectors, rest, [query, *confirmed], wrong, rungs)
    found = len(confirmed) + own[again[: SHOWN - len(confirmed)]].sum()
    reachable = min(total, SHOWN)
    return [
        float(right[0] == 0),
        float((np.arange(1, len(right) + 1) / (right + 1)).mean()),
        float((right < SHOWN).sum() / reachable),
        float(found / reachable),
    ]


def _ranked(
    vectors: Rows, scope: Ints, positives: list[int], negatives: list[int], rungs: Rungs
) -> Ints:
    return scope[_climbed(vectors, scope, positives, negatives, rungs).order]


def _climbed(
    vectors: Rows, scope: Ints, positives: list[int], negatives: list[int], rungs: Rungs
) -> Found:
    asked = Question(_sights(vectors[positives]), _sights(vectors[negatives]))
    count = len(scope)
    return climb(asked, _sights(vectors[scope]), rungs, np.ones(count, dtype=bool), np.zeros(count))


def _sights(vectors: Rows) -> Sights:
    return Sights(vectors, np.zeros_like(vectors), said([{}] * len(vectors), [None] * len(vectors)))
