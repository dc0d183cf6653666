"""The k best ways through a graph whose nodes are in order of time, and how probable each node is.

A way is a choice of nodes in that order. Its score is the sum of the weights of its nodes and of
the edges between each and the next; the empty way has 0. The best ways are found by the list
Viterbi algorithm (Seshadri and Sundberg, IEEE Trans. Communications 42(2/3/4), 1994) among the
nodes that can be on one of them, O(N^2); chances are sums over all ways by forward-backward
(Rabiner, Proc. IEEE 77(2), 1989) without emissions, which are two triangular systems.
"""

from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NEVER = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes in order of time.

    `nodes` (N,) and `edges` (N, N) are natural logs of odds and of likelihood ratios; -inf: never.
    Only edges above the diagonal are looked at. `forced` (N,): each way passes them.
    """

    nodes: Floats
    edges: Floats
    forced: Bools


class Way(NamedTuple):
    """Nodes in order, and their score."""

    nodes: tuple[int, ...]
    score: float


def k_best(graph: Graph, k: int) -> list[Way]:
    """Up to `k` different ways that are not empty, the best first; none where forced ones clash."""
    begins, ends, into = _ruled(graph)
    kept = np.flatnonzero(_promising(graph.nodes, (begins, ends, into), k))
    scores, before = _lists(graph.nodes[kept], begins[kept], into[np.ix_(kept, kept)], k)
    final = np.where(ends[kept, None], scores, _NEVER).ravel()
    return [
        Way(tuple(kept[_back(before, place, k)].tolist()), float(final[place]))
        for place in _largest(final, k)
    ]


def _promising(nodes: Floats, ruled: tuple[Bools, Bools, Floats], k: int) -> Bools:
    """Which nodes, (N,), may be on one of the `k` best ways.

    The best way through a node is one of the ways, and nodes whose best have different scores have
    different ones: so the `k` highest of these scores are of `k` ways, and a node whose best way is
    worse than all of them is on none of the `k` best.
    """
    begins, ends, into = ruled
    upto = _best(begins, nodes, into)
    rest = _best(ends[::-1], nodes[::-1], into.T[::-1, ::-1])[::-1]
    through = upto + rest - np.where(nodes > _NEVER, nodes, 0.0)
    falling = np.sort(through[through > _NEVER])[::-1]
    fresh = np.flatnonzero(np.diff(falling, prepend=np.inf) < -_SAME)
    least = falling[fresh[k - 1]] - _SAME if len(fresh) >= k else _NEVER
    return (through > _NEVER) & (through >= least)


_SAME = 1e-6
"""Scores no farther apart may be of one way, added up in another order."""


def _best(begins: Bools, nodes: Floats, into: Floats) -> Floats:
    """The score of the best way that ends at each node, (N,)."""
    best = np.where(begins, nodes, _NEVER)
    for node in range(1, len(nodes)):
        arriving = (best[:node] + into[node, :node]).max()
        best[node] = max(best[node], arriving + nodes[node])
    return best


def _lists(nodes: Floats, begins: Bools, into: Floats, k: int) -> tuple[Floats, NDArray[np.int64]]:
    """The scores of the `k` best ways that end at each node, (N, k), and where each came from.

    That is which entry of the list of which node, flat; -1: the way begins here.
    """
    count = len(nodes)
    scores = np.full((count, k), _NEVER)
    before = np.full((count, k), -1, dtype=np.int64)
    for node in range(count):
        # Of the k best here, none comes from a node whose best is not among the k best.
        nearest = _largest(scores[:node, 0] + into[node, :node], k)
        edges, lists = into[node, nearest].tolist(), scores[nearest].tolist()
        choices = [
            (score + edge, place * k + entry)
            for place, edge, entries in zip(nearest, edges, lists, strict=True)
            for entry, score in enumerate(entries)
        ]
        choices.append((0.0 if begins[node] else _NEVER, -1))
        chosen = [each for each in nlargest(k, choices, key=_FIRST) if each[0] > _NEVER]
        for entry, (score, place) in enumerate(chosen):
            scores[node, entry], before[node, entry] = score + nodes[node], place
    return scores, before


_FIRST = itemgetter(0)


class Chances(NamedTuple):
    """`of_nodes` (N,): that the way passes each. `total`: ln of the sum of exp(score) of all."""

    of_nodes: Floats
    total: float


def chances(graph: Graph) -> Chances:
    """How probable each node is, when ways are as probable as exp(score) says.

    With `begin` the ways of one node and `step` the weight of going on to a node, (N, N), the sums
    up to and with each node solve (I - step) upto = begin, those from each node on, without it,
    (I - step)^T rest = 1 where ways end. All is reckoned against the best way to each node, and the
    rest against the best of all: no more than 2^N ways share its size, so that nothing overflows up
    to a thousand nodes.
    """
    begins, ends, into = _ruled(graph)
    empty = _NEVER if graph.forced.any() else 0.0
    best = _best(begins, graph.nodes, into)
    top = float(best[ends].max(initial=_NEVER))
    if top == _NEVER:
        return Chances(np.zeros(len(best)), empty)
    known = best > _NEVER
    level = np.where(known, best, 0.0)
    step = np.exp(np.where(known, into + level, _NEVER) + (graph.nodes - level)[:, None])
    system = np.eye(len(best)) - step
    upto = solve_triangular(system, np.where(begins, np.exp(graph.nodes - level), 0.0), lower=True)
    finish = np.where(ends & known, np.exp(level - top), 0.0)
    rest = solve_triangular(system, finish, lower=True, trans="T")
    total = float(np.logaddexp(top + np.log(upto @ finish), empty))
    return Chances(np.minimum(upto * rest * np.exp(top - total), 1.0), total)


def _ruled(graph: Graph) -> tuple[Bools, Bools, Floats]:
    """Where ways begin and end, and the edges into each node (rows), none around a forced one."""
    forced = graph.forced.astype(np.int64)
    passed: NDArray[np.int64] = np.cumsum(forced)
    before: NDArray[np.int64] = passed - forced
    begins, ends = np.asarray(before == 0), np.asarray(passed == forced.sum())
    earlier = np.tri(len(forced), k=-1, dtype=np.bool_)
    allowed = earlier & (before[:, None] <= passed[None])
    return begins, ends, np.where(allowed, graph.edges.T, _NEVER)


def _largest(values: Floats, k: int) -> list[int]:
    """Places of the `k` largest that are not -inf, the largest first; the earlier of equals."""
    left, found = values.copy(), list[int]()
    while len(found) < min(k, len(left)):
        place = int(left.argmax())
        if left[place] == _NEVER:
            break
        found.append(place)
        left[place] = _NEVER
    return found


def _back(before: NDArray[np.int64], place: int, k: int) -> list[int]:
    found = []
    while place >= 0:
        node, entry = divmod(place, k)
        found.append(node)
        place = int(before[node, entry])
    return found[::-1]
