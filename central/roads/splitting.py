"""Edges split at places in their middle, for one question only: the network stays as it is.

A place has a vertex of its own, of a negative number, and the edge it lies on is laid a second
time in pieces from vertex to vertex. So a way may begin in the middle of an edge, and two places
on one edge are joined along it. Plain pgr_dijkstra does the rest.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from central.roads.snapping import Snap

# pgRouting says -1 for the edge after a way's end.
_FIRST = -2


class Piece(NamedTuple):
    """A part of `edge`, `low` to `high` of its length, between two vertices.

    `id` is negative; costs are seconds, negative where one may not pass.
    """

    id: int
    edge: int
    source: int
    target: int
    cost: float
    reverse_cost: float
    low: float
    high: float


def vertex(place: int) -> int:
    """The vertex of place number `place`, from 0."""
    return -place - 1


def split(snaps: Mapping[int, Snap]) -> list[Piece]:
    """The pieces of all edges on which a place lies; `snaps` by the places' numbers."""
    on_edge: dict[int, list[int]] = defaultdict(list)
    for place, found in snaps.items():
        on_edge[found.edge].append(place)
    pieces: list[Piece] = []
    for edge, places in on_edge.items():
        whole = snaps[places[0]]
        places.sort(key=lambda place: snaps[place].along)
        stops = [(whole.source, 0.0)]
        stops += [(vertex(place), snaps[place].along) for place in places]
        stops.append((whole.target, 1.0))
        for (source, low), (target, high) in pairwise(stops):
            costs = (_part(whole.along_s, high - low), _part(whole.against_s, high - low))
            pieces.append(Piece(_FIRST - len(pieces), edge, source, target, *costs, low, high))
    return pieces


def _part(seconds: float, share: float) -> float:
    return seconds * share if seconds >= 0 else -1.0
