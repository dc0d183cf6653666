"""Ways that nobody looks at: whether somebody may have gone where no camera has them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, text

from central.cameras.views.places import STANDING
from central.roads import standing
from central.roads.asking import around
from central.roads.model import Mode, Trip
from central.roads.store import edges_table
from central.roads.ways import MARGIN_M, detour
from central.routes.looking import looked
from central.routes.route import Known
from central.routes.verdicts import Option
from central.routes.views import ASSUMED_M
from central.routes.ways import Pair

SLOWER = 10.0
"""By what a street takes longer that a camera looks at: a way around ten times as far is none."""

MOST_EDGES = 5_000
"""Streets in view that are gone around at most: they stand in the text of a query."""

_IN_VIEW = """
WITH standing AS NOT MATERIALIZED ({standing}), box AS (
    SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS area
), seen AS (
    SELECT coverage::geometry AS area FROM standing, box
    WHERE coverage && box.area::geography AND camera <> ALL(CAST(:without AS text[]))
    UNION ALL
    SELECT ST_Buffer(position, :assumed_m)::geometry FROM standing, box
    WHERE coverage IS NULL AND position && box.area::geography
        AND camera <> ALL(CAST(:without AS text[]))
)
SELECT DISTINCT edge.id FROM seen JOIN {table} AS edge ON ST_Intersects(edge.geom, seen.area)
LIMIT :most
"""


def hidden(
    connection: Connection, pairs: Sequence[Pair], modes: Sequence[Mode]
) -> list[Known | None]:
    """For each pair a way of its mode past as few cameras as there is, with who looks at it.

    None: there is no street, or no way but those that take twice as long as the fastest.
    """
    network = standing.current(connection)
    if network is None:
        return [None] * len(pairs)
    ways = [_way(connection, network.id, *each) for each in zip(pairs, modes, strict=True)]
    found = [number for number, way in enumerate(ways) if way is not None]
    seen = looked(
        connection, [pairs[number] for number in found], [[way] for way in ways if way is not None]
    )
    known: list[Known | None] = [None] * len(pairs)
    for number, (way,) in zip(found, seen, strict=True):
        known[number] = way
    return known


def _way(connection: Connection, network: int, pair: Pair, mode: Mode) -> Known | None:
    if pair.places is None:
        return None
    trip = Trip(*pair.places, mode)
    watched = _watched(connection, network, pair, trip)
    way = detour(connection, trip, dict.fromkeys(watched, SLOWER)) if watched else None
    if way is None:
        return None
    return Known(Option(way.mode, way.metres, way.seconds), way.line, way.times_s)


def _watched(connection: Connection, network: int, pair: Pair, trip: Trip) -> list[int]:
    """The streets near the trip that other cameras than the pair's looked at then."""
    box = around((trip.start, trip.end), MARGIN_M)
    query = _IN_VIEW.format(standing=STANDING, table=edges_table(network))
    values = {
        **asdict(box),
        "at": pair.start.arrived,
        "without": [pair.start.camera, pair.end.camera],
        "assumed_m": ASSUMED_M,
        "most": MOST_EDGES,
    }
    return list(connection.execute(text(query), values).scalars())
