"""The k best ways and the chances of nodes, against trying every way there is."""

from itertools import compress, pairwise, product

import numpy as np
import pytest

from central.routes.suggest.paths import Graph, Way, chances, k_best

SMALL = 6


def made_up(seed: int) -> Graph:
    rng = np.random.default_rng(seed)
    edges = rng.normal(size=(SMALL, SMALL))
    edges[rng.random((SMALL, SMALL)) < 0.3] = -np.inf
    nodes = rng.normal(size=SMALL)
    nodes[rng.random(SMALL) < 0.1] = -np.inf
    return Graph(nodes, edges, rng.random(SMALL) < 0.2)


def every_way(graph: Graph) -> list[Way]:
    """All possible ways that are not empty, the best first."""
    found = []
    for chosen in product([False, True], repeat=SMALL):
        nodes = tuple(compress(range(SMALL), chosen))
        score = graph.nodes[list(nodes)].sum() + sum(graph.edges[pair] for pair in pairwise(nodes))
        if nodes and score > -np.inf and set(np.flatnonzero(graph.forced)) <= set(nodes):
            found.append(Way(nodes, float(score)))
    return sorted(found, key=lambda way: -way.score)


@pytest.mark.parametrize("seed", range(25))
def test_the_best_ways_are_those_that_trying_all_finds(seed: int) -> None:
    graph = made_up(seed)
    wanted = every_way(graph)[:4]
    found = k_best(graph, 4)
    assert [way.nodes for way in found] == [way.nodes for way in wanted]
    assert [way.score for way in found] == pytest.approx([way.score for way in wanted])


@pytest.mark.parametrize("seed", range(25))
def test_a_node_is_as_probable_as_the_ways_that_pass_it(seed: int) -> None:
    graph = made_up(seed)
    ways = every_way(graph)
    weights = np.exp([way.score for way in ways])
    total = weights.sum() + (0 if graph.forced.any() else 1)
    wanted = [
        sum(weights[[node in way.nodes for way in ways]]) / total if total else 0.0
        for node in range(SMALL)
    ]
    found = chances(graph)
    assert found.of_nodes == pytest.approx(np.array(wanted))
    if total:
        assert found.total == pytest.approx(np.log(total))


def test_hundreds_of_sure_nodes_are_reckoned_with() -> None:
    # Every way is there, and each node is six times as probable as not: 400 of them are 2,400.
    sure = 6.0
    graph = Graph(np.full(400, sure), np.zeros((400, 400)), np.zeros(400, dtype=bool))
    found = chances(graph)
    assert found.total == pytest.approx(400 * np.log1p(np.exp(sure)))
    assert found.of_nodes == pytest.approx(np.full(400, 1 / (1 + np.exp(-sure))))
    assert k_best(graph, 1)[0].nodes == tuple(range(400))


def test_confirmed_nodes_that_no_way_joins_leave_no_way() -> None:
    graph = Graph(np.zeros(2), np.full((2, 2), -np.inf), np.array([True, True]))
    assert k_best(graph, 3) == []
    assert chances(graph).of_nodes.tolist() == [0, 0]


def test_of_nothing_there_is_no_way() -> None:
    empty = Graph(np.zeros(0), np.zeros((0, 0)), np.zeros(0, dtype=bool))
    assert k_best(empty, 2) == []
    assert len(chances(empty).of_nodes) == 0
