"""Which streets can be reached from which: the parts a network falls into."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from central.roads.drawn import Ints
from central.roads.model import Floats


class Parts(NamedTuple):
    """How a network holds together for one mode.

    `of_node` (N,): each node's part, 0 the largest, then by size; -1 for nodes that only other
    modes use. Within a part each node can be reached from each other one. `sizes`: nodes in each.
    """

    of_node: Ints
    sizes: Ints


def parts(nodes: int, ends: Ints, seconds: Floats) -> Parts:
    """The strongly connected parts of `nodes` nodes and edges `ends` (E, 2).

    `seconds` (E, 2) are along and against each edge, negative where one may not.
    """
    graph = directed(nodes, ends, seconds)
    _, label = connected_components(graph, directed=True, connection="strong")
    used = np.zeros(nodes, dtype=bool)
    used[ends[(seconds >= 0).any(axis=1)].ravel()] = True
    _, number, sizes = np.unique(label[used], return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    of_node = np.full(nodes, -1, dtype=np.int64)
    of_node[used] = rank[number]
    return Parts(of_node, sizes[order].astype(np.int64))


def directed(nodes: int, ends: Ints, seconds: Floats) -> csr_array:
    """The graph of what one may pass; of several edges between two nodes, the quickest.

    Every weight is above 0, as scipy takes 0 for no edge in places.
    """
    along, against = seconds[:, 0] >= 0, seconds[:, 1] >= 0
    pairs = np.concatenate([ends[along], ends[against][:, ::-1]])
    weights = np.concatenate([seconds[along, 0], seconds[against, 1]])
    order = np.lexsort((weights, pairs[:, 1], pairs[:, 0]))
    pairs, weights = pairs[order], np.maximum(weights[order], _LEAST_S)
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    kept = (weights[first], (pairs[first, 0], pairs[first, 1]))
    return coo_array(kept, shape=(nodes, nodes)).tocsr()


_LEAST_S = 1e-6
