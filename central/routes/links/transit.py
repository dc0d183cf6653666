"""How long those who go from one camera to another take: a density over seconds.

Most go at their pace: log-normal around the median, which is the street network's time where
nothing was learnt. Some wait, turn around or visit somebody: a part of all are exponential, so
that no time is ever impossible by this. Times are from the middle of one view to the middle of the
next, since a camera's place stands for the middle of what it sees.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.search.reach import DETOUR
from shared.classes import ObjectClass

Floats = NDArray[np.float64]

SPREAD = {
    ObjectClass.PERSON: 0.25,
    ObjectClass.TWO_WHEELER: 0.40,
    ObjectClass.VEHICLE: 0.40,
}
"""Standard deviation of ln(seconds) around the network's time of those who do not linger.

On the made-up city (hard, seed 901): 0.25 of people, of whom one in ten took twice as long and
more; 0.35 of vehicles, a quarter of which did.
"""

USUAL_M_S = {
    ObjectClass.PERSON: 1.34,
    ObjectClass.TWO_WHEELER: 6.0,
    ObjectClass.VEHICLE: 7.0,
}
"""Where there is no network: on foot as Weidmann (Transporttechnik der Fussgänger, ETH Zürich,
1993), by car as it goes in a town with its lights."""

LEAST_S = 5.0
"""Of neighbouring views nothing shorter is told apart."""

LINGER = 0.2
LINGER_S = 400.0
"""The part of those who linger, and for how long on the average: more than in that city."""

_HALF_LOG_TAU = 0.5 * float(np.log(2 * np.pi))
_NINETY = 1.6449
"""The 95th percentile of the standard normal distribution."""


class Times(NamedTuple):
    """Log-normal times, an entry each: medians in seconds (NaN: nothing is known) and spreads.

    `spread` is the standard deviation of ln(seconds).
    """

    median_s: Floats
    spread: Floats

    def quantile(self, sigmas: float) -> Floats:
        """Seconds so many standard deviations from the median."""
        return np.asarray(self.median_s * np.exp(sigmas * self.spread))

    @property
    def within(self) -> tuple[Floats, Floats]:
        """The 5th and the 95th percentile."""
        return self.quantile(-_NINETY), self.quantile(_NINETY)


def cold(network_s: Floats, metres: Floats, shows: ObjectClass) -> Times:
    """What to expect before anything was learnt: the network's time, else the straight line's."""
    straight = metres * DETOUR / USUAL_M_S[shows]
    median = np.where(np.isnan(network_s), straight, network_s)
    return Times(np.maximum(median, LEAST_S), np.full(median.shape, SPREAD[shows]))


def log_density(seconds: Floats, times: Times) -> Floats:
    """Ln of the density (1/s) of taking `seconds`; where nothing is known, of lingering alone."""
    late = np.maximum(seconds, 0.0)
    linger = -late / LINGER_S - np.log(LINGER_S)
    taken = np.log(np.maximum(late, 1.0))
    off = (taken - np.log(times.median_s)) / times.spread
    going = -0.5 * off**2 - _HALF_LOG_TAU - np.log(times.spread) - taken
    both = np.logaddexp(np.log(1 - LINGER) + going, np.log(LINGER) + linger)
    return np.asarray(np.where(np.isnan(times.median_s), linger, both))
