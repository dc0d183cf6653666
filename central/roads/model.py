"""What the street network answers with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

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
