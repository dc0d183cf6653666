"""`dongseon models train person-embedder`: the recipe for people."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from models.evaluation.pictures import read_pictures
from models.evaluation.reid_data import ReidSet, read_reid
from models.preparation import Size
from models.train.common.cards import Source
from models.train.common.options import TrainOptions
from models.train.embedder import vehicle
from models.train.embedder.backgrounds import read_backgrounds
from models.train.embedder.batches import Draw
from models.train.embedder.cutouts import cut_people
from models.train.embedder.degrade import Strength
from models.train.embedder.identities import by_identity, kind_of, part_of, split_by_identity
from models.train.embedder.network import Shape
from models.train.embedder.people import CROP, Counts, Real, person_samples
from models.train.embedder.pool import Sample
from models.train.embedder.publish import Facts
from models.train.embedder.running import Plan, run
from models.train.embedder.task import Weights
from shared.pictures import Picture

FOLDER = "reid_person/conreid_train"
HELD_OUT = {"": 15}
"""So many of the construction workers are never trained on."""

SHAPE = Shape(Size(64, 128), (32, 48, 96, 128), (1, 1, 1), 4, 256)
COUNTS = Counts(drawn=2400, dyed=600, mixed=600, cut=300)

FACTS = Facts(
    name="starter-person-embedder",
    shows="people",
    space="starter-person-1",
    alike=0.8,
    unlike=0.73,
    about=(
        "Makes a crop of a person into a vector of 256 numbers; the cosine of two vectors says how "
        "alike the crops are."
    ),
    recipe=(
        "From scratch with `dongseon models train person-embedder`. There are few real people "
        "whose pictures are free, so more are made: 2,400 are drawn, walking, from all sides; "
        "1,200 are real crops dyed above and below the hips or joined from two; 300 are cut out, "
        "dyed and put elsewhere; all before windows of free clips. The teacher sees each crop "
        "once and clean, the network as another camera might have given it. Its cosines and "
        "vectors are learnt, with supervised contrast, the hardest triplets and a cosine "
        "classifier. AdamW, cosine schedule by the clock, three quarters of the size for the "
        "first 60 %, averaged weights."
    ),
    limits=(
        "A start where nothing can be fetched, and far from the best there is: use "
        "person-reidentification-retail-0287 or osnet-x0-25 where they can be had. It knows people "
        "by the colours of what they wear more than by anything else, so its cosines of strangers "
        "in like clothes are high. On the held-out workers rank-1 says little: other crops of a "
        "worker are near copies. The teacher's training data is not public and may hold "
        "Market-1501; no picture of that was trained on here. It learnt from few steps: a longer "
        "run is likely to be better."
    ),
    sources=(
        Source(
            name="dongpeng011/ConReID-Dataset",
            licence="MIT",
            for_what="56 of 71 workers, as they are, dyed and joined",
        ),
        Source(
            name="Khoa-Nguyen-Truong/Vehicle-Re-ID-Dataset",
            licence="Apache-2.0",
            for_what="294 motorcyclists, as they are, dyed and joined",
        ),
        Source(
            name="intel-iot-devkit/sample-videos",
            licence="CC-BY-4.0 (Intel)",
            for_what="4 people cut out; backgrounds",
        ),
        Source(
            name="federicoparroni/IACV_background_subtractor, andrewssobral/bgslibrary, "
            "spacewalk01/yolov5-fire-detection",
            licence="MIT",
            for_what="backgrounds",
        ),
        Source(
            name="person-reidentification-retail-0287 (Intel Open Model Zoo)",
            licence="Apache-2.0",
            for_what="teacher",
        ),
    ),
    judged_on="15 held-out workers of conreid_train, all crops ask",
    command=(
        "dongseon models evaluate reid --model starter-person-embedder "
        "--data ../shared/data/reid_person/conreid_train "
        "--identities models/train/embedder/held-out-people.txt"
    ),
)

_OF_EACH = 8
"""Crops of a worker: their cameras stand still, and so do they, so more of them add little."""


def train(options: TrainOptions) -> None:
    """Train, judge and export; see `models.train.embedder.running.run`."""
    workers = split_by_identity(read_reid(options.data / FOLDER), HELD_OUT)
    plan = Plan(
        shape=SHAPE,
        draw=Draw(16, 4),
        strength=Strength(light=0.25, erase=0.3),
        weights=Weights(),
        teachers=("person-reidentification-retail-0287",),
        facts=FACTS,
    )
    run(plan, options, lambda: _samples(options, workers.train), workers.held_out)


def _samples(options: TrainOptions, workers: ReidSet) -> Iterator[Sample]:
    real = Real(
        walkers=read_people(workers),
        riders=read_people(_riders(options.data)),
        cutouts=cut_people(options.data),
        frames=read_backgrounds(options.data),
    )
    return person_samples(real, COUNTS, options.seed)


def _riders(data: Path) -> ReidSet:
    """Those on the motorcycles of the vehicle set that its own embedder trains on."""
    vehicles = split_by_identity(read_reid(data / vehicle.FOLDER), vehicle.HELD_OUT).train
    return part_of(vehicles, {one for one in vehicles.identities if kind_of(one) == "motorcycle"})


def read_people(crops: ReidSet) -> list[list[Picture]]:
    """The crops of each identity at the samples' size; unreadable ones are left out."""
    people = []
    for group in by_identity(crops).values():
        places = np.unique(np.linspace(0, len(group) - 1, _OF_EACH).astype(int))
        seen = read_pictures([group[place].path for place in places], [])
        trimmed = [unpadded(picture) for _, picture in seen]
        people.append([_sized(one) for one in trimmed if one.size])
    return [person for person in people if person]


def unpadded(picture: Picture) -> Picture:
    """`picture` without the black columns and rows around it; empty where it is all black."""
    lit = picture.max(axis=2) > _BLACK
    columns = np.flatnonzero(lit.mean(axis=0) > _PART)
    rows = np.flatnonzero(lit.mean(axis=1) > _PART)
    if not columns.size or not rows.size:
        return picture[:0, :0]
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


_BLACK = 16
_PART = 0.1
"""A column is padding when fewer of its pixels than this are lighter than `_BLACK`."""


def _sized(picture: Picture) -> Picture:
    interpolation = cv2.INTER_AREA if len(picture) > CROP.height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, CROP, interpolation=interpolation), dtype=np.uint8)
