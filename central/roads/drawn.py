"""Streets as they are read from a file: cut at their junctions, with what each takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from central.roads.model import Floats
from central.roads.tags import Street, Use

Ints = NDArray[np.int64]

EARTH_M = 6_371_008.8
"""The mean radius (IUGG)."""

NOT_PASSABLE = -1.0
"""pgRouting's word for an edge that does not exist in a direction: any negative cost."""

# Two nodes at one place are an edge all the same; one of no length would be none to some solvers.
_SHORTEST_M = 0.001


@dataclass(frozen=True, slots=True)
class Edges:
    """A way's pieces as they are collected; all lists are of one length.

    `ends` are numbers of nodes, `lines` (K, 2) degrees of longitude and latitude.
    """

    ends: list[tuple[int, int]] = field(default_factory=list)
    ways: list[int] = field(default_factory=list)
    streets: list[Street] = field(default_factory=list)
    lines: list[Floats] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """A street network.

    Attributes:
        osm_nodes: (N,) ids of nodes where edges end.
        lon_lat: (N, 2) degrees.
        edges: E of them.
        left_out: why how many nodes or ways of the file were left out.
    """

    osm_nodes: Ints
    lon_lat: Floats
    edges: Edges
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.edges.ends)

    @cached_property
    def ends(self) -> Ints:
        """Numbers of the nodes from and to, (E, 2)."""
        return np.array(self.edges.ends, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def metres(self) -> Floats:
        """Length of each edge (E,), over a sphere: wrong by up to 0.6 %."""
        return np.maximum(lengths(self.edges.lines), _SHORTEST_M)

    @cached_property
    def walk_s(self) -> Floats:
        """Seconds on foot along and against each edge, (E, 2); negative: not that way."""
        return self._seconds([street.walk for street in self.edges.streets])

    @cached_property
    def drive_s(self) -> Floats:
        """The same by car."""
        return self._seconds([street.drive for street in self.edges.streets])

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        every = np.concatenate(self.edges.lines)
        west, south = every.min(axis=0)
        east, north = every.max(axis=0)
        return float(west), float(south), float(east), float(north)

    def _seconds(self, uses: Sequence[Use]) -> Floats:
        speeds = np.array([(use.along, use.against) for use in uses]).reshape(-1, 2)
        passable = speeds > 0
        times = self.metres[:, None] / np.where(passable, speeds, 1.0)
        return np.where(passable, times, NOT_PASSABLE)


def lengths(lines: Sequence[Floats]) -> Floats:
    """Metres of each line of (K, 2) degrees; the haversine."""
    every = np.radians(np.concatenate(lines))
    step = np.diff(every, axis=0)
    half = np.sin(step / 2) ** 2
    across = np.cos(every[1:, 1]) * np.cos(every[:-1, 1])
    metres = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half[:, 1] + across * half[:, 0], 0, 1)))
    # The step from one line's end to the next line's start is nobody's.
    starts = np.cumsum([0, *(len(line) for line in lines[:-1])])
    metres = np.append(metres, 0.0)
    metres[starts[1:] - 1] = 0.0
    return np.asarray(np.add.reduceat(metres, starts), dtype=np.float64)


def cut(length: int, junction: NDArray[np.bool_]) -> Iterator[slice]:
    """A line of so many places, cut at junctions: (length,), of which the ends always are."""
    at = [0, *(np.flatnonzero(junction[1:-1]) + 1).tolist(), length - 1]
    for start, end in pairwise(at):
        yield slice(start, end + 1)
