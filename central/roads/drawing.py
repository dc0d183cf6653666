"""A way as a line with times, from the edges it takes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from central.roads.drawn import EARTH_M
from central.roads.model import Floats, Mode, Trip, Way
from central.roads.snapping import Snap
from central.roads.tags import DRIVE_KMH, KMH, WALK_M_S

BESIDE_M_S = {Mode.WALK: WALK_M_S, Mode.DRIVE: DRIVE_KMH["service"] * KMH}
"""How fast the straight piece between a place and its street is passed."""

# A tenth of a millimetre.
_SAME_DEGREES = 1e-9


class Step(NamedTuple):
    """An edge, or a piece of it, that a way takes.

    `along`: in the edge's direction. `low` to `high`: the part of its length. `seconds` are of the
    whole edge, `line` (K, 2) too, in the edge's direction.
    """

    edge: int
    along: bool
    low: float
    high: float
    seconds: float
    metres: float
    line: Floats

    @property
    def length(self) -> float:
        """Metres that are passed of it."""
        return self.metres * (self.high - self.low)


def way(trip: Trip, snaps: tuple[Snap, Snap], steps: Sequence[Step]) -> Way:
    """The line of `steps`, and the straight pieces from and to the places of `trip`."""
    pace = BESIDE_M_S[trip.mode]
    lines = [np.array([[trip.start.lon, trip.start.lat]])]
    times, now, metres = [np.zeros(1)], snaps[0].metres / pace, snaps[0].metres
    for step in steps:
        line, passed = _passed(step)
        seconds = step.seconds * (step.high - step.low)
        lines.append(line)
        times.append(now + passed * seconds)
        now, metres = now + seconds, metres + step.length
    lines.append(np.array([[trip.end.lon, trip.end.lat]]))
    times.append(np.array([now + snaps[1].metres / pace]))
    line, times_s = _once(np.concatenate(lines), np.concatenate(times))
    return Way(trip.mode, line, times_s, metres + snaps[1].metres)


def _passed(step: Step) -> tuple[Floats, Floats]:
    """The places of what is passed, (K, 2), and the part of it that is passed at each, (K,)."""
    at = _shares(step.line)
    inside = (at > step.low) & (at < step.high)
    shares = np.concatenate([[step.low], at[inside], [step.high]])
    line = np.stack([np.interp(shares, at, step.line[:, axis]) for axis in (0, 1)], axis=1)
    passed = (shares - step.low) / max(step.high - step.low, 1e-12)
    return (line, passed) if step.along else (line[::-1], (passed[-1] - passed)[::-1])


def _shares(line: Floats) -> Floats:
    """The part of its length at which each place of a line lies, from 0 to 1."""
    step = np.diff(np.radians(line), axis=0)
    middle = np.radians((line[1:, 1] + line[:-1, 1]) / 2)
    metres = EARTH_M * np.hypot(step[:, 0] * np.cos(middle), step[:, 1])
    total = metres.sum()
    if total <= 0:
        return np.linspace(0.0, 1.0, len(line))
    return np.asarray(np.concatenate([[0.0], np.cumsum(metres)]) / total)


def _once(line: Floats, times_s: Floats) -> tuple[Floats, Floats]:
    """Without places that are the one before again; the ends stay as they are."""
    end = line[-1]
    differs = (np.abs(np.diff(line, axis=0)) > _SAME_DEGREES).any(axis=1)
    kept = np.flatnonzero(np.append(True, differs))
    if len(kept) == 1:
        kept = np.array([0, len(line) - 1])
    line, times = line[kept], times_s[kept]
    line[-1] = end
    times[-1] = times_s[-1]
    return line, times
