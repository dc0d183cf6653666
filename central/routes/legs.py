"""The legs of a route from its stops: everything is asked of the database at once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sqlalchemy import Connection, text

from central.routes.confirmed import end_of
from central.routes.ends import End
from central.routes.impossible import contradicted
from central.routes.judging import judge
from central.routes.looking import looked
from central.routes.model import Leg, Stop
from central.routes.route import Known, leg
from central.routes.verdicts import Between, LegType, Reason, Verdict
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

    A stop that nobody reaches from an earlier one that lasted longer than the one before is not
    reached either. `network`: streets are imported. A few queries for some dozens of stops.
    """
    longer = _longer(stops)
    ends = [*pairwise(stops), *((stops[one], stops[two]) for two, one in longer.items())]
    metres = _distances(connection, ends)
    every = [Pair(a, b, m) for (a, b), m in zip(ends, metres, strict=True)]
    pairs, more = every[: len(stops) - 1], every[len(stops) - 1 :]
    ways = looked(connection, pairs, ways_between(connection, pairs, network=network))
    fastest = ways_between(connection, more, network=network, k=1)
    others = {
        two: _impossible(pair, some, network=network)
        for two, pair, some in zip(longer, more, fastest, strict=True)
    }
    return [
        _leg(pair, some, others.get(number), network=network)
        for number, (pair, some) in enumerate(zip(pairs, ways, strict=True), start=1)
    ]


def _longer(stops: Sequence[Stop]) -> dict[int, int]:
    """For each stop the earlier one that ended last, where that is not the one just before it."""
    found, last = dict[int, int](), 0
    for number in range(1, len(stops)):
        if stops[number - 1].left >= stops[last].left:
            last = number - 1
        else:
            found[number] = last
    return found


def _impossible(pair: Pair, ways: Sequence[Known], *, network: bool) -> Verdict | None:
    """Why the pair's end is not reached from its start, which is not the stop just before it."""
    found = contradicted(*_ends(pair), _between(pair, ways, network=network))
    also = Reason("also", {"stop": str(pair.start.number), "camera": pair.start.camera})
    return found and replace(found, reasons=[also, *found.reasons])


def _leg(pair: Pair, ways: Sequence[Known], impossible: Verdict | None, *, network: bool) -> Leg:
    verdict = judge(*_ends(pair), _between(pair, ways, network=network))
    if verdict.type is not LegType.CONTRADICTION and impossible is not None:
        # Its figures stay those of the two stops.
        verdict = replace(
            verdict,
            type=LegType.CONTRADICTION,
            reasons=impossible.reasons,
            explanations=impossible.explanations,
            chosen=None,
            plausible=[],
            ask_again=[],
        )
    return leg((pair.start, pair.end), verdict, ways, pair.metres)


def _between(pair: Pair, ways: Sequence[Known], *, network: bool) -> Between:
    return Between(pair.metres, [known.option for known in ways], network, pair.shows)


def _ends(pair: Pair) -> tuple[End, End]:
    return end_of(pair.start, pair.start.went), end_of(pair.end, pair.end.came)


def _distances(connection: Connection, ends: Sequence[tuple[Stop, Stop]]) -> list[float | None]:
    """Geodesic metres between two stops each; None where a place is not known."""
    starts, finishes = [start.went for start, _ in ends], [end.came for _, end in ends]
    values = {
        "a_lons": [place and place.lon for place in starts],
        "a_lats": [place and place.lat for place in starts],
        "b_lons": [place and place.lon for place in finishes],
        "b_lats": [place and place.lat for place in finishes],
    }
    return list(connection.execute(_DISTANCES, values).scalars())
