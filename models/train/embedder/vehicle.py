"""`dongseon models train vehicle-embedder`: the recipe for vehicles and two-wheelers."""

from collections.abc import Iterator

import cv2
import numpy as np

from models.evaluation.pictures import read_pictures
from models.evaluation.reid_data import ReidSet, read_reid
from models.preparation import Size
from models.train.common.cards import Source
from models.train.common.options import TrainOptions
from models.train.embedder.batches import Draw
from models.train.embedder.degrade import Strength
from models.train.embedder.identities import by_identity, split_by_identity
from models.train.embedder.network import Shape
from models.train.embedder.pool import Sample
from models.train.embedder.publish import Facts
from models.train.embedder.recolour import blended, draw_dye, dyed, middle
from models.train.embedder.running import Plan, run
from models.train.embedder.task import Weights
from shared.pictures import Picture

FOLDER = "reid_vehicle/train"
HELD_OUT = {"bus": 3, "car": 16, "motorcycle": 28, "truck": 13}
"""So many vehicles of each type are never trained on: as in the data set's own test half."""

SHAPE = Shape(Size(96, 96), (24, 48, 80, 128), (1, 1, 1), 3, 192)
COLOURS = 7
"""Each vehicle is there in so many other colours, each of them another vehicle."""

FACTS = Facts(
    name="starter-vehicle-embedder",
    shows="vehicles and two-wheelers",
    space="starter-vehicle-2",
    alike=0.62,
    unlike=0.35,
    about=(
        "Makes a crop of a vehicle, or of a two-wheeler with its rider, into a vector of 192 "
        "numbers; the cosine of two vectors says how alike the crops are."
    ),
    recipe=(
        "From scratch with `dongseon models train vehicle-embedder`. Each vehicle is seen by both "
        "cameras, in its own colours and, as others, dyed in seven more. Supervised contrast, the "
        "hardest triplets and a cosine classifier tell them apart; cosines and vectors of a person "
        "embedder, which is of use for riders and not bad for cars, and of the vehicle embedder "
        "that was here before, are learnt besides, each the mean of a crop and its mirror image. "
        "Loose boxes, light, blur, noise, compression and covers are made up. AdamW, half a "
        "cosine, three quarters of the size for the first 60 %, averaged weights."
    ),
    limits=(
        "Both cameras look at the backs of vehicles on one road by day, and the test is on that "
        "road too: expect less elsewhere, at night, and much less between front and back. Nearly "
        "two thirds of the vehicles are motorcycles, known by their riders' clothes. It had one "
        "bus to learn from; buses and trucks are most of what it confuses. The teacher's own "
        "training data is not public."
    ),
    sources=(
        Source(
            name="Khoa-Nguyen-Truong/Vehicle-Re-ID-Dataset",
            licence="Apache-2.0",
            for_what="447 of the 507 vehicles of its training half, two cameras",
        ),
        Source(
            name="starter-vehicle-embedder (the one shipped before)",
            licence="Apache-2.0",
            for_what="teacher",
        ),
        Source(
            name="person-reidentification-retail-0287 (Intel Open Model Zoo)",
            licence="Apache-2.0",
            for_what="teacher",
        ),
    ),
    judged_on="60 held-out vehicles of reid_vehicle, both cameras ask",
    command=(
        "dongseon models evaluate reid --model starter-vehicle-embedder "
        "--data ../shared/data/reid_vehicle/train "
        "--identities models/train/embedder/held-out-vehicles.txt"
    ),
)

_LONGEST = 160


def train(options: TrainOptions) -> None:
    """Train, judge and export; see `models.train.embedder.running.run`."""
    split = split_by_identity(read_reid(options.data / FOLDER), HELD_OUT)
    plan = Plan(
        shape=SHAPE,
        draw=Draw(32, 2),
        strength=Strength(light=0.22, cast=0.04, erase=0.3, saturation=0.2),
        weights=Weights(),
        teachers=("person-reidentification-retail-0287", "starter-vehicle-embedder"),
        facts=FACTS,
        average=0.998,
        judge_minutes=5.0,
        mirrored=True,
    )
    run(plan, options, lambda _part: vehicle_samples(split.train, options.seed), split.held_out)


def vehicle_samples(crops: ReidSet, seed: int) -> Iterator[Sample]:
    """Each vehicle through each camera, in its own colours and in others."""
    for identity, group in by_identity(crops).items():
        seen = [_smaller(picture) for _, picture in read_pictures([one.path for one in group], [])]
        for picture in seen:
            yield Sample(picture, identity)
        rng = np.random.default_rng([seed, *identity.encode()])
        for number in range(COLOURS):
            dye = draw_dye(rng)
            for picture in seen:
                changed = blended(picture, dyed(picture, dye), middle(picture))
                yield Sample(changed, f"{identity} dyed {number}")


def _smaller(picture: Picture) -> Picture:
    """`picture` with its longer side at most `_LONGEST` pixels."""
    height, width = picture.shape[:2]
    scale = _LONGEST / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
