"""Places beside streets: the nearest street that a mode may use."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from central.roads.model import Mode
from central.roads.store import edges_table
from central.values import LonLat

SNAP_M = 200.0
"""A place farther from any street than this is not on the network."""

ISLAND_M = 50.0
"""A street that is cut off from the largest part is taken only where it is nearer by more."""

DEGREE_M = 111_195.0
"""Of latitude, on a sphere of the mean radius."""

_NEAREST = """
WITH places AS MATERIALIZED (
    SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom,
        -- What a degree of longitude is in degrees of latitude.
        greatest(cos(radians(lat)), 0.01) AS narrow
    FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY
        AS place (lon, lat, number)
)
SELECT places.number - 1 AS number, nearest.*
FROM places, LATERAL (
    SELECT edge.id, edge.source, edge.target, edge.{mode}_s AS along_s,
        edge.{mode}_back_s AS against_s, edge.metres AS length, edge.{mode}_main AS main,
        ST_LineLocatePoint(ST_Scale(edge.geom, narrow, 1), ST_Scale(places.geom, narrow, 1))
            AS along,
        away.metres
    FROM {edges} AS edge, LATERAL (
        SELECT :degree * ST_Distance(
            ST_Scale(edge.geom, narrow, 1), ST_Scale(places.geom, narrow, 1)
        ) AS metres
    ) AS away
    WHERE edge.geom && ST_Expand(places.geom, :reach / narrow, :reach)
        AND (edge.{mode}_s >= 0 OR edge.{mode}_back_s >= 0)
        AND away.metres <= :most
    ORDER BY away.metres + CASE WHEN edge.{mode}_main THEN 0 ELSE :island END, edge.id
    LIMIT 1
) AS nearest
"""


class Snap(NamedTuple):
    """The street nearest to a place.

    `along` is the part of the edge's length from its source, 0 to 1; `metres` is from the place to
    there. `along_s` and `against_s` are of the whole edge, negative where one may not. `main`: the
    street is of the largest part of the network.
    """

    edge: int
    source: int
    target: int
    along_s: float
    against_s: float
    length: float
    main: bool
    along: float
    metres: float


def snap(
    connection: Connection, network: int, places: Sequence[LonLat], mode: Mode
) -> list[Snap | None]:
    """The street for each of `places`, one query; None: none within `SNAP_M`.

    A street of the largest part goes before one that is cut off and less than `ISLAND_M` nearer.
    """
    found: list[Snap | None] = [None] * len(places)
    if not places:
        return found
    query = _NEAREST.format(mode=mode.value, edges=edges_table(network))
    values = {
        "lons": [place.lon for place in places],
        "lats": [place.lat for place in places],
        "degree": DEGREE_M,
        "reach": SNAP_M / DEGREE_M,
        "most": SNAP_M,
        "island": ISLAND_M,
    }
    for number, *rest in connection.execute(text(query), values):
        found[number] = Snap(*rest)
    return found


def narrow(latitude: float) -> float:
    """What a degree of longitude is there in degrees of latitude."""
    return max(float(np.cos(np.radians(latitude))), 0.01)
