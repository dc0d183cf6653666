"""Ways on the streets, and when one is at each node of them."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse.csgraph import dijkstra

from deploy.sim.city.streets import Floats, Ints, Streets

_PLACES = 40
_TASTES = 4
_TASTE = 0.2
_WAIT = 0.08
_MEAN_WAIT_S = 25.0


class Trip(NamedTuple):
    """One way of an actor: `nodes` passed at `times` (seconds from the world's beginning).

    `seen`: whether cameras can see them on it, which they cannot in a bus.
    """

    actor: int
    seen: bool
    nodes: Ints
    times: Floats

    @property
    def end(self) -> int:
        """The node where it ends."""
        return int(self.nodes[-1])


class Traveller:
    """Finds ways for those to whom the edges take `seconds`.

    Ways lead from one of some places to another, by one of a few tastes in streets.
    """

    def __init__(self, streets: Streets, seconds: Floats, rng: np.random.Generator) -> None:
        self._rng = rng
        reachable = streets.connected(seconds)
        found = [self._from_places(streets, seconds, reachable) for _ in range(_TASTES)]
        self._places = np.concatenate([places for places, _ in found])
        self._before = np.concatenate([before for _, before in found])
        usable = np.isfinite(seconds)
        pairs = ((int(a), int(b)) for a, b in streets.ends[usable])
        self._edge_s = dict(zip(pairs, seconds[usable].tolist(), strict=True))

    def trip(self, actor: int, start_s: float, origin: int | None, pace: float) -> Trip | None:
        """A way from `origin` (None: from anywhere), `pace` times as long; None: there is none."""
        rows = np.arange(len(self._places))
        if origin is not None:
            rows = rows[self._places == origin]
        if not len(rows):
            return None
        nodes = self._way(int(self._rng.choice(rows)), int(self._rng.choice(self._places)))
        if len(nodes) < 2:  # noqa: PLR2004 - the ends of a way
            return None
        steps = np.array([self._edge_s[pair] for pair in pairwise(nodes)])
        waits = self._rng.exponential(_MEAN_WAIT_S, len(steps))
        waits *= self._rng.random(len(steps)) < _WAIT
        times = start_s + np.concatenate([[0.0], np.cumsum(steps * pace + waits)])
        return Trip(actor, True, np.array(nodes, dtype=np.int64), times)

    def _way(self, row: int, target: int) -> list[int]:
        way = [target]
        while (previous := int(self._before[row, way[-1]])) >= 0:
            way.append(previous)
        return way[::-1]

    def _from_places(self, streets: Streets, seconds: Floats, nodes: Ints) -> tuple[Ints, Ints]:
        taste = self._rng.lognormal(0, _TASTE, len(seconds))
        places = self._rng.choice(nodes, min(_PLACES, len(nodes)), replace=False)
        graph = streets.graph(seconds * taste)
        _, before = dijkstra(graph, indices=places, return_predecessors=True)
        return places.astype(np.int64), before.astype(np.int64)
