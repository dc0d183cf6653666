"""How hard the made-up city is to search: the figures of each level, and what they follow.

A crop's vector is drawn as a sum, each part with its share of variance (the identity's is 1), along
directions whose spectrum falls as in real spaces. Shares follow osnet-x0-25 (trained on MSMT17)
on 501 identities of Market-1501, which it has not seen: identity 1, view and pose of a tracklet
0.48, camera 0.075, crop within a tracklet 0.67, effective dimension 37 (starter-person-2: 37), the
mean of all vectors 1.1. Those are daylight on one campus with six cameras; `hard` has forty
cameras and changing light, so camera and light are 0.12 together there.

What is left, how alike look-alikes are, how much tracklets differ and how bad single crops are,
was set so that the plain cosine has on `hard` near rank-1 28 with a random crop, 52 with the best
one and 67 with the mean of the tracklet, which a simulation of forty cameras had before (osnet on
those identities of Market-1501: 57 and 71 with a random crop and the mean; starter-person-2: 47
and 63), and on `easy` near 94 with the mean, which person-reidentification-retail-0287 has there.
That was on seeds 900 and 901 of the Seoul map, in the scope that `make bench-ladder` asks in (800 m
and 20 minutes around a sighting), before there was any re-ranking. Not to be touched in order to
reach a goal.
"""

from dataclasses import dataclass
from enum import StrEnum


class LevelName(StrEnum):
    """The levels there are."""

    EASY = "easy"
    HARD = "hard"


@dataclass(frozen=True)
class Level:
    """One level.

    Shares of variance are against the identity's, which is 1: `common` of the mean of all vectors,
    `view` of the side that is seen, `pose` of the tracklet, `camera` and `light` (camera and hour)
    of the place, `crop` of the median crop. `alike` is the part of an identity's variance that its
    look-alikes have too, with up to `lookalikes` of them. `hidden` is how often a crop is covered.

    Attributes are read wrongly `misread` of the time; `plates` is how often a plate is legible,
    `misread_plates` how often a letter of one is wrong. `clock_s` is the standard deviation of a
    box's clock, `off` the part of the cameras that are switched off, `missed` of the passages.
    """

    cameras: int
    off: float
    people_per_hour: int
    vehicles_per_hour: int
    missed: float
    clock_s: float
    common: float
    alike: float
    alike_vehicles: float
    lookalikes: int
    view: float
    pose: float
    camera: float
    light: float
    crop: float
    hidden: float
    misread: float
    plates: float
    misread_plates: float


LEVELS = {
    LevelName.EASY: Level(
        cameras=40,
        off=0.05,
        people_per_hour=500,
        vehicles_per_hour=350,
        missed=0.02,
        clock_s=0.3,
        common=1.1,
        alike=0.4,
        alike_vehicles=0.5,
        lookalikes=4,
        view=0.24,
        pose=0.24,
        camera=0.075,
        light=0.0,
        crop=0.7,
        hidden=0.15,
        misread=0.1,
        plates=0.5,
        misread_plates=0.02,
    ),
    LevelName.HARD: Level(
        cameras=48,
        off=0.15,
        people_per_hour=1000,
        vehicles_per_hour=700,
        missed=0.1,
        clock_s=1.0,
        common=1.1,
        alike=0.6,
        alike_vehicles=0.7,
        lookalikes=12,
        view=0.24,
        pose=0.58,
        camera=0.08,
        light=0.04,
        crop=1.2,
        hidden=0.35,
        misread=0.2,
        plates=0.3,
        misread_plates=0.04,
    ),
}
