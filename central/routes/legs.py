"""The legs of a route from its stops: everything is asked of the database at once."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Connection, text

from central.routes.confirmed import end_of
from central.routes.judging import Between, judge
from central.routes.looking import looked
from central.routes.model import Leg, Stop
from central.routes.route import Known, leg
from central.routes.ways import Pair, ways_between

_DISTANCES = text(
    """
    SELECT ST_Distance(ST_MakePoint(a_lon, a_lat)::geography, ST_MakePoint(b_lon, b_lat)::geography)
    FROM unnest(
        CAST(:a_lons AS float8[]), CAST(:a_lats AS float8[]),
        CAST(:b_lons AS float8[]), CAST(:b_lats AS float8[])
    ) WITH ORDINALITY AS leg (a_lon, a_lat, b_lon, b_lat, number)
    ORDER BY number
    """
)


def legs_between(connection: Connection, stops: Sequence[Stop], *, network: bool) -> list[Leg]:
    """The leg to each stop but the first, judged, with the ways that may have been taken.

    `network`: streets are imported. A few queries for some dozens of stops.
    """
    metres = _distances(connection, stops)
    pairs = [Pair(a, b, m) for (a, b), m in zip(pairwise(stops), metres, strict=True)]
    ways = looked(connection, pairs, ways_between(connection, pairs, network=network))
    return [_judged(pair, some, network=network) for pair, some in zip(pairs, ways, strict=True)]


def _judged(pair: Pair, ways: Sequence[Known], *, network: bool) -> Leg:
    between = Between(pair.metres, [known.option for known in ways], network, pair.shows)
    verdict = judge(end_of(pair.start, pair.start.went), end_of(pair.end, pair.end.came), between)
    return leg((pair.start, pair.end), verdict, ways, pair.metres)


def _distances(connection: Connection, stops: Sequence[Stop]) -> list[float | None]:
    """Geodesic metres from each stop to the next; None where a place is not known."""
    starts, ends = [stop.went for stop in stops[:-1]], [stop.came for stop in stops[1:]]
    values = {
        "a_lons": [place and place.lon for place in starts],
        "a_lats": [place and place.lat for place in starts],
        "b_lons": [place and place.lon for place in ends],
        "b_lats": [place and place.lat for place in ends],
    }
    return list(connection.execute(_DISTANCES, values).scalars())
