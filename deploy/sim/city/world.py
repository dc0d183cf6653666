"""The whole made-up city, from its seed."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.cameras import (
    CHANNELS_PER_BOX,
    Cameras,
    place_cameras,
    views,
)
from deploy.sim.city.level import LEVELS, Level, LevelName
from deploy.sim.city.looks import Looks, Painter, Vectors
from deploy.sim.city.passing import Passages, passages
from deploy.sim.city.population import Population, populate
from deploy.sim.city.streets import Floats, Ints, Streets
from deploy.sim.city.told import Told, tell, true_attributes, true_plates

BEGINS_MS = 1_784_505_600_000 + 6 * 3_600_000
"""2026-07-20 06:00 UTC: an afternoon in Korea."""

HOURS = 3.0
_HOUR_S = 3600.0
_MS = 1000


class Sightings(NamedTuple):
    """What the boxes send, a row a tracklet in order of `first_ms`; `actor` is the truth.

    Times are UTC milliseconds by the box's clock.
    """

    actor: Ints
    camera: Ints
    vehicle: NDArray[np.bool_]
    first_ms: Ints
    last_ms: Ints
    vectors: Vectors
    one: Vectors
    best: Vectors
    attributes: NDArray[np.int8]
    confidences: NDArray[np.float32]
    plates: NDArray[np.str_]

    def rows(self, wanted: NDArray[np.bool_] | Ints) -> "Sightings":
        """Some of them."""
        return Sightings(
            self.actor[wanted],
            self.camera[wanted],
            self.vehicle[wanted],
            self.first_ms[wanted],
            self.last_ms[wanted],
            self.vectors[wanted],
            self.one[wanted],
            self.best[wanted],
            self.attributes[wanted],
            self.confidences[wanted],
            self.plates[wanted],
        )


@dataclass(frozen=True)
class City:
    """Streets, cameras, who went where, and what the boxes made of it.

    `plates` and `attributes` are the true ones of every actor, `groups` who looks alike.
    """

    level: LevelName
    seed: int
    streets: Streets
    cameras: Cameras
    population: Population
    plates: list[str]
    attributes: NDArray[np.int8]
    groups: Ints
    sightings: Sightings


def make_city(streets: Streets, level: LevelName, seed: int, hours: float = HOURS) -> City:
    """The city of `seed`; the same arguments give the same city."""
    figures = LEVELS[level]
    # One stream a matter, so that a change in one does not shuffle the others.
    going, placing, dressing, telling = np.random.default_rng(seed).spawn(4)
    counts = (round(figures.people_per_hour * hours), round(figures.vehicles_per_hour * hours))
    population = populate(streets, counts, hours * _HOUR_S, going)
    cameras = _cameras(streets, population, figures, placing)
    found = passages(streets, cameras, views(streets, cameras), population.trips)
    found = _noticed(found, hours * _HOUR_S, figures, placing)
    painter = Painter(figures, dressing)
    wardrobe = painter.dress(population.vehicle)
    attributes = true_attributes(population.vehicle, wardrobe, telling)
    plates = true_plates(population.vehicle, telling)
    clock = cameras.clock_s[found.camera]
    first_ms = BEGINS_MS + np.rint((found.start + clock) * _MS).astype(np.int64)
    looks = painter.paint(found, wardrobe, first_ms // 3_600_000 % 24)
    told = tell(figures, found, (attributes, plates), telling)
    last_ms = BEGINS_MS + np.rint((found.end + clock) * _MS).astype(np.int64)
    sightings = _sightings(found, population, (first_ms, last_ms), looks, told)
    return City(
        level, seed, streets, cameras, population, plates, attributes, wardrobe.group, sightings
    )


def _cameras(
    streets: Streets, population: Population, level: Level, rng: np.random.Generator
) -> Cameras:
    busy: Floats = np.zeros(len(streets.xy))
    for trip in population.trips:
        busy[trip.nodes] += 1
    xy, reach, azimuth = place_cameras(streets, busy, level.cameras, rng)
    boxes = np.arange(len(xy)) // CHANNELS_PER_BOX
    clock = rng.normal(0, level.clock_s, int(boxes.max()) + 1)[boxes]
    return Cameras(xy, reach, azimuth, rng.random(len(xy)) >= level.off, clock)


def _noticed(found: Passages, lasts_s: float, level: Level, rng: np.random.Generator) -> Passages:
    return found.rows((rng.random(len(found.actor)) >= level.missed) & (found.end < lasts_s))


def _sightings(
    found: Passages, population: Population, times: tuple[Ints, Ints], looks: Looks, told: Told
) -> Sightings:
    rows = Sightings(
        actor=found.actor,
        camera=found.camera,
        vehicle=population.vehicle[found.actor],
        first_ms=times[0],
        last_ms=times[1],
        vectors=looks.mean,
        one=looks.one,
        best=looks.best,
        attributes=told.values,
        confidences=told.confidences,
        plates=told.plates,
    )
    return rows.rows(np.argsort(rows.first_ms, kind="stable"))
