"""The fastest ways between places, on foot or by car: Dijkstra by pgRouting."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from central.roads import standing
from central.roads.asking import Streets, around, edges_query, pairs_query
from central.roads.drawing import Step, way
from central.roads.model import Bounds, Mode, Trip, Way
from central.roads.others import others
from central.roads.snapping import Snap, snap
from central.roads.splitting import split, vertex
from central.roads.store import edges_table
from central.search.reach import distances

MARGIN_M = 1_000.0
MARGIN_SHARE = 0.5
"""Streets are looked at in a box around a trip's ends, so much larger on each side: the greater of
the metres and the part of the straight distance. Where no way is found, everywhere."""

# WKB of a line: byte order, type, number of places; then pairs of doubles.
_HEAD_BYTES = 9

_STEPS = """
WITH steps AS MATERIALIZED (
    SELECT * FROM pgr_dijkstra(:edges, :pairs, true) WHERE edge <> -1
)
SELECT steps.start_vid AS start, edge.id AS edge,
    steps.node = coalesce(piece.source, edge.source) AS along,
    coalesce(piece.low, 0) AS low, coalesce(piece.high, 1) AS high,
    edge.{mode}_s AS along_s, edge.{mode}_back_s AS against_s, edge.metres,
    ST_AsBinary(edge.geom, 'NDR') AS line
FROM steps
LEFT JOIN unnest(
    CAST(:ids AS bigint[]), CAST(:wholes AS bigint[]), CAST(:sources AS bigint[]),
    CAST(:lows AS float8[]), CAST(:highs AS float8[])
) AS piece (id, whole, source, low, high) ON piece.id = steps.edge
JOIN {table} AS edge ON edge.id = coalesce(piece.whole, steps.edge)
ORDER BY steps.start_vid, steps.path_seq
"""


class Snapped(NamedTuple):
    """A trip whose ends lie on the network, by its number among those asked for."""

    number: int
    trip: Trip
    snaps: tuple[Snap, Snap]

    @property
    def vertices(self) -> tuple[int, int]:
        """Those of its start and its end."""
        return vertex(2 * self.number), vertex(2 * self.number + 1)


def find(connection: Connection, trips: Sequence[Trip], k: int = 1) -> list[list[Way]]:
    """For each trip up to `k` different ways, the fastest first.

    The fastest of all trips of a mode come from one query. Empty: there is no network, an end is
    farther than `SNAP_M` from any street, or no way leads there. What makes a further way
    different is told by `central.roads.others`; there may be none.
    """
    found: list[list[Way]] = [[] for _ in trips]
    network = standing.current(connection)
    if network is None:
        return found
    for mode in Mode:
        asked = Streets(network.id, mode)
        for each, steps in _fastest(connection, asked, trips):
            found[each.number] = [way(each.trip, each.snaps, steps)]
            for other in _others(connection, asked, (each, steps), k - 1):
                found[each.number].append(way(each.trip, each.snaps, other))
    return found


def _fastest(
    connection: Connection, asked: Streets, trips: Sequence[Trip]
) -> Iterator[tuple[Snapped, list[Step]]]:
    there = _snapped(connection, asked, trips)
    if not there:
        return
    found = _steps(connection, _boxed(asked, there), there)
    if missed := [each for each in there if each.number not in found]:
        found |= _steps(connection, asked, missed)
    yield from ((each, found[each.number]) for each in there if each.number in found)


def _others(
    connection: Connection, asked: Streets, fastest: tuple[Snapped, list[Step]], wanted: int
) -> list[list[Step]]:
    each, steps = fastest

    def ask(slower: Mapping[int, float]) -> list[Step] | None:
        return _steps(connection, _boxed(asked, [each], slower), [each]).get(each.number)

    return others(ask, steps, wanted)


def _snapped(connection: Connection, asked: Streets, trips: Sequence[Trip]) -> list[Snapped]:
    own = [(number, trip) for number, trip in enumerate(trips) if trip.mode == asked.mode]
    places = [place for _, trip in own for place in (trip.start, trip.end)]
    snaps = snap(connection, asked.network, places, asked.mode)
    return [
        Snapped(number, trip, (start, end))
        for (number, trip), start, end in zip(own, snaps[::2], snaps[1::2], strict=True)
        if start is not None and end is not None
    ]


def _boxed(
    asked: Streets, there: Sequence[Snapped], slower: Mapping[int, float] | None = None
) -> Streets:
    return asked._replace(boxes=[_box(each.trip) for each in there], slower=slower or {})


def _box(trip: Trip) -> Bounds:
    start, end = (np.array([[place.lon, place.lat]]) for place in (trip.start, trip.end))
    straight = float(distances(start, end)[0, 0])
    return around((trip.start, trip.end), max(MARGIN_M, MARGIN_SHARE * straight))


def _steps(
    connection: Connection, asked: Streets, there: Sequence[Snapped]
) -> dict[int, list[Step]]:
    """The edges of the fastest way of each trip, by its number; those without one are not there."""
    pieces = split({2 * each.number + side: each.snaps[side] for each in there for side in (0, 1)})
    query = _STEPS.format(mode=asked.mode.value, table=edges_table(asked.network))
    values = {
        "edges": edges_query(asked, pieces),
        "pairs": pairs_query([each.vertices for each in there]),
        "ids": [piece.id for piece in pieces],
        "wholes": [piece.edge for piece in pieces],
        "sources": [piece.source for piece in pieces],
        "lows": [piece.low for piece in pieces],
        "highs": [piece.high for piece in pieces],
    }
    numbers = {each.vertices[0]: each.number for each in there}
    found: dict[int, list[Step]] = defaultdict(list)
    for row in connection.execute(text(query), values):
        line = np.frombuffer(row.line, dtype="<f8", offset=_HEAD_BYTES).reshape(-1, 2)
        seconds = row.along_s if row.along else row.against_s
        step = Step(row.edge, row.along, row.low, row.high, seconds, row.metres, line)
        found[numbers[row.start]].append(step)
    return dict(found)
