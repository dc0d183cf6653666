"""Trips past cameras: who was in whose view, from when to when."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sim.city.cameras import Cameras, Seen
from deploy.sim.city.streets import Floats, Ints, Streets
from deploy.sim.city.trips import Trip

SIDES = 4
_JOINED_S = 3.0
_SHORTEST_S = 0.8


class Passages(NamedTuple):
    """One tracklet each, in order of actor and time; true times in seconds.

    `side` is which side of them the camera sees, 0 to 3.
    """

    actor: Ints
    camera: Ints
    start: Floats
    end: Floats
    side: Ints

    def rows(self, wanted: NDArray[np.bool_] | Ints) -> "Passages":
        """Some of them."""
        return Passages(
            self.actor[wanted],
            self.camera[wanted],
            self.start[wanted],
            self.end[wanted],
            self.side[wanted],
        )


class _Steps(NamedTuple):
    """Trips edge by edge."""

    actor: Ints
    edge: Ints
    start: Floats
    end: Floats


def passages(streets: Streets, cameras: Cameras, seen: Seen, trips: Sequence[Trip]) -> Passages:
    """All passages of trips that cameras can see."""
    steps = _steps(streets, trips)
    order = np.argsort(seen.edge, kind="stable")
    first = np.searchsorted(seen.edge[order], steps.edge, "left")
    count = np.searchsorted(seen.edge[order], steps.edge, "right") - first
    step = np.repeat(np.arange(len(steps.edge)), count)
    nth = np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count)
    view = order[np.repeat(first, count) + nth]
    lasts = steps.end[step] - steps.start[step]
    pieces = Passages(
        actor=steps.actor[step],
        camera=seen.camera[view],
        start=steps.start[step] + seen.start[view] * lasts,
        end=steps.start[step] + seen.end[view] * lasts,
        side=_sides(streets, cameras, steps.edge[step], seen.camera[view]),
    )
    return _joined(pieces)


def _steps(streets: Streets, trips: Sequence[Trip]) -> _Steps:
    size = len(streets.xy)
    keys = streets.ends[:, 0] * size + streets.ends[:, 1]
    order = np.argsort(keys, kind="stable")
    shown = [trip for trip in trips if trip.seen]
    actor = np.repeat([trip.actor for trip in shown], [len(trip.nodes) - 1 for trip in shown])
    wanted = np.concatenate([trip.nodes[:-1] * size + trip.nodes[1:] for trip in shown])
    start = np.concatenate([trip.times[:-1] for trip in shown])
    end = np.concatenate([trip.times[1:] for trip in shown])
    return _Steps(actor, order[np.searchsorted(keys[order], wanted)], start, end)


def _sides(streets: Streets, cameras: Cameras, edge: Ints, camera: Ints) -> Ints:
    along = streets.xy[streets.ends[edge, 1]] - streets.xy[streets.ends[edge, 0]]
    heading = np.arctan2(along[:, 0], along[:, 1]) - cameras.azimuth[camera]
    return np.asarray((heading / (2 * np.pi) * SIDES + 0.5) % SIDES, dtype=np.int64)


def _joined(pieces: Passages) -> Passages:
    """Pieces of one stay in a view become one."""
    some = pieces.rows(np.lexsort((pieces.start, pieces.camera, pieces.actor)))
    same = (some.actor[1:] == some.actor[:-1]) & (some.camera[1:] == some.camera[:-1])
    new = np.concatenate([[True], ~(same & (some.start[1:] - some.end[:-1] < _JOINED_S))])
    begins = np.flatnonzero(new)
    found = some.rows(begins)._replace(end=np.maximum.reduceat(some.end, begins))
    found = found.rows(found.end - found.start >= _SHORTEST_S)
    return found.rows(np.lexsort((found.start, found.actor)))
