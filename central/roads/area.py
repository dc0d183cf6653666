"""Where one can be after some time: pgr_drivingDistance, and a hull around it."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, text

from central.roads import standing
from central.roads.asking import Streets, around, edges_query
from central.roads.drawing import BESIDE_M_S
from central.roads.model import Area, Mode
from central.roads.snapping import snap
from central.roads.splitting import split, vertex
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

_REACHED = """
WITH reached AS MATERIALIZED (
    SELECT node, agg_cost AS at FROM pgr_drivingDistance(:edges, :start, :seconds, true)
), passed AS MATERIALIZED (
    SELECT edge.id, edge.geom,
        CASE WHEN edge.{mode}_s >= 0
            THEN (:seconds - source.at) / greatest(edge.{mode}_s, 0.001) END AS along,
        CASE WHEN edge.{mode}_back_s >= 0
            THEN (:seconds - target.at) / greatest(edge.{mode}_back_s, 0.001) END AS against
    FROM {table} AS edge
    LEFT JOIN reached AS source ON source.node = edge.source
    LEFT JOIN reached AS target ON target.node = edge.target
    WHERE edge.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
        AND (source.node IS NOT NULL AND edge.{mode}_s >= 0
            OR target.node IS NOT NULL AND edge.{mode}_back_s >= 0)
), parts AS (
    SELECT geom FROM passed WHERE along >= 1 OR against >= 1
    UNION ALL
    SELECT ST_LineSubstring(geom, 0, along) FROM passed
    WHERE along < 1 AND (against IS NULL OR against < 1)
    UNION ALL
    SELECT ST_LineSubstring(geom, 1 - against, 1) FROM passed
    WHERE against < 1 AND (along IS NULL OR along < 1)
    UNION ALL
    -- Of the street one starts on, perhaps no end is reached.
    SELECT ST_LineSubstring(geom, :low, :high) FROM {table} WHERE id = :edge
    UNION ALL
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)
), places AS (
    SELECT DISTINCT ST_SnapToGrid((ST_DumpPoints(geom)).geom, CAST(:cell AS float8)) AS geom
    FROM parts
), hull AS (
    SELECT ST_ConcaveHull(ST_Collect(geom), CAST(:closely AS float8)) AS geom FROM places
)
SELECT ST_AsGeoJSON(
        CASE WHEN ST_Dimension(geom) = 2 THEN geom
            ELSE CAST(ST_Buffer(CAST(geom AS geography), :beside) AS geometry) END,
        6
    ),
    (SELECT count(*) FROM (SELECT id FROM passed UNION SELECT :edge) AS edges)
FROM hull
"""


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
    # The piece beside the street is walked, also to the bus.
    left = max(min(seconds, MOST_S) - found.metres / BESIDE_M_S[mode], 0.0) * pace
    farthest = left * network.fastest_m_s[mode] + found.length + found.metres
    asked = Streets(network.id, mode, [around([start], farthest)])
    (box,) = asked.boxes
    along, against = (
        left / max(cost, 0.001) if cost >= 0 else 0.0 for cost in (found.along_s, found.against_s)
    )
    values = {
        "edges": edges_query(asked, split({0: found})),
        "start": vertex(0),
        "seconds": left,
        **asdict(box),
        "lon": start.lon,
        "lat": start.lat,
        "edge": found.edge,
        "beside": _BESIDE_M,
        "low": max(found.along - against, 0.0),
        "high": min(found.along + along, 1.0),
        "cell": max((box.east - box.west) / _CELLS, 1e-6),
        "closely": _HULL,
    }
    query = _REACHED.format(mode=mode.value, table=edges_table(network.id))
    hull, edges = connection.execute(text(query), values).one()
    return Area(json.loads(hull), edges, found.metres)
