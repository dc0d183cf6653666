"""`dongseon models train person-embedder`: the recipe for people."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.evaluation.pictures import read_pictures
from models.evaluation.reid_data import ReidSet, read_reid
from models.preparation import Size
from models.train.common.cards import Source
from models.train.common.options import TrainOptions
from models.train.detector.cutouts import cut_by_grabcut, without_padding
from models.train.embedder import vehicle
from models.train.embedder.backgrounds import read_backgrounds, read_photos
from models.train.embedder.batches import Draw
from models.train.embedder.canvas import Drawing
from models.train.embedder.cutouts import cut_people
from models.train.embedder.degrade import Strength
from models.train.embedder.identities import (
    Split,
    by_identity,
    kind_of,
    part_of,
    split_by_identity,
)
from models.train.embedder.network import Shape
from models.train.embedder.parts import Samples
from models.train.embedder.people import CROP, Real, person_samples
from models.train.embedder.pool import Sample
from models.train.embedder.publish import Facts
from models.train.embedder.running import UNSEEN, Plan, run
from models.train.embedder.task import COPY
from shared.classes import ObjectClass
from shared.pictures import Picture

FOLDER = "reid_person/conreid_train"
HELD_OUT = {"": 15}
"""So many of the construction workers are never trained on."""

SHAPE = Shape(Size(64, 128), (32, 48, 96, 112), (1, 2, 1), 4, 256)
PARTS, OF_A_PART = 30, 512
"""Parts of the pool, and identities in each: 60,000 crops."""

OF_THE_UNSEEN = 256
"""Identities made of those held out, to see how like the teacher the network is."""

LIGHT = Strength(
    shift=0.03,
    light=0.05,
    cast=0.02,
    saturation=0.06,
    blur=0.05,
    noise=0.1,
    compress=0.1,
    erase=0.1,
)
"""Little: a teacher has seen the crop as it is in the pool."""

FACTS = Facts(
    name="starter-person-embedder",
    shows="people",
    space="starter-person-2",
    alike=0.64,
    unlike=0.5,
    about=(
        "Makes a crop of a person into a vector of 256 numbers; the cosine of two vectors says how "
        "alike the crops are."
    ),
    recipe=(
        "From scratch with `dongseon models train person-embedder`. The network becomes as like "
        "its teacher as it can: its vectors are the teacher's without their mean, and so are its "
        "cosines. There are few real people whose pictures are free, so 60,000 crops are made: "
        "nearly half are real ones in other colours and cloth or joined from two, a quarter are "
        "people cut out and put elsewhere, the rest are real ones as they are, drawn people and a "
        "few vehicles; with others beside them and things before them, in all light, far, blurred "
        "and compressed. Teacher and network see nearly the same crop. AdamW, half a cosine, "
        "three quarters of the size for the first half, averaged weights."
    ),
    limits=(
        "A start where nothing can be fetched, and far from the best there is: use "
        "person-reidentification-retail-0287 or osnet-x0-25 where they can be had. It knows people "
        "by the colours of what they wear more than by anything else, so its cosines of strangers "
        "in like clothes are high. On the held-out workers rank-1 says little: other crops of a "
        "worker are near copies. The teacher's training data is not public and may hold "
        "Market-1501; no picture of that was trained on here."
    ),
    sources=(
        Source(
            name="dongpeng011/ConReID-Dataset",
            licence="MIT",
            for_what="56 of 71 workers, as they are, in other clothes, joined and cut out",
        ),
        Source(
            name="Khoa-Nguyen-Truong/Vehicle-Re-ID-Dataset",
            licence="Apache-2.0",
            for_what="294 motorcyclists, as they are, in other clothes and joined; 153 other "
            "vehicles",
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
            name="Debian's gnome-backgrounds, lomiri-wallpapers, ukui-wallpapers and opencv-doc",
            licence="CC-BY-SA-3.0, CC-BY-4.0, CC-BY-SA-4.0, CC0-1.0, Apache-2.0",
            for_what="backgrounds, where they are below `backgrounds/`",
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

_OF_EACH = 16
"""Crops of a worker: their cameras stand still, and so do they, so more of them add little."""


def train(options: TrainOptions) -> None:
    """Train, judge and export; see `models.train.embedder.running.run`."""
    workers = split_by_identity(read_reid(options.data / FOLDER), HELD_OUT)
    plan = Plan(
        shape=SHAPE,
        draw=Draw(32, 2),
        strength=LIGHT,
        weights=COPY,
        teachers=("person-reidentification-retail-0287",),
        facts=FACTS,
        average=0.998,
        coarse=0.5,
        judge_minutes=10.0,
        parts=PARTS,
        unseen=True,
    )
    run(plan, options, _samples(options, workers), workers.held_out)


def _samples(options: TrainOptions, workers: Split) -> Samples:
    """Of the part with that number; the unseen are made of the people held out."""
    data = options.data
    vehicles = split_by_identity(read_reid(data / vehicle.FOLDER), vehicle.HELD_OUT)

    @cache
    def real(*, unseen: bool) -> Real:
        if unseen:
            return read_real(data, workers.held_out, vehicles.held_out)
        return read_real(data, workers.train, vehicles.train)

    def samples(part: int) -> Iterator[Sample]:
        count = OF_THE_UNSEEN if part == UNSEEN else OF_A_PART
        return person_samples(real(unseen=part == UNSEEN), count, [options.seed, part])

    return samples


def read_real(data: Path, workers: ReidSet, vehicles: ReidSet) -> Real:
    """Everyone of two sets and the clip, and what they can be put before.

    Errors as `read_backgrounds`.
    """
    whole = read_whole(workers)
    cut = [[one for crop in person if (one := cut_out(crop))] for person in whole]
    of_kind = {one: kind_of(one) for one in vehicles.identities}
    riders = {one for one, kind in of_kind.items() if kind == "motorcycle"}
    return Real(
        walkers=_all_sized(whole),
        riders=_all_sized(read_whole(part_of(vehicles, riders))),
        cutouts=[*cut_people(data), *(person for person in cut if person)],
        frames=[*read_backgrounds(data), *read_photos(data)],
        things=[
            crop
            for crops in _all_sized(read_whole(part_of(vehicles, of_kind.keys() - riders)))
            for crop in crops
        ],
    )


def cut_out(crop: Picture) -> Drawing | None:
    """The person in `crop`; None where they cannot be told from what is behind."""
    cut = cut_by_grabcut(crop, ObjectClass.PERSON)
    if cut is None:
        return None
    return Drawing(
        np.ascontiguousarray(cut[:, :, :3]), cut[:, :, 3].astype(np.float32) / np.float32(255)
    )


def read_whole(crops: ReidSet) -> list[list[Picture]]:
    """Some crops of each identity, without their padding; unreadable ones are left out."""
    people = []
    for group in by_identity(crops).values():
        places = np.unique(np.linspace(0, len(group) - 1, _OF_EACH).astype(int))
        seen = read_pictures([group[place].path for place in places], [])
        trimmed = [without_padding(picture) for _, picture in seen]
        people.append([one for one in trimmed if one.size])
    return [person for person in people if person]


def _all_sized(people: list[list[Picture]]) -> list[list[Picture]]:
    return [[_sized(crop) for crop in person] for person in people]


def _sized(picture: Picture) -> Picture:
    interpolation = cv2.INTER_AREA if len(picture) > CROP.height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, CROP, interpolation=interpolation), dtype=np.uint8)
