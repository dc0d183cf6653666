"""What boxes say in words: attributes with mistakes, and plates with wrong letters."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.level import Level
from deploy.sim.city.looks import Wardrobe
from deploy.sim.city.passing import Passages
from deploy.sim.city.streets import Floats, Ints
from shared.attributes import ATTRIBUTES
from shared.classes import ObjectClass

OWN = frozenset({"hat", "backpack", "bag"})
"""What look-alikes do not have in common; all else they do."""

NAMES = tuple(ATTRIBUTES)
_SAID = 0.85
_SURENESS = 1.2
_LETTERS = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주"
_DIGITS = "0123456789"


class Told(NamedTuple):
    """A row a tracklet.

    `values`: places in the values of each of `NAMES`, -1 where nothing is said. `confidences`: how
    likely each is to be right, 0 to 1. `plates`: as read, empty where none was.
    """

    values: NDArray[np.int8]
    confidences: NDArray[np.float32]
    plates: NDArray[np.str_]


def true_attributes(
    vehicle: NDArray[np.bool_], wardrobe: Wardrobe, rng: np.random.Generator
) -> NDArray[np.int8]:
    """The attributes every actor has, as `Told.values`; -1: not of its class."""
    count, groups = len(vehicle), int(wardrobe.group.max()) + 1
    found = np.full((count, len(NAMES)), -1, dtype=np.int8)
    for column, name in enumerate(NAMES):
        labels = ATTRIBUTES[name]
        values = len(labels.values)
        # Black, white and grey are worn more than orange: the first labels are the usual ones.
        chances = 1 / np.arange(1, values + 1)
        chances /= chances.sum()
        own = rng.choice(values, count, p=chances)
        shared = rng.choice(values, groups, p=chances)[wardrobe.group]
        fits = vehicle == (labels.object_class == ObjectClass.VEHICLE)
        found[fits, column] = (own if name in OWN else shared)[fits]
    return found


def true_plates(vehicle: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    """A Korean plate for every vehicle, empty for people."""

    def plate() -> str:
        front, back = rng.integers(10, 700), rng.integers(1000, 10_000)
        return f"{front}{rng.choice(list(_LETTERS))}{back}"

    return [plate() if drives else "" for drives in vehicle]


def tell(
    level: Level,
    passages: Passages,
    truth: tuple[NDArray[np.int8], list[str]],
    rng: np.random.Generator,
) -> Told:
    """What boxes say of every passage, given what is true of each actor."""
    attributes, plates = truth
    values = attributes[passages.actor].copy()
    cameras = int(passages.camera.max()) + 1
    worse = rng.lognormal(0, 0.4, cameras)[passages.camera]
    wrong = _chances(level.misread, values.shape, worse, rng)
    sizes = np.array([len(ATTRIBUTES[name].values) for name in NAMES])
    other = (values + rng.integers(1, sizes, values.shape)) % sizes
    misread = rng.random(values.shape) < wrong
    said = (values >= 0) & (rng.random(values.shape) < _SAID)
    values = np.where(said, np.where(misread, other, values), -1).astype(np.int8)
    return Told(
        values,
        np.where(said, 1 - wrong, 0).astype(np.float32),
        np.array([_read(plates[actor], level, rng) for actor in passages.actor]),
    )


def _chances(
    mean: float, shape: tuple[int, ...], worse: Floats, rng: np.random.Generator
) -> Floats:
    """How likely each reading is to be wrong; a box knows it, so its confidences are true."""
    found = rng.beta(_SURENESS, _SURENESS * (1 - mean) / mean, shape) * worse[:, None]
    return np.asarray(found.clip(0.01, 0.5))


def _read(plate: str, level: Level, rng: np.random.Generator) -> str:
    if not plate or rng.random() >= level.plates:
        return ""
    wrong: Ints = np.flatnonzero(rng.random(len(plate)) < level.misread_plates)
    letters = list(plate)
    for place in wrong:
        pool = _DIGITS if letters[place] in _DIGITS else _LETTERS
        letters[place] = str(rng.choice(list(pool)))
    return "".join(letters)
