"""From stops to a route: order, legs, path, GeoJSON. No input or output here."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from central.routes.model import Leg, Route, Stop, seconds
from central.values import LonLat, iso
from shared.clock import to_ms

_HALF_TURN = 180.0
# Enough for a thousandth of a metre per second; below it, the clock's step is what is measured.
_DIGITS = 3


def legs_between(stops: Sequence[Stop], distances: Sequence[float | None]) -> list[Leg]:
    """The leg to each stop but the first; `distances` in metres, one for each leg."""
    return [
        _leg(start, end, distance)
        for (start, end), distance in zip(pairwise(stops), distances, strict=True)
    ]


def path_of(stops: Sequence[Stop]) -> str | None:
    """The stops as extended well-known text of a LINESTRING M, M = seconds since the epoch.

    A stop gives a point where it was arrived at and one where it was left, as long as M rises, as
    ST_IsValidTrajectory asks: of stops that overlap, the part that is already past is left out.
    None where fewer than two points remain.
    """
    points: list[tuple[LonLat, float]] = []
    for stop, until in zip(stops, [*(s.arrived for s in stops[1:]), None], strict=True):
        for moment in _seen(stop, until):
            second = to_ms(moment) / 1000
            if stop.position is not None and (not points or second > points[-1][1]):
                points.append((stop.position, second))
    if len(points) < 2:  # noqa: PLR2004 - the ends of a line
        return None
    text = ", ".join(f"{place.lon!r} {place.lat!r} {second:.3f}" for place, second in points)
    return f"SRID=4326;LINESTRING M({text})"


def build(
    identifier: UUID, name: str | None, created_at: datetime, way: tuple[list[Stop], list[Leg]]
) -> Route:
    """The route of `way`: its stops in order of arrival, and the legs between them."""
    stops, legs = way
    return Route(
        id=identifier,
        name=name,
        created_at=created_at,
        stops=stops,
        legs=legs,
        distance_m=round(sum(leg.distance_m or 0 for leg in legs), 1),
        duration_s=seconds(stops[0].arrived, max(stop.left for stop in stops)),
        unplaced=sorted({stop.camera for stop in stops if stop.position is None}),
        geojson=_collection(stops, legs),
    )


def line(start: LonLat, end: LonLat) -> dict[str, Any]:
    """A straight GeoJSON line, the short way around, cut in two where it crosses the date line."""
    ends = [[start.lon, start.lat], [end.lon, end.lat]]
    if abs(end.lon - start.lon) <= _HALF_TURN:
        return {"type": "LineString", "coordinates": ends}
    side = _HALF_TURN if start.lon > 0 else -_HALF_TURN
    unrolled = end.lon + 2 * side
    part = (side - start.lon) / (unrolled - start.lon)
    latitude = start.lat + part * (end.lat - start.lat)
    return {
        "type": "MultiLineString",
        "coordinates": [[ends[0], [side, latitude]], [[-side, latitude], ends[1]]],
    }


def _leg(start: Stop, end: Stop, distance: float | None) -> Leg:
    gap = seconds(start.left, end.arrived)
    between_pictures = seconds(start.shot, end.shot)
    return Leg(
        from_=start.number,
        to=end.number,
        distance_m=None if distance is None else round(distance, 1),
        duration_s=max(gap, 0.0),
        overlap_s=max(-gap, 0.0),
        speed_m_s=round(distance / between_pictures, _DIGITS)
        if distance is not None and between_pictures > 0
        else None,
        geometry=line(start.position, end.position) if start.position and end.position else None,
    )


def _seen(stop: Stop, until: datetime | None) -> list[datetime]:
    """When the stop's position is known: on arrival, and on leaving if nothing came between."""
    return [stop.arrived, stop.left] if until is None or stop.left < until else [stop.arrived]


def _collection(stops: list[Stop], legs: list[Leg]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [*map(_stop_feature, stops), *map(_leg_feature, legs)],
    }


def _stop_feature(stop: Stop) -> dict[str, Any]:
    place = stop.position
    return {
        "type": "Feature",
        "geometry": place and {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "kind": "stop",
            "number": stop.number,
            "sighting_id": str(stop.sighting_id),
            "camera": stop.camera,
            "camera_name": stop.camera_name,
            "arrived": iso(stop.arrived),
            "left": iso(stop.left),
            "dwell_s": stop.dwell_s,
        },
    }


def _leg_feature(leg: Leg) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": leg.geometry,
        "properties": {"kind": "leg", **leg.model_dump(by_alias=True, exclude={"geometry"})},
    }
