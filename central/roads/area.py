"""Where one can be after some time: the streets reached, and a hull around them."""

import json
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from central.roads import standing
from central.roads.drawing import BESIDE_M_S
from central.roads.drawn import Ints
from central.roads.graph import GRAPHS, Graph
from central.roads.model import Area, Floats, Mode
from central.roads.snapping import DEGREE_M, Snap, snap
from central.roads.store import edges_table
from central.values import LonLat

BUS_PACE = 0.6
"""How fast a bus gets on, stops and the wait for it included, against a car: an assumption, after
17 to 19 km/h of Seoul's buses and the 25 to 50 km/h that `central.roads.tags` has for streets."""

MOST_S = 4 * 3600.0
"""Longer than that nobody asks for: the hull is the whole city."""

_HULL = 0.25
"""How closely the hull fits, from 0 (as closely as can be) to 1 (convex)."""

_CELLS = 120
"""Places are told apart so finely that so many lie side by side; more are not seen on a map."""

_BESIDE_M = 15.0
"""Half the width of what is only a line, or a place."""

_AROUND = """
WITH places AS (
    SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom
    FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS place (lon, lat)
    UNION
    SELECT ST_SnapToGrid((ST_DumpPoints(ST_LineSubstring(geom, low, high))).geom,
        CAST(:cell AS float8))
    FROM unnest(CAST(:edges AS bigint[]), CAST(:lows AS float8[]), CAST(:highs AS float8[]))
        AS part (edge, low, high)
    JOIN {table} AS edge ON edge.id = part.edge
), hull AS (
    SELECT ST_ConcaveHull(ST_Collect(geom), CAST(:closely AS float8)) AS geom FROM places
)
SELECT ST_AsGeoJSON(
    CASE WHEN ST_Dimension(geom) = 2 THEN geom
        ELSE CAST(ST_Buffer(CAST(geom AS geography), :beside) AS geometry) END,
    6
)
FROM hull
"""


class _Passed(NamedTuple):
    """Edges that are reached, and the part of each from `low` to `high` of its length, (P,)."""

    edges: Ints
    low: Floats
    high: Floats


def reachable(
    connection: Connection, start: LonLat, mode: Mode, seconds: float, pace: float = 1.0
) -> Area | None:
    """The area that can be reached from `start` in so many seconds, `MOST_S` at most.

    `pace` is how fast one gets on against the network's own times: `BUS_PACE` with `Mode.DRIVE`
    for a bus. None: there is no network, or no street that `mode` may use within `SNAP_M`.
    """
    network = standing.current(connection)
    if network is None:
        return None
    (found,) = snap(connection, network.id, [start], mode)
    if found is None:
        return None
    left = max(min(seconds, MOST_S) - found.metres / BESIDE_M_S[mode], 0.0) * pace
    graph = GRAPHS.of(connection, network.id)
    at = graph.reached(mode, _begun(found), left)
    passed = _with_own(_passed(graph, mode, at, left), found, left)
    hull = _hull(connection, network.id, (start, graph.lon_lat[np.isfinite(at)]), passed, graph)
    return Area(json.loads(hull), len(passed.edges), found.metres)


def _begun(found: Snap) -> list[tuple[int, float]]:
    """The ends of the street one starts on, and when one is there."""
    ways = (
        (found.target, found.along_s, 1 - found.along),
        (found.source, found.against_s, found.along),
    )
    return [(node, cost * share) for node, cost, share in ways if cost >= 0]


def _passed(graph: Graph, mode: Mode, at: Floats, left: float) -> _Passed:
    """From either end as far as the time goes; where both meet, all of an edge."""
    costs, ends = graph.seconds[mode], graph.ends
    with np.errstate(invalid="ignore"):
        spare = np.where(costs >= 0, left - at[ends], -1.0)
    shares = np.where(spare > 0, np.minimum(spare / np.maximum(costs, 1e-6), 1.0), 0.0)
    edges = np.flatnonzero((shares > 0).any(axis=1))
    along, against = shares[edges].T
    # Both ends in part, with a gap between: told as the whole, as nobody sees the gap on a map.
    both = (along > 0) & (against > 0)
    low = np.where(both | (along > 0), 0.0, 1.0 - against)
    high = np.where(both | (against > 0), 1.0, along)
    return _Passed(edges, low, high)


def _with_own(passed: _Passed, found: Snap, left: float) -> _Passed:
    """With the street one starts on, of which perhaps no end is reached."""
    along, against = (
        left / max(cost, 1e-6) if cost >= 0 else 0.0 for cost in (found.along_s, found.against_s)
    )
    known = passed.edges != found.edge
    return _Passed(
        np.append(passed.edges[known], found.edge),
        np.append(passed.low[known], max(found.along - against, 0.0)),
        np.append(passed.high[known], min(found.along + along, 1.0)),
    )


def _hull(
    connection: Connection,
    network: int,
    places: tuple[LonLat, Floats],
    passed: _Passed,
    graph: Graph,
) -> str:
    start, nodes = places
    chords = graph.lon_lat[graph.ends[passed.edges]]
    own = np.array([[start.lon, start.lat]])
    cell = max(float(np.ptp(np.concatenate([own, chords.reshape(-1, 2)]), axis=0).max()), 1e-3)
    cell /= _CELLS
    bent = _bulges(chords, graph.metres[passed.edges]) > cell * DEGREE_M
    # The ends of what is passed whole are nodes that were reached.
    part = ~bent & ((passed.low > 0) | (passed.high < 1))
    seen = _thinned(
        np.concatenate(
            [own, nodes, *(_along(chords[part], at[part]) for at in (passed.low, passed.high))]
        ),
        cell,
    )
    values = {
        "lons": seen[:, 0].tolist(),
        "lats": seen[:, 1].tolist(),
        "edges": passed.edges[bent].tolist(),
        "lows": passed.low[bent].tolist(),
        "highs": passed.high[bent].tolist(),
        "cell": cell,
        "closely": _HULL,
        "beside": _BESIDE_M,
    }
    query = _AROUND.format(table=edges_table(network))
    return str(connection.execute(text(query), values).scalar_one())


def _thinned(places: Floats, cell: float) -> Floats:
    """One place of each cell of a grid."""
    column, row = np.round(places / cell).astype(np.int64).T
    # One number for both, as several columns take many times as long to tell apart.
    _, first = np.unique(column * (1 << 32) + row, return_index=True)
    return np.asarray(places[first])


def _along(chords: Floats, shares: Floats) -> Floats:
    """Places at a part of the length of straight lines (P, 2, 2), as (P, 2)."""
    begin, end = chords[:, 0], chords[:, 1]
    return np.asarray(begin + shares[:, None] * (end - begin))


def _bulges(chords: Floats, metres: Floats) -> Floats:
    """How far a street of such a length may at most leave the straight line between its ends.

    The farthest is the tip of a triangle: half the root of the difference of the squares.
    """
    east = np.diff(chords[:, :, 0], axis=1)[:, 0] * np.cos(np.radians(chords[:, 0, 1]))
    north = np.diff(chords[:, :, 1], axis=1)[:, 0]
    straight = np.hypot(east, north) * DEGREE_M
    return np.asarray(np.sqrt(np.maximum(metres**2 - straight**2, 0.0)) / 2)
