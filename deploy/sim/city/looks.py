"""Vectors of crops: who is seen, from which side, through which camera, in which light.

See `deploy.sim.city.level` for the shares and where they come from. Every part is drawn along
directions whose variance falls with their number to the power of -1, so that few
directions matter (effective dimension 37 of 256) and strangers can be like each other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.level import Level
from deploy.sim.city.passing import SIDES, Passages
from deploy.sim.city.streets import Floats, Ints

DIMENSIONS = 256
_FALL = 1.0
_CROPS = (3, 8)
_CROP_SPREAD = 0.7
_NOTICED = 0.8
"""How often a box notices that a crop is covered, and leaves it out of the mean."""
_JUDGED = 0.3
"""Error of a box's judgement of a crop, as a part of the log of its noise."""

Vectors = NDArray[np.float32]


class Looks(NamedTuple):
    """A unit row a tracklet: the mean of its good crops, one random crop, and its best crop."""

    mean: Vectors
    one: Vectors
    best: Vectors


class Wardrobe(NamedTuple):
    """What every actor looks like from each side, and the group of look-alikes they are of."""

    sides: Floats
    group: Ints


class Painter:
    """Draws vectors; all randomness is `rng`'s."""

    def __init__(self, level: Level, rng: np.random.Generator) -> None:
        self._level = level
        self._rng = rng
        spectrum = np.arange(1, DIMENSIONS + 1) ** -_FALL
        basis, _ = np.linalg.qr(rng.standard_normal((DIMENSIONS, DIMENSIONS)))
        self._basis = basis * np.sqrt(spectrum / spectrum.sum())
        self._common = np.sqrt(level.common) * basis[:, 0]

    def dress(self, vehicle: NDArray[np.bool_]) -> Wardrobe:
        """Looks for actors: look-alikes share a part of theirs."""
        level, count = self._level, len(vehicle)
        group = np.zeros(count, dtype=np.int64)
        for kind in (False, True):
            members = np.flatnonzero(vehicle == kind)
            # Some looks are common and some are rare.
            groups = max(1, 2 * len(members) // (level.lookalikes + 1))
            weights = self._rng.exponential(1, groups)
            chosen = self._rng.choice(groups, len(members), p=weights / weights.sum())
            group[members] = chosen + (group.max() + 1 if kind else 0)
        alike = np.where(vehicle, level.alike_vehicles, level.alike)[:, None]
        shared = self._draw(int(group.max()) + 1)[group]
        own = np.sqrt(alike) * shared + np.sqrt(1 - alike) * self._draw(count)
        sides = self._draw(count * SIDES).reshape(count, SIDES, DIMENSIONS)
        return Wardrobe(own[:, None] + np.sqrt(level.view) * sides, group)

    def paint(self, passages: Passages, wardrobe: Wardrobe, hours: Ints) -> Looks:
        """The vectors of every passage; `hours` is the hour of the day of each."""
        level, count = self._level, len(passages.actor)
        cameras = int(passages.camera.max()) + 1
        places = np.sqrt(level.camera) * self._draw(cameras)
        lights = np.sqrt(level.light) * self._draw(cameras * 24).reshape(cameras, 24, -1)
        clean = self._common + wardrobe.sides[passages.actor, passages.side]
        clean += places[passages.camera] + lights[passages.camera, hours]
        clean += np.sqrt(level.pose) * self._draw(count)
        made = [self._tracklet(row, wardrobe) for row in clean]
        return Looks(*(np.stack(part) for part in zip(*made, strict=True)))

    def _tracklet(self, clean: Floats, wardrobe: Wardrobe) -> tuple[Vectors, Vectors, Vectors]:
        level, rng = self._level, self._rng
        crops = int(rng.integers(*_CROPS, endpoint=True))
        noise = level.crop * rng.lognormal(0, _CROP_SPREAD, crops)
        vectors = clean + np.sqrt(noise)[:, None] * self._draw(crops)
        hidden = rng.random(crops) < level.hidden
        if hidden.any():
            who = rng.integers(len(wardrobe.sides), size=crops)
            share = (hidden * rng.uniform(0.2, 0.7, crops))[:, None]
            vectors = (1 - share) * vectors + share * (self._common + wardrobe.sides[who, 0])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        noticed = hidden & (rng.random(crops) < _NOTICED)
        worth = -np.log(noise) + rng.normal(0, _JUDGED, crops) - 3 * noticed
        good = ~noticed if (~noticed).any() else np.ones(crops, dtype=bool)
        weights = np.where(good, np.exp(worth), 0.0)
        mean = weights @ vectors
        mean /= np.linalg.norm(mean)
        rows = (mean, vectors[rng.integers(crops)], vectors[int(np.argmax(worth))])
        first, second, third = (row.astype(np.float32) for row in rows)
        return first, second, third

    def _draw(self, count: int) -> Floats:
        """`count` rows whose squared lengths are 1 on average."""
        return np.asarray(self._rng.standard_normal((count, DIMENSIONS)) @ self._basis.T)
