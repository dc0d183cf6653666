"""A street graph in metres, for walking and for driving, and a made one where no map is given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from shared.errors import ConfigError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EARTH_M = 6_371_008.8
"""The mean radius (IUGG)."""

WALK_M_S = 1.34
"""Weidmann, Transporttechnik der Fussgänger, ETH Zürich 1993."""

_BLOCK_M = 110.0
_FEWEST = 50


@dataclass(frozen=True)
class Streets:
    """Nodes and directed edges. Edges of both directions are both there, one after the other.

    Attributes:
        name: what it was made of.
        xy: metres east and north of `origin`, shape (N, 2).
        origin: longitude and latitude in degrees.
        ends: node numbers from and to, shape (E, 2).
        metres: length of each edge.
        walk_s, drive_s: seconds along each edge; infinite where one may not.
    """

    name: str
    xy: Floats
    origin: tuple[float, float]
    ends: Ints
    metres: Floats
    walk_s: Floats
    drive_s: Floats

    def graph(self, seconds: Floats) -> csr_array:
        """The edges one may use, weighed by `seconds`."""
        usable = np.isfinite(seconds)
        ends = self.ends[usable]
        size = len(self.xy)
        return csr_array((seconds[usable], (ends[:, 0], ends[:, 1])), shape=(size, size))

    def connected(self, seconds: Floats) -> Ints:
        """The nodes from which one can reach each other, of the largest such part."""
        _, label = connected_components(self.graph(seconds), directed=True, connection="strong")
        return np.flatnonzero(label == np.bincount(label).argmax())

    def lon_lat(self, xy: Floats) -> Floats:
        """Metres as degrees of longitude and latitude, shape (..., 2)."""
        north = np.degrees(xy[..., 1] / _EARTH_M)
        east = np.degrees(xy[..., 0] / (_EARTH_M * np.cos(np.radians(self.origin[1]))))
        return np.stack([self.origin[0] + east, self.origin[1] + north], axis=-1)


@dataclass
class Edges:
    """Edges as they are collected."""

    ends: list[tuple[int, int]]
    walk: list[bool]
    drive_m_s: list[float]

    def add(self, ends: tuple[int, int], *, walk: bool, drive_m_s: float, back: bool) -> None:
        """One piece of street; `drive_m_s` 0: not for vehicles; `back`: both ways."""
        for pair, speed in ((ends, drive_m_s), (ends[::-1], drive_m_s if back else 0.0)):
            self.ends.append(pair)
            self.walk.append(walk)
            self.drive_m_s.append(speed)


def build(name: str, lon_lat: Floats, edges: Edges) -> Streets:
    """Streets of nodes in degrees, and edges between them.

    Raises:
        ConfigError: hardly anything to walk on.
    """
    if len(edges.ends) < _FEWEST:
        raise ConfigError(f"{name}: {len(edges.ends)} pieces of street; give a larger map")
    origin = (float(lon_lat[:, 0].mean()), float(lon_lat[:, 1].mean()))
    scale = np.array([np.cos(np.radians(origin[1])), 1.0])
    xy = np.radians(lon_lat - np.array(origin)) * scale * _EARTH_M
    ends = np.array(edges.ends, dtype=np.int64)
    metres = np.linalg.norm(xy[ends[:, 0]] - xy[ends[:, 1]], axis=1).clip(0.1)
    speed = np.array(edges.drive_m_s)
    drive_s = np.full(len(metres), np.inf)
    np.divide(metres, speed, out=drive_s, where=speed > 0)
    walk_s = np.where(edges.walk, metres / WALK_M_S, np.inf)
    return Streets(name, xy, origin, ends, metres, walk_s, drive_s)


def made_grid(rng: np.random.Generator, side: int = 15) -> Streets:
    """A grid of `side` by `side` crossings, askew, with a tenth of its streets missing."""
    step = np.degrees(_BLOCK_M / _EARTH_M)
    lattice = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    degrees = lattice * step + rng.normal(0, 0.12 * step, lattice.shape) + np.array([127.0, 37.5])
    edges = Edges([], [], [])
    for node in range(side * side):
        right, below = (node + 1, (node + 1) % side > 0), (node + side, node < side**2 - side)
        for neighbour, inside in (right, below):
            if inside and rng.random() > 0.1:  # noqa: PLR2004 - one in ten is missing
                main = node % 5 == 0
                edges.add((node, neighbour), walk=True, drive_m_s=13.9 if main else 8.3, back=True)
    return build("a made grid of streets", degrees, edges)
