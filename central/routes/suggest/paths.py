"""The k best ways through a graph whose nodes are in order of time, and how probable each node is.

A way is a choice of nodes in that order. Its score is the sum of the weights of its nodes and of
the edges between each and the next; the empty way has 0. Both are dynamic programs over the N
nodes, O(k N^2): the list Viterbi algorithm (Seshadri and Sundberg, IEEE Trans. Communications
42(2/3/4), 1994) and forward-backward (Rabiner, Proc. IEEE 77(2), 1989) without emissions.
"""

from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    count = len(graph.nodes)
    scores = np.full((count, k), _NEVER)
    # Which entry of the list of which node came before, flat; -1: the way begins here.
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
            scores[node, entry], before[node, entry] = score + graph.nodes[node], place
    final = np.where(ends[:, None], scores, _NEVER).ravel()
    return [Way(_back(before, place, k), float(final[place])) for place in _largest(final, k)]


_FIRST = itemgetter(0)


class Chances(NamedTuple):
    """`of_nodes` (N,): that the way passes each. `total`: ln of the sum of exp(score) of all."""

    of_nodes: Floats
    total: float


def chances(graph: Graph) -> Chances:
    """How probable each node is, when ways are as probable as exp(score) says."""
    begins, ends, into = _ruled(graph)
    # Up to and with each node, and from each node on with it.
    upto = _sums(begins, graph.nodes, into)
    rest = _sums(ends[::-1], graph.nodes[::-1], into.T[::-1, ::-1])[::-1]
    empty = _NEVER if graph.forced.any() else 0.0
    total = float(np.logaddexp(_log_sum(np.where(ends, upto, _NEVER)), empty))
    if total == _NEVER:
        return Chances(np.zeros(len(upto)), total)
    # Both have the node in them; one that is never passed has nothing to be taken away.
    once = np.where(graph.nodes > _NEVER, graph.nodes, 0.0)
    return Chances(np.exp(np.minimum(upto + rest - once - total, 0.0)), total)


def _sums(begins: Bools, nodes: Floats, into: Floats) -> Floats:
    """For each node the ln of the sum of exp(score) of all ways that end there, (N,).

    Each is reckoned against the best of its ways: no more than 2^N ways share its size, so that
    nothing overflows up to a thousand nodes.
    """
    count = len(nodes)
    best = np.where(begins, nodes, _NEVER)
    for node in range(1, count):
        arriving = (best[:node] + into[node, :node]).max()
        best[node] = max(best[node], arriving + nodes[node])
    level = np.where(best > _NEVER, best, 0.0)
    shares = np.exp(into + level + (nodes - level)[:, None])
    sums = np.where(begins, np.exp(nodes - level), 0.0)
    for node in range(1, count):
        sums[node] += shares[node, :node] @ sums[:node]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(sums) + level)


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


def _back(before: NDArray[np.int64], place: int, k: int) -> tuple[int, ...]:
    found = []
    while place >= 0:
        node, entry = divmod(place, k)
        found.append(node)
        place = int(before[node, entry])
    return tuple(reversed(found))


def _log_sum(values: Floats) -> float:
    """ln(sum(exp(values)))."""
    top = float(values.max(initial=_NEVER))
    return _NEVER if top == _NEVER else top + float(np.log(np.exp(values - top).sum()))
