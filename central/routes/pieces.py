"""What was travelled, in pieces: a contradiction is never among them. No input or output here."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from central.routes.model import Leg, Stop
from shared.clock import to_ms


class Point(NamedTuple):
    """A place in degrees, and when: seconds since the epoch, to the millisecond."""

    lon: float
    lat: float
    second: float


class Piece(NamedTuple):
    """From one stop to another with nothing impossible or unknown between; times rise."""

    from_stop: int
    to_stop: int
    points: list[Point]


def pieces(stops: Sequence[Stop], legs: Sequence[Leg]) -> list[Piece]:
    """The way taken, cut where a leg cannot have been travelled or a place is not known.

    A stop gives a point where it was arrived at and one where it was left, a leg those of its way
    between. As ST_IsValidTrajectory asks, times rise: of stops that overlap, the part that is
    already past is left out. A piece has at least one point.
    """
    found: list[Piece] = []
    for number, stop in enumerate(stops):
        if stop.came is None:
            continue
        joined = number > 0 and legs[number - 1].geometry is not None and found
        if joined:
            begun, points = found[-1].from_stop, found.pop().points
            _add(points, _way(legs[number - 1]))
        else:
            begun, points = stop.number, []
        _add(points, _stay(stop, _next_arrival(number, stops, legs)))
        if points:
            found.append(Piece(begun, stop.number, points))
    return found


def to_ewkt(piece: Piece) -> str | None:
    """Extended well-known text of a LINESTRING M; None where it has fewer than two points."""
    if len(piece.points) < 2:  # noqa: PLR2004 - the ends of a line
        return None
    text = ", ".join(f"{lon!r} {lat!r} {second:.3f}" for lon, lat, second in piece.points)
    return f"SRID=4326;LINESTRING M({text})"


def _way(leg: Leg) -> Iterator[Point]:
    """The places between its ends; those belong to the stops."""
    if leg.geometry is not None and leg.times is not None and leg.geometry["type"] == "LineString":
        for (lon, lat), second in list(zip(leg.geometry["coordinates"], leg.times, strict=True))[
            1:-1
        ]:
            yield Point(lon, lat, second)


def _stay(stop: Stop, until: datetime | None) -> Iterator[Point]:
    """When its place is known: on arrival, and on leaving if nothing came between."""
    if stop.came is not None and stop.went is not None:
        yield Point(stop.came.lon, stop.came.lat, to_ms(stop.arrived) / 1000)
        if until is None or stop.left < until:
            yield Point(stop.went.lon, stop.went.lat, to_ms(stop.left) / 1000)


def _next_arrival(number: int, stops: Sequence[Stop], legs: Sequence[Leg]) -> datetime | None:
    """When the next stop of the same piece began."""
    joined = number < len(legs) and legs[number].geometry is not None
    return stops[number + 1].arrived if joined else None


def _add(points: list[Point], more: Iterator[Point]) -> None:
    for point in more:
        if not points or point.second > points[-1].second:
            points.append(point)
