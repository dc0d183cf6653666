"""What the street network answers with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.values import LonLat

Floats = NDArray[np.float64]


class Mode(StrEnum):
    """How one travels. The network knows no buses: they drive, and stop."""

    WALK = "walk"
    DRIVE = "drive"


class Trip(NamedTuple):
    """A way to be found."""

    start: LonLat
    end: LonLat
    mode: Mode


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way on the network, as fast as `mode` usually goes.

    `line` are the places it passes, (N, 2) degrees of longitude and latitude, N at least 2, from
    the trip's start to its end: where those lie beside the street, the line begins and ends with
    them, straight. `metres` and `seconds` are of the whole line, and `times_s` (N,) says when each
    of its places is reached, from 0 to `seconds`.
    """

    mode: Mode
    line: Floats
    times_s: Floats
    metres: float

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return float(self.times_s[-1])


@dataclass(frozen=True, slots=True)
class Bounds:
    """Degrees of longitude and latitude."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Joined:
    """How the streets hold together for one mode.

    `nodes`: how many it can use; within a part each can be reached from each other one; `largest`:
    how many of them are in the largest part.
    """

    nodes: int
    parts: int
    largest: int


@dataclass(frozen=True, slots=True)
class Network:
    """The street network in use.

    `id` names its tables, see `central.roads.store`. `metres` is the length of all its edges.
    `fastest_m_s` is the greatest speed of a mode on any of them. `left_out`: how many nodes or
    ways of the file were left out, by reason.
    """

    id: int
    name: str
    imported_at: datetime
    bounds: Bounds
    nodes: int
    edges: int
    metres: float
    stairs: int
    tunnels: int
    joined: dict[Mode, Joined]
    fastest_m_s: dict[Mode, float]
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class Area:
    """Where one can be after some time.

    `geojson` is a Polygon or MultiPolygon around what can be reached; `edges` counts the streets
    of it, those reached in part included. `metres_to_street` is from the start to the street.
    """

    geojson: dict[str, Any]
    edges: int
    metres_to_street: float
