"""Cameras at busy places of the streets, and what they see of which street."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.streets import Floats, Ints, Streets

CHANNELS_PER_BOX = 4
_REACH_M = (15.0, 30.0)
_APART_M = 60.0
_ASIDE_M = 6.0
_DAY_S = 86_400


class Cameras(NamedTuple):
    """Cameras by number.

    `xy` in metres, `reach_m` how far each sees, `azimuth` in radians (north 0, east positive),
    `on` whether it is switched on, `clock_s` how far the clock of its box is ahead.
    """

    xy: Floats
    reach_m: Floats
    azimuth: Floats
    on: NDArray[np.bool_]
    clock_s: Floats

    def name(self, camera: int) -> str:
        """The id of a camera."""
        return f"city-{camera + 1:03d}"


class Seen(NamedTuple):
    """Pieces of streets in view: of `edge`, the part from `start` to `end` (0 to 1)."""

    edge: Ints
    camera: Ints
    start: Floats
    end: Floats


def place_cameras(
    streets: Streets, busy: Floats, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Positions, reaches and azimuths of `count` cameras, near nodes by how `busy` they are."""
    chosen: list[int] = []
    order = np.argsort(-(busy + 1) * rng.lognormal(0, 0.7, len(busy)))
    for node in order:
        gaps = np.linalg.norm(streets.xy[chosen] - streets.xy[node], axis=1)
        if not len(gaps) or gaps.min() >= _APART_M:
            chosen.append(int(node))
        if len(chosen) == count:
            break
    aside = rng.normal(0, _ASIDE_M, (len(chosen), 2))
    reach = rng.uniform(*_REACH_M, len(chosen))
    return streets.xy[chosen] + aside, reach, rng.uniform(0, 2 * np.pi, len(chosen))


def views(streets: Streets, cameras: Cameras) -> Seen:
    """Which part of which street each camera that is on has in view: a circle around it."""
    found: list[tuple[Ints, Ints, Floats, Floats]] = []
    a, b = streets.xy[streets.ends[:, 0]], streets.xy[streets.ends[:, 1]]
    along = b - a
    squared = (along**2).sum(axis=1).clip(1e-9)
    for camera in np.flatnonzero(cameras.on):
        off = a - cameras.xy[camera]
        # |off + t along|^2 = reach^2, a quadratic in t.
        half = (off * along).sum(axis=1) / squared
        rest = half**2 - ((off**2).sum(axis=1) - cameras.reach_m[camera] ** 2) / squared
        root = np.sqrt(rest.clip(0))
        start, end = (-half - root).clip(0, 1), (-half + root).clip(0, 1)
        edge = np.flatnonzero((rest > 0) & (end > start))
        found.append((edge, np.full(len(edge), camera), start[edge], end[edge]))
    return Seen(*(np.concatenate(part) for part in zip(*found, strict=True)))
