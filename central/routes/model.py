"""A route as it is asked for, kept and drawn."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from central.values import Instant, Line, LonLat, Model

MAX_STOPS = 500

_EXAMPLE: JsonDict = {
    "name": "Report 2026-0131",
    "stops": [
        {"sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"},
        {"sighting_id": "019c1a2c-0000-7abc-9def-0123456789ab"},
    ],
    "purpose": "missing child, report 2026-0131",
}


class StopRequest(Model):
    """A sighting that was confirmed."""

    sighting_id: UUID


class RouteRequest(Model):
    """The confirmed sightings of one person or vehicle, in any order."""

    name: Line | None = None
    stops: Annotated[list[StopRequest], Field(min_length=1, max_length=MAX_STOPS)]
    purpose: Annotated[Line | None, Field(description="why; written to the log")] = None

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class Stop(Model):
    """One confirmed sighting, `number` from 1 in the order of arrival.

    Sightings at one camera in a row stay stops of their own: each was confirmed by itself.
    `position` is null where the camera is not placed on the map.
    """

    number: int
    sighting_id: UUID
    camera: str
    camera_name: str
    position: LonLat | None
    arrived: Instant
    shot: Instant
    left: Instant
    dwell_s: float


class Leg(Model):
    """From one stop to the next, straight for now.

    `duration_s` is from leaving to arriving; 0 where the next stop began before this one ended,
    by `overlap_s`. `distance_m` is the shortest way over the WGS 84 ellipsoid, null where a camera
    is not placed. `speed_m_s` is that distance over the time between the two pictures: a camera's
    place stands for where the object was all the while it was seen, so views that touch, with no
    time between leaving and arriving, say nothing about speed. It is null without distance or
    where the second picture is not the later one. `geometry` is a GeoJSON LineString, or a
    MultiLineString cut at the date line (RFC 7946, section 3.1.9).
    """

    from_: Annotated[int, Field(alias="from")]
    to: int
    distance_m: float | None
    duration_s: float
    overlap_s: float
    speed_m_s: float | None
    geometry: dict[str, Any] | None

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class RouteSummary(Model):
    """A kept route in a list."""

    id: UUID
    name: str | None
    created_at: Instant
    stops: int


class Route(Model):
    """The way taken, as far as it was seen.

    `distance_m` adds up the legs whose cameras are placed; `unplaced` names the others' cameras.
    `duration_s` is from the first arrival to the last leaving. A route is kept as what it is, the
    record of a case: `expired` names the stops whose sightings were kept long enough and are gone,
    picture, vector and attributes. What stands here of them (camera, place, times) is all there is.
    """

    id: UUID
    name: str | None
    created_at: Instant
    stops: list[Stop]
    legs: list[Leg]
    distance_m: float
    duration_s: float
    unplaced: list[str]
    expired: list[UUID] = []
    geojson: dict[str, Any]


def seconds(start: datetime, end: datetime) -> float:
    """Seconds from `start` to `end`, to the millisecond."""
    return round((end - start).total_seconds(), 3)
