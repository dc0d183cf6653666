"""Which set of models fits the box: a decision on figures alone.

A set's load is the share of the box that it takes: of all cores together, or of the one thread that
a channel runs on, whichever is more. Of the sets whose load is within what may be used, the best
one; of equally good ones the cheapest. The load is a single number on purpose: with more head-room
some sets are no longer within it and no others are, so the set that is proposed is never costlier.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from edge_agent.calibrate.demand import Demand
from edge_agent.model_settings import RoleName, RoleSettings

_UNKNOWN = 1.0
"""Percent, in place of a figure that nobody has measured: not zero, or nothing else would count."""

_FPS_STEP = 0.5
_LEAST_FPS = 1.0


class Candidate(NamedTuple):
    """A way to play a role: the model and how it is run.

    `quality` is the catalogue's, in percent, None where nobody has measured it.
    """

    role: RoleName
    settings: RoleSettings
    quality: float | None = None


class Timed(NamedTuple):
    """What one call of a candidate took: ms of CPU, of all cores, and ms of waiting; medians."""

    candidate: Candidate
    cpu_ms: float
    wall_ms: float
    p90_ms: float
    calls: int


Choice = tuple[Timed, ...]
"""One for each role."""


@dataclass(frozen=True, slots=True)
class Machine:
    """`cores`, and the share of them, 0 to 1, that may be used."""

    cores: int
    share: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best set that fits; `load` is its share of the box.

    `demand` is the one asked for, or with fewer channels or frames where nothing fits that.
    """

    choice: Choice
    load: float
    demand: Demand


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Nothing fits: the cheapest set, its `load`, and what it would carry.

    `channels` is how many at the frame rate asked for, `fps` the rate for all channels; None where
    not even one channel, or one frame a second, fits.
    """

    choice: Choice
    load: float
    channels: int | None
    fps: float | None


def load(choice: Choice, demand: Demand, cores: int) -> float:
    """The share of the box that `choice` takes."""
    cpu = wall = demand.overhead
    for timed in choice:
        calls = demand.calls(timed.candidate.role)
        cpu += calls * timed.cpu_ms / 1000
        wall += calls * timed.wall_ms / 1000
    return max(cpu * demand.channels / cores, wall)


def worth(choice: Choice) -> float:
    """How good `choice` is: the chance that an object is found, times that it is recognised.

    Summed over the embedders. Figures that nobody has measured count as least.
    """
    qualities = {one.candidate.role: one.candidate.quality or _UNKNOWN for one in choice}
    found = qualities.pop("detector", _UNKNOWN)
    known = sum(value for role, value in qualities.items() if role.endswith("_embedder"))
    read = sum(value for role, value in qualities.items() if not role.endswith("_embedder"))
    # What is read comes last: it tells sets apart that are alike otherwise.
    return found * (known or _UNKNOWN) + read


def propose(timings: Iterable[Timed], demand: Demand, machine: Machine) -> Proposal | Shortfall:
    """The best set for `demand` among `timings`, one candidate of each role that is in them."""
    sets = _sets(timings, demand, machine.cores)
    fitting = [one for one in sets if one.load <= machine.share]
    if fitting:
        return max(fitting, key=lambda one: (worth(one.choice), -one.load))
    cheapest = min(sets, key=lambda one: (one.load, -worth(one.choice)))
    return Shortfall(
        cheapest.choice,
        cheapest.load,
        _most_channels(cheapest.choice, demand, machine),
        _highest_fps(cheapest.choice, demand, machine),
    )


def _sets(timings: Iterable[Timed], demand: Demand, cores: int) -> list[Proposal]:
    by_role: dict[RoleName, list[Timed]] = defaultdict(list)
    for timed in timings:
        by_role[timed.candidate.role].append(timed)
    sets = itertools.product(*(_undominated(ways) for ways in by_role.values()))
    return [Proposal(choice, load(choice, demand, cores), demand) for choice in sets]


def _undominated(ways: Sequence[Timed]) -> list[Timed]:
    """`ways` without those that another beats or equals in everything."""
    ordered = sorted(ways, key=_merits)
    return [
        way
        for place, way in enumerate(ordered)
        if not any(_beats(better, way) for better in ordered[:place])
    ]


def _merits(timed: Timed) -> tuple[float, float, float]:
    return (-(timed.candidate.quality or 0.0), timed.cpu_ms, timed.wall_ms)


def _beats(better: Timed, way: Timed) -> bool:
    return all(a <= b for a, b in zip(_merits(better), _merits(way), strict=True))


def _most_channels(choice: Choice, demand: Demand, machine: Machine) -> int | None:
    for channels in range(demand.channels - 1, 0, -1):
        if load(choice, replace(demand, channels=channels), machine.cores) <= machine.share:
            return channels
    return None


def _highest_fps(choice: Choice, demand: Demand, machine: Machine) -> float | None:
    fps = math.ceil(demand.fps / _FPS_STEP) * _FPS_STEP - _FPS_STEP
    while fps >= _LEAST_FPS:
        if load(choice, replace(demand, fps=fps), machine.cores) <= machine.share:
            return fps
        fps -= _FPS_STEP
    return None
