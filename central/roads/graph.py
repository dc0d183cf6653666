"""A network in memory, for what asks about all of it: solved by scipy.

pgRouting reads its edges anew for each question, 0.3 s for 130,000 of them, which is nothing for
a way across town and too much for an area, or for a thousand cameras. So a process that asks for
those keeps the network in use: about 200 bytes an edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import cast

import numpy as np
import psycopg
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from sqlalchemy import Connection

from central.roads.connectivity import directed
from central.roads.drawn import Ints
from central.roads.model import Floats, Mode
from central.roads.splitting import Piece
from central.roads.store import edges_table, nodes_table

# The header of PostgreSQL's binary COPY, and its last two bytes.
_HEAD_BYTES, _TAIL_BYTES = 19, 2
_EDGES = ("source", "target", "walk_s", "walk_back_s", "drive_s", "drive_back_s", "metres")


@dataclass(frozen=True)
class Graph:
    """A network's edges by their ids, which are their places in the arrays, and its nodes.

    `ends` (E, 2); `seconds` of each mode (E, 2), along and against, negative where one may not;
    `metres` (E,); `lon_lat` (N, 2) degrees.
    """

    ends: Ints
    metres: Floats
    seconds: dict[Mode, Floats]
    lon_lat: Floats

    @cached_property
    def _walked(self) -> csr_array:
        return directed(len(self.lon_lat), self.ends, self.seconds[Mode.WALK])

    @cached_property
    def _driven(self) -> csr_array:
        return directed(len(self.lon_lat), self.ends, self.seconds[Mode.DRIVE])

    def reached(self, mode: Mode, starts: Sequence[tuple[int, float]], limit_s: float) -> Floats:
        """Seconds to each node (N,), infinite beyond `limit_s`.

        One begins at any of `starts`, nodes, with so many seconds gone.
        """
        graph = self._walked if mode == Mode.WALK else self._driven
        nodes = np.array([node for node, _ in starts], dtype=graph.indices.dtype)
        gone = np.maximum(np.array([seconds for _, seconds in starts]), 1e-6)
        # A node more, from which the way goes to all of them.
        begun = csr_array(
            (
                np.concatenate([graph.data, gone]),
                np.concatenate([graph.indices, nodes]),
                np.append(graph.indptr, graph.indptr[-1] + len(nodes)),
            ),
            shape=(graph.shape[0] + 1, graph.shape[0] + 1),
        )
        return np.asarray(dijkstra(begun, indices=len(self.lon_lat), limit=limit_s)[:-1])

    def with_places(self, mode: Mode, pieces: Sequence[Piece], places: int) -> csr_array:
        """The graph of `mode`, with so many places that `pieces` join to it.

        Place number 0 is the node after the last one, and so on.
        """
        nodes = len(self.lon_lat)
        ends = np.array([(each.source, each.target) for each in pieces], np.int64).reshape(-1, 2)
        # `splitting.vertex` gives places negative numbers.
        ends = np.where(ends < 0, nodes - 1 - ends, ends)
        costs = np.array([(each.cost, each.reverse_cost) for each in pieces]).reshape(-1, 2)
        return directed(
            nodes + places,
            np.concatenate([self.ends, ends]),
            np.concatenate([self.seconds[mode], costs]),
        )


class Graphs:
    """Keeps the graph that was asked for last. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[tuple[str, int], Graph] | None = None

    def of(self, connection: Connection, network: int) -> Graph:
        """The graph of `network`, read where it is not the one kept."""
        url = connection.engine.url
        key = (f"{url.host}:{url.port}/{url.database}", network)
        with self._lock:
            if self._kept is None or self._kept[0] != key:
                self._kept = (key, load(connection, network))
            return self._kept[1]


GRAPHS = Graphs()
"""The process's own."""


def load(connection: Connection, network: int) -> Graph:
    """Read the graph of `network`."""
    edges = _read(
        connection,
        f"SELECT {', '.join(_EDGES)} FROM {edges_table(network)} ORDER BY id",  # noqa: S608 - ours
        [(name, ">i8" if name in {"source", "target"} else ">f8") for name in _EDGES],
    )
    nodes = _read(
        connection,
        f"SELECT ST_X(geom), ST_Y(geom) FROM {nodes_table(network)} ORDER BY id",  # noqa: S608
        [("lon", ">f8"), ("lat", ">f8")],
    )
    return Graph(
        ends=_columns(edges, ("source", "target")).astype(np.int64),
        metres=edges["metres"].astype(np.float64),
        seconds={
            mode: _columns(edges, (f"{mode.value}_s", f"{mode.value}_back_s")) for mode in Mode
        },
        lon_lat=_columns(nodes, ("lon", "lat")),
    )


def _columns(rows: NDArray[np.void], names: tuple[str, str]) -> Floats:
    return np.stack([rows[name].astype(np.float64) for name in names], axis=1)


def _read(connection: Connection, query: str, fields: list[tuple[str, str]]) -> NDArray[np.void]:
    """Rows of numbers that are never null, by PostgreSQL's binary COPY."""
    row = [("fields", ">i2")]
    for name, kind in fields:
        row += [(f"{name}_bytes", ">i4"), (name, kind)]
    raw = cast("psycopg.Connection[object]", connection.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
        data = b"".join(copy)
    kept = data[_HEAD_BYTES : len(data) - _TAIL_BYTES]
    return np.frombuffer(kept, dtype=row)
